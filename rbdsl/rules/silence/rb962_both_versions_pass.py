"""An expectation that what is wrong fulfils as well: the version that has to go, another state.

## Why

`contains "2.1"` asks whether 2.1 runs, and the answer `2.10` contains it. The check is green before
the rollback, green after it, and green when the rollback did nothing. So does `unhealthy` contain
`healthy`, and `NotReady` contains `Ready`: the check holds for exactly what it is to find. And
`for host in a b; do ask "$host"; done` contains the answer where one host of two gives it.

## Bad

```rbplan
service labels in production { version "2.1" -> "2.10" }
verification {
  check version "2.1 runs" { expect `curl -fsS --max-time 5 https://labels/version` contains "2.1" }
}
```

## Good

```rbplan
service labels in production { version "2.1" -> "2.10" }
verification {
  check version "2.1 runs" { expect `curl -fsS --max-time 5 https://labels/version` equals "2.1" }
}
```

## How it can be fooled

Both versions have to be in the plan (`version "old" -> "new"`), and the version has to stand in
the matcher, or in the pattern of `grep` or `jq`. It is taken for granted that the answer for the
new version is that for the old one with the other number in it. Of states those are known whose
opposite contains them (`active`, `ready`, `connected`, `valid` …), in matchers, in `grep`, and in
tests such as `[[ $s == *active* ]]`. An endpoint that is asked by `curl --fail` is left alone: it
answers with an error where it is not healthy. Of a loop over hosts the answers are taken to be
told apart by the matcher alone, where no command in it can fail at a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.analysis.judged import is_judged
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.model.plan import Plan, Service
from rbdsl.model.steps import MatcherKind
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall, Role
from rbdsl.rules.restoring import mentions_version
from rbdsl.rules.silence.answers import expectation
from rbdsl.rules.silence.one_of_several import answers_of_which_one_is_enough
from rbdsl.rules.silence.opposite_states import looked_for, may_say, opposite
from rbdsl.source import Span

CODE = Code("RB962", "both-versions-pass", Severity.WARNING)

_AROUND = ("{}", "v{}", ":{}", '"{}"', "={}", " {} ", "-{}", "/{}", "-{}.")
"""What stands around a version in an answer."""
_COUNTED = lazy_pattern(r"-\w*[ABCmfdD]\Z")
_ONE_SIGN = lazy_pattern(r"\[([^]\[^])\]")
_NUMBERS = lazy_pattern(r"\[\^?[^]]*\]|\{\d*,?\d*\}")
"""In a pattern: `[0-9]` and `{1,2}` are digits of no version."""
_JQ_PATTERN = lazy_pattern(r'\b(?:test|contains|startswith|inside|match)\(\s*"([^"]+)"')


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such expectation."""
    yield from _of_states(context)
    versions = list(_versions(context.plan))
    if not versions:
        return
    for place in context.places:
        if place.captures or place.role not in (Role.EXPECT, Role.DONE_WHEN):
            continue
        for span, text, literal in _asked(place):
            found = _fulfilled(text, _about(place, versions), literal=literal)
            if found is not None:
                yield _report(span, *found)


def _of_states(context: Context) -> Iterator[Diagnostic]:
    """What looks for a state that its opposite contains, or for one right answer of several."""
    for place in context.places:
        if place.role in (Role.QUERY, Role.DEPLOY):
            continue
        asked = list(looked_for(place))
        own = expectation(place)
        if own is not None and own.matcher is not None and is_judged(own):
            kind = own.matcher.kind
            if kind in (MatcherKind.CONTAINS, MatcherKind.MATCHES):
                text = place.filled(own.matcher.value.plain)
                asked.append((own.matcher.span, text, kind is MatcherKind.CONTAINS, False))
            count = answers_of_which_one_is_enough(place, own.matcher)
            if count > 1:
                yield CODE.at(
                    own.matcher.span,
                    f"one right answer of {count} is enough: the others may say anything",
                    hint='compare them all: `… | sort -u`, and `equals "…"`',
                )
                continue
        for span, text, literal, any_case in asked:
            found = opposite(text, literal=literal, ignores_case=any_case)
            if found and may_say(place, found[0]):
                yield CODE.at(
                    span,
                    f"an answer with `{found[1]}` passes as well as one with `{found[0]}`, which "
                    "is in it",
                    hint=f'compare the whole answer: `equals "{found[0]}"`, or `grep -qx`',
                )


