"""How long a phase can take at most and still succeed.

The worst case is the longest run that *succeeds*: every step succeeds at its last attempt, just
before its time limit, and every person decides at the last moment. A run that fails ends
earlier, and what follows it (undo, escalation) is not on the SLA clock of this plan.

What the plan *allows* an item in numbers:

- a step its `timeout`, else its `takes`, and the time that its expectations may poll (`within`),
  × attempts, plus the pause before each further attempt;
- a gate its `timeout`, a manual step its `timeout`, else its `takes`;
- a check that `verify` runs its `timeout` and how long it polls, a metric bound its `within`.
  Checks run one after another, confirmations stop nothing.

From this comes the time limit of a phase: its `timeout`, else its budget, or what its items are
allowed where that is more, so that no step is stopped that keeps to its own limits.

How long the script can spend on an item is more. Each question has the whole limit of its step or
check (a check's is a minute unless stated): `done_when` once, an expectation once, and with
`within` once more when the time of the poll is over. A sample of a metric takes five seconds at
most. What only says what it `takes`, or nothing, has no limit of its own.

So the worst case of a phase is the sum of what its items can spend, and half a minute for each
probe of a point of no return that is asked before it, at most its time limit. After that come the
`ensure` steps, which no limit of the phase stops (their own, unless stated, is its budget). The
five seconds for what does not end when it is told to are not counted. The worst case of a
timeline is the longest path over those of its phases.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from rbdsl.model.plan import Phase, Plan, PointOfNoReturn
from rbdsl.model.proof import Verification
from rbdsl.model.steps import Expectation, Gate, Item, Manual, Step

_CHECK_MS = 60_000
_SAMPLE_MS = 5_000
_PROBE_MS = 30_000


def phase_worst_ms(
    phase: Phase, items: Iterable[Item], plan: Plan, skipped: Collection[str] = ()
) -> int:
    """The worst case of a phase in which these items and its `ensure` steps run, in milliseconds.

    `skipped` are the names of the checks that `verify` leaves out.
    """
    most = phase_limit_ms(phase, plan.verification)
    spent = [_spent_ms(item, plan.verification, skipped) for item in items]
    known = [ms for ms in spent if ms is not None]
    if len(known) == len(spent):
        probes = sum(_asked(point, phase) for point in plan.points_of_no_return)
        most = min(most, sum(known) + _PROBE_MS * probes)
    return most + sum(ensure_ms(step, phase) for step in phase.ensure)


def phase_limit_ms(phase: Phase, verification: Verification | None) -> int:
    """When a phase is stopped, in milliseconds."""
    if phase.timeout:
        return phase.timeout.ms
    return max(phase.budget.ms, allowed_in_phase_ms(phase, verification))


def allowed_in_phase_ms(phase: Phase, verification: Verification | None) -> int:
    """What the plan allows all items and `ensure` steps of a phase, at most its `timeout`."""
    total = sum(allowed_ms(item, verification) for item in (*phase.items, *phase.ensure))
    return min(total, phase.timeout.ms) if phase.timeout else total


def allowed_ms(item: Item, verification: Verification | None) -> int:
    """What the plan allows one item in numbers, in milliseconds; 0 where it gives none."""
    if isinstance(item, Step):
        limit = item.timeout or item.takes
        attempt = (limit.ms if limit else 0) + _polling_ms(item.expectations)
        return attempt * item.attempts + _pauses_ms(item)
    if isinstance(item, Gate | Manual):
        limit = item.timeout or (item.takes if isinstance(item, Manual) else None)
        return limit.ms if limit else 0
    if verification is None:
        return 0
    return sum(bound.within.ms for bound in verification.bounds if bound.within) + sum(
        _polling_ms(check.expectations) + (check.timeout.ms if check.timeout else 0)
        for check in verification.checks
    )


def ensure_ms(step: Step, phase: Phase) -> int:
    """How long the script can spend on an `ensure` step, which is not asked whether it is done."""
    return _attempts_ms(step, step.timeout.ms if step.timeout else phase.budget.ms)


def _spent_ms(
    item: Item, verification: Verification | None, skipped: Collection[str]
) -> int | None:
    """How long the script can spend on an item; None where only its phase limits it."""
    if isinstance(item, Step):
        if item.run is None and item.notify:
            return 0  # it is handed on at once
        if item.timeout is None:
            return None
        limit = item.timeout.ms
        return (limit if item.done_when else 0) + _attempts_ms(item, limit)
    if isinstance(item, Gate | Manual):
        return item.timeout.ms if item.timeout else None
    if verification is None:
        return 0
    total = sum(_SAMPLE_MS + (b.within.ms if b.within else 0) for b in verification.bounds)
    for check in verification.checks:
        if check.name.text not in skipped:
            limit = check.timeout.ms if check.timeout else _CHECK_MS
            total += max(limit, _asking_ms(check.expectations, limit))
    return total


def _attempts_ms(step: Step, limit_ms: int) -> int:
    attempt = limit_ms + _asking_ms(step.expectations, limit_ms)
    return attempt * step.attempts + _pauses_ms(step)


def _pauses_ms(step: Step) -> int:
    return (step.attempts - 1) * (step.retry.delay_ms if step.retry else 0)


def _asking_ms(expectations: Collection[Expectation], limit_ms: int) -> int:
    return limit_ms * len(expectations) + _polling_ms(expectations)


def _polling_ms(expectations: Iterable[Expectation]) -> int:
    return sum(e.within.ms for e in expectations if e.within)


def _asked(point: PointOfNoReturn, phase: Phase) -> bool:
    blocked = {name.text for name in point.blocks}
    return point.crossed_when is not None and phase.name.text in blocked
