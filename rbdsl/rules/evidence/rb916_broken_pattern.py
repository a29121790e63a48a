"""The pattern of an expectation is no regular expression.

## Why

Bash can't match with it, so the expectation never holds: a step that has done its work is undone,
or a verification fails although all is well.

## Bad

```rbplan
phase apps "Applications" {
  budget 1m
  step count "Count" { run `true`; expect `./count.sh` matches "^[0-9+$" }
}
```

## Good

```rbplan
phase apps "Applications" {
  budget 1m
  step count "Count" { run `true`; expect `./count.sh` matches "^[0-9]+$" }
}
```

## How it can be fooled

Only brackets, groups and repetitions are looked at. A pattern with a variable in it is known when
the script runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.model.steps import Expectation, MatcherKind
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context

CODE = Code("RB916", "broken-pattern", Severity.ERROR)

_CLASS = lazy_pattern(r"\[\[:\w+:\]|\[:\w+:\]")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such pattern."""
    for expectation in _expectations(context):
        matcher = expectation.matcher
        if matcher is None or matcher.kind is not MatcherKind.MATCHES or matcher.value.references:
            continue
        problem = _problem(matcher.value.plain)
        if problem:
            yield CODE.at(
                matcher.value.span,
                f"this is no regular expression: {problem}",
                hint="what is to be taken literally stands behind a backslash: `\\\\[`",
            )


def _expectations(context: Context) -> Iterable[Expectation]:
    for step in context.plan.steps():
        yield from step.expectations
    for item in context.plan.verification.checks if context.plan.verification else ():
        yield from item.expectations


def _problem(pattern: str) -> str | None:
    """What Python's parser says of a pattern, with bash's classes of characters taken out."""
    # An empty alternative and a leading `*` are fine for the one and not for the other.
    text = _CLASS.sub(lambda found: "[a" if found[0].startswith("[[") else "a", pattern)
    try:
        re.compile(text)
    except re.error as error:
        return error.msg
    return None
