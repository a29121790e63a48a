"""`change && next` in the middle of a text: where the change fails, the text goes on.

## Why

A strict shell ends at a command that fails, but not at one that stands before `&&`. It takes that
for a question. Where `kubectl set image … && kubectl rollout status …` is followed by another line,
a change that was refused is passed over, and the step is done.

## Bad

```rbplan
phase back "Back" {
  budget 3m
  step image "Image" {
    run ```
      kubectl -n shop set image deployment/shop shop=shop:3.1.4 &&
        kubectl -n shop rollout status deployment/shop --timeout=90s
      kubectl -n shop annotate deployment/shop rolled-back=true --overwrite
    ```
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 3m
  step image "Image" {
    run ```
      kubectl -n shop set image deployment/shop shop=shop:3.1.4
      kubectl -n shop rollout status deployment/shop --timeout=90s
      kubectl -n shop annotate deployment/shop rolled-back=true --overwrite
    ```
  }
}
```

At the end of a text `a && b` is fine: its status is that of the step.

## How it can be fooled

Sure for commands that are known to change something. What has to fail for the rest to be skipped on
purpose is better written with `if`.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.silence.answers import leaves
from rbdsl.rules.silence.changes import act, changes

_ALSO = {
    # program → words that change nothing by themselves, and what follows needs what they do
    "git": ("fetch", "clone", "pull", "submodule", "stash"),
    "docker": ("stop", "rm", "pull", "load", "kill", "rename", "network"),
    "podman": ("stop", "rm", "pull", "load", "kill", "rename", "network"),
}
CODE = Code("RB837", "and-list-goes-on", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each change before `&&` whose failure ends nothing."""
    for placed in context.calls:
        call = placed.call
        if call.tested != "&&" or call.otherwise or call.strictness.last:
            continue
        if not placed.place.role.acts or call.function or leaves(placed):
            continue
        if changes(call) or (call.operands[:1] and call.operands[0] in _ALSO.get(call.program, ())):
            yield _report(placed)


def _report(placed: PlacedCall) -> Diagnostic:
    call = placed.call
    name = act(placed) if changes(call) else f"{call.program} {call.operands[0]}"
    return CODE.at(
        placed.span,
        f"a failure of `{name}` ends nothing: it stands before `&&`, and more follows",
        hint="write the two commands on lines of their own; a step ends at its first failure",
    )
