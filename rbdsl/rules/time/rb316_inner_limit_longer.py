"""A command may take longer, by its own time limit, than it is given.

The limit of its step (`timeout`, or else the budget of the phase) or the `timeout N` that it
stands behind is shorter.

## Why

The outer limit wins: the command is killed in the middle, and never says what it has been waiting
for. Helm dies before it can mark the release as failed: it stays in `pending-rollback`, and every
later `helm upgrade` or `helm rollback` refuses with "another operation is in progress".

## Bad

```rbplan
phase shop "Shop" {
  budget 9m
  step back "Revision 41" {
    timeout 3m
    run `helm rollback shop 41 -n shop --wait --timeout 8m`
  }
}
```

## Good

```rbplan
phase shop "Shop" {
  budget 9m
  step back "Revision 41" {
    timeout 8m30s
    run `helm rollback shop 41 -n shop --wait --timeout 8m`
  }
}
```

## How it can be fooled

Each command is judged alone: two that wait for two minutes each do not fit into three, and are not
reported. Limits that only the script knows are not seen, nor are those of programs that are not in
the table. Of a curl that tries again only the pauses are added up. A limit that a module has
written into its command is not compared with the timeout that a plan gives the step.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.values import Duration, show_ms
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall, Role
from rbdsl.rules.time.own_limits import Limit, own_limits, wrapping_limit

CODE = Code("RB316", "inner-limit-longer", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such command."""
    for place in context.places:
        if place.role is Role.QUERY:
            continue
        given = _given(place)
        for placed in place.calls:
            if not placed.call.background and not placed.call.function:
                yield from _judge(placed, given)


class _Given(NamedTuple):
    """What limits a piece of shell, and whose limit it is."""

    limit: Duration
    owner: str


def _given(place: Place) -> _Given | None:
    step, check_, phase = place.step, place.check, place.phase
    if step and step.timeout:
        return _Given(step.timeout, f"step `{step.name}`")
    if step and phase:
        return _Given(phase.budget, f"step `{step.name}`, which has the budget as its limit,")
    if check_ and check_.timeout:
        return _Given(check_.timeout, f"check `{check_.name}`")
    return None


def _judge(placed: PlacedCall, given: _Given | None) -> Iterator[Diagnostic]:
    wrapping = wrapping_limit(placed)
    inner = max(own_limits(placed), key=lambda limit: limit.ms, default=None)
    if inner and wrapping and inner.ms > wrapping.ms and not inner.certain:
        stops = f"`{wrapping.words}` before it stops it after {show_ms(wrapping.ms)}"
        yield _report(placed, inner, stops, wrapping.ms)
        return
    longest = wrapping or inner
    if given is None or longest is None or longest.ms <= given.limit.ms:
        return
    if longest.fixed and placed.place.step and placed.place.step.call:
        return  # the module's own: a plan that gives less time has chosen to
    stops = f"{given.owner} is stopped after {given.limit}"
    label = Label(given.limit.span, f"its limit of {given.limit}")
    yield _report(placed, longest, stops, given.limit.ms, label)


def _report(
    placed: PlacedCall, inner: Limit, stops: str, outer_ms: int, *labels: Label
) -> Diagnostic:
    program = placed.call.program or placed.call.words[0].text
    may = f"`{inner.words}` takes" if inner.certain else f"`{program}` may take"
    said = "" if inner.certain else f" (`{inner.words}`)"
    end = ", and leaves the release pending" if program == "helm" else ""
    return CODE.at(
        placed.span,
        f"{may} {show_ms(inner.ms)}{said}, and {stops}{end}",
        labels=labels,
        hint=f"let the outer limit be more than {show_ms(inner.ms)}, or the command's less than "
        f"{show_ms(outer_ms)}",
    )
