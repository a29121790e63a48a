"""A commit is named by its distance from the present one.

## Why

`HEAD~1` is one before whatever is checked out. After a hotfix on top it is the change itself;
after a merge it depends on which parent is meant; and the second run goes one further back.

## Bad

```rbplan
phase code "Code" {
  budget 2m
  step back "Back" {
    run `git -C /srv/shop checkout --detach HEAD~1`
    expect `./served.sh 3.1`
  }
}
```

## Good

```rbplan
phase code "Code" {
  budget 2m
  step back "Back" {
    run `git -C /srv/shop checkout --detach 4f2a9c1`
    expect `./served.sh 3.1`
  }
}
```

## How it can be fooled

By a tag that is moved. A branch is found only when pedantic findings are asked for: `git switch
main` often goes before a `git revert` of a named commit. In a step with `retry` it is RB970's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import acting, is_retried, shown
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB858", "relative-commit", Severity.WARNING)

_ACTING = frozenset(["revert", "reset", "checkout", "switch", "cherry-pick", "restore", "rebase"])
_PLAIN = (("HEAD", "revert"), ("-", "checkout"), ("-", "switch"))
_LISTS = (("tag",), ("for-each-ref",), ("branch",))
_CHOOSING = frozenset(["head", "tail", "sed", "awk"])
_NEW = frozenset(["-b", "-B", "-c", "--create", "--orphan"])
_ASKING = frozenset(["rev-parse", "describe", "rev-list", "log", "show"])
_RELATIVE = (
    r"(?:HEAD|@|\w+_HEAD|(?:\w+/)?(?:main|master|develop|production))"
    r"(?:[~^]\d*|@\{[^}]*\})+(?:\.\..*)?\Z"
)
_BRANCH = (
    r"(?:origin/|upstream/)?(?:main|master|develop|dev|production|prod|release|stable|trunk)\Z"
)
PROGRAMS = ("git",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    for placed in acting(context, *PROGRAMS):
        found = relative(placed)
        if found is None:
            continue
        name, severity = found
        if severity is not Severity.PEDANTIC and is_retried(placed):
            continue
        yield CODE.at(
            placed.span,
            f"`{name}` is whatever stands there when the step runs"
            if severity is Severity.PEDANTIC
            else f"`{name}` depends on what is checked out when the step runs",
            hint="name the commit or tag: `git rev-parse --verify v3.1.4^{commit}` tells it",
            severity=severity,
        )


def relative(placed: PlacedCall) -> tuple[str, Severity] | None:
    """What a call names by its distance from the present commit, and how bad that is."""
    call = placed.call
    verb, names = call.operands[:1], call.operands[1:]
    if "--" in [word.text for word in call.words] and verb == ("checkout",) and len(names) < 2:
        return None
    if verb in _LISTS and call.substituted and _CHOOSING.intersection(call.pipe[call.stage + 1 :]):
        return shown(call.text).strip("`"), CODE.severity
    asks = verb and verb[0] in _ASKING and call.substituted
    if not (asks or (verb and verb[0] in _ACTING)):
        return None
    sources = [*names, call.value("source", "s") or ""]
    for name in map(placed.filled, sources):
        if re.match(_RELATIVE, name) or (name, *verb) in _PLAIN:
            return name, CODE.severity
    if verb[0] in ("reset", "checkout", "switch") and _NEW.isdisjoint(placed.texts):
        branch = next((n for n in map(placed.filled, names) if re.match(_BRANCH, n)), None)
        return (branch, Severity.PEDANTIC) if branch else None
    return None