def _versions(plan: Plan) -> Iterator[tuple[Service, str, str]]:
    """The services with both of their versions, without `v` at the start."""
    for service in plan.services:
        if service.restored and service.replaced:
            old = service.restored.plain.removeprefix("v")
            new = service.replaced.plain.removeprefix("v")
            if old != new and re.search(r"\d", old) and "$" not in old + new:
                yield service, old, new


def _about(place: Place, versions: list[tuple[Service, str, str]]) -> list[tuple[str, str]]:
    """The versions of the services that a piece of shell is there for; without such, of all."""
    names = place.step.services if place.step else place.check.subjects if place.check else ()
    own = {name.text for name in names}
    meant = [entry for entry in versions if entry[0].name.text in own]
    return [(old, new) for _, old, new in meant or versions]


def _asked(place: Place) -> Iterator[tuple[Span, str, bool]]:
    """What is looked for in an answer, and whether it is a text and no pattern."""
    own = expectation(place)
    if own is not None and own.matcher is not None:
        kind = own.matcher.kind
        if kind in (MatcherKind.CONTAINS, MatcherKind.MATCHES):
            text = place.filled(own.matcher.value.plain)
            yield own.matcher.span, text, kind is MatcherKind.CONTAINS
    for placed in place.calls:
        yield from _of_call(placed)


def _of_call(placed: PlacedCall) -> Iterator[tuple[Span, str, bool]]:
    call = placed.call
    if call.tested == "!":
        return
    if call.program in ("grep", "egrep", "fgrep", "zgrep"):
        if call.has("w", "x", "word-regexp", "line-regexp", "v", "invert-match"):
            return
        pattern = call.value("e", "regexp") or _pattern(call)
        literal = call.program == "fgrep" or call.has("F", "fixed-strings")
        yield placed.span, placed.filled(pattern), literal
    elif call.program == "jq":
        for operand in call.operands[:1]:
            for pattern in _JQ_PATTERN.findall(operand):
                literal = f'test("{pattern}"' not in operand
                yield placed.span, placed.filled(pattern).replace("\\\\", "\\"), literal


def _pattern(call: Call) -> str:
    """The first word of `grep` that is neither an option nor the number behind one."""
    before = ""
    for word in call.words[1:]:
        if not word.text.startswith("-") and not _COUNTED.match(before):
            return word.text
        before = word.text
    return ""


def _fulfilled(
    text: str, versions: list[tuple[str, str]], *, literal: bool
) -> tuple[str, str] | None:
    """The versions of which either one fulfils what is asked for, where the old one is meant."""
    for old, new in versions:
        said = text if literal else _NUMBERS.sub("?", _ONE_SIGN.sub(r"\1", text)).replace("\\", "")
        if not mentions_version(said, old):
            continue
        if literal and text in text.replace(old, new):
            return old, new
        if not literal and any(_matches(text, old, new, around) for around in _AROUND):
            return old, new
    return None


def _matches(pattern: str, old: str, new: str, around: str) -> bool:
    try:
        asks = re.compile(pattern)
    except re.error:
        return False
    return bool(asks.search(around.format(old)) and asks.search(around.format(new)))


def _report(span: Span, old: str, new: str) -> Diagnostic:
    escaped = old.replace(".", r"\.")
    return CODE.at(
        span,
        f"an answer with `{new}`, the version that has to go, passes as well as one with `{old}`",
        hint=f'compare the whole answer: `equals "{old}"`, or `grep -Eqx "v?{escaped}"`',
    )
