"""A change that is only begun, and nothing waits for its end: `rollout undo`, `helm rollback`.

## Why

The command hands the change over and comes back within a second. Pods that do not start, a task
that is stopped again and again, a restore that takes an hour: the rollback goes on to the next
phase, often to traffic, on top of what is not there yet.

## Bad

```rbplan
phase back "Back" {
  budget 3m
  step undo "Undo" { run `kubectl -n shop rollout undo deployment/shop --to-revision=41` }
  step open "Open" { run `./scripts/traffic.sh open` }
}
```

## Good

```rbplan
phase back "Back" {
  budget 3m
  step undo "Undo" {
    run    `kubectl -n shop rollout undo deployment/shop --to-revision=41`
    expect `kubectl -n shop rollout status deployment/shop --timeout=120s`
  }
  step open "Open" { run `./scripts/traffic.sh open` }
}
```

It may also be waited for in a later step or in the verification: what counts is the order in which
phases run.

## How it can be fooled

Any expectation of the same step counts, whatever it asks. Objects are told apart by their names,
as far as those are written down. A file that is applied (`kubectl apply -f`) may hold nothing that
takes time; any later waiting counts for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall, Role
from rbdsl.rules.silence.early import Early, Where, early, is_waiting, waits
from rbdsl.rules.silence.later import Looking, asked_again, is_expected, looking

CODE = Code("RB847", "not-waited-for", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such change."""
    later: Looking | None = None
    for placed in context.calls:
        if placed.place.role is not Role.RUN or placed.place.captures:
            continue
        what = early(placed)
        if what and what.where is Where.ORCHESTRATOR and not _is_taken_care_of(placed):
            later = later or looking(context, is_waiting, asked_again)
            if not _waited_for(placed, what, later):
                yield _report(placed, what)


def _is_taken_care_of(placed: PlacedCall) -> bool:
    return is_expected(placed.place.step) or placed.call.tested in ("if", "while")


def _waited_for(placed: PlacedCall, what: Early, later: Looking) -> bool:
    if any(waits(other, what) for other in later.behind(placed)):
        return True
    for place, calls in later.after(placed):
        if asked_again(place) and (not what.names or _names_it(place.shell.text, what)):
            return True
        if any(waits(other, what) for other in calls):
            return True
    return False


def _names_it(text: str, what: Early) -> bool:
    return any(name in text for name in what.names)


def _report(placed: PlacedCall, what: Early) -> Diagnostic:
    of = f" of {what.names[0]}" if what.names else ""
    mend = what.hint if what.hint.startswith("leave") else f"write `{what.hint}`"
    return CODE.at(
        placed.span,
        f"`{what.act}` only begins the change{of}, and nothing afterwards waits for its end",
        hint=mend if what.hint.startswith(("leave", "--")) else f"let the step `expect` it: {mend}",
    )
