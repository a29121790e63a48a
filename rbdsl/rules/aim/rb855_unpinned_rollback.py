"""A rollback goes to the version before the present one, whichever that is.

## Why

Without a revision `kubectl rollout undo` and `helm rollback` go one back. Where the failed version
was deployed twice, that is the failed version. Where the step is run a second time, after a
timeout or on resume, it goes forward again to what was to be removed.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step undo "Undo" {
    run `kubectl -n shop rollout undo deployment/shop`
    expect `./served.sh 3.1`
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step undo "Undo" {
    run `kubectl -n shop rollout undo deployment/shop --to-revision=41`
    expect `./served.sh 3.1`
  }
}
```

## How it can be fooled

A revision in a variable is believed. That the number is the right one nobody knows: compare the
image afterwards. In a step with `retry` it is RB970's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import acting, is_retried, shown
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB855", "unpinned-rollback", Severity.WARNING)

_COUNTED = {
    # program → the words of its rollback, and how many operands name object and revision
    "helm": (("rollback",), 2),
    "argocd": (("app", "rollback"), 2),
    "kamal": (("rollback",), 1),
    "vercel": (("rollback",), 1),
    "cf": (("rollback",), 2),
}


PROGRAMS = ("kubectl", "oc", "helm", "argocd", "heroku", "docker", "kamal", "vercel")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    for placed in acting(context, *PROGRAMS):
        hint = unpinned(placed)
        if hint and not is_retried(placed):
            yield CODE.at(
                placed.span,
                f"{shown(placed.call.text)} goes one back from whatever runs; a second time, it "
                "goes forward again",
                hint=hint,
            )


def unpinned(placed: PlacedCall) -> str:
    """How to name the revision, where a call does not; empty where it does."""
    call, operands = placed.call, placed.call.operands
    if call.has("dry-run", "help"):
        return ""
    if call.program in ("kubectl", "oc"):
        undoes = "undo" in operands and ("rollout" in operands or "rollouts" in operands)
        return (
            ""
            if not undoes or call.value("to-revision") not in (None, "0")
            else "name it: `--to-revision=N`, by `rollout history`"
        )
    if call.program == "heroku":
        undoes = operands[:1] in (("rollback",), ("releases:rollback",))
        named = any(re.fullmatch(r"v\d+|\$\w+", operand) for operand in operands[1:])
        return "name the release: `heroku rollback v41`" if undoes and not named else ""
    if call.program == "docker":
        undoes = operands[:2] == ("service", "rollback") or (
            operands[:2] == ("service", "update") and call.has("rollback")
        )
        return "name the image: `docker service update --image shop:3.1.4`" if undoes else ""
    words, count = _COUNTED[call.program]
    if operands[: len(words)] != words:
        return ""
    behind = operands[len(words) :]
    if len(behind) >= count and behind[-1] != "0":
        return ""
    return f"name it: {shown(' '.join((call.program, *words, *behind[:1], 'REVISION')))}"
