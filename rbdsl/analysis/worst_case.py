"""How long a phase can take at most and still succeed.

The worst case is the longest run that *succeeds*: every step succeeds at its last attempt, just
before its time limit, and every person decides at the last moment. A run that fails ends
earlier, and what follows it (undo, escalation) is not on the SLA clock of this plan. Exactly:

- a step with a `timeout`, else with `takes`, is *limited*: that time × attempts, plus the pause
  before each further attempt. The time that its expectations may poll (`within`) is added to each
  attempt; the moment that one question takes (an expectation without `within`, `done_when`) is
  not counted;
- a gate is limited by its `timeout`, a manual step by its `timeout`, else by `takes`;
- a check that `verify` runs is limited by its `timeout` and by how long it polls, added up; a
  metric bound by its `within`. Checks run one after another, confirmations stop nothing;
- everything else has no limit of its own and shares what the limited items leave of the phase's
  budget, because the budget is its time limit when the script runs;
- so the worst case of a phase is the sum of its limited items, but at least its budget where an
  item without a limit is among them, and at most the phase's `timeout` where it states one.
  `ensure` steps count like steps.

The worst case of a timeline is the longest path over those of its phases.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from rbdsl.model.plan import Phase
from rbdsl.model.proof import Verification
from rbdsl.model.steps import Expectation, Gate, Item, Manual, Step


def phase_worst_ms(
    phase: Phase,
    items: Iterable[Item],
    verification: Verification | None,
    skipped: Collection[str] = (),
) -> int:
    """The worst case of a phase in which these items run, in milliseconds.

    `skipped` are the names of the checks that `verify` leaves out.
    """
    total = 0
    unlimited = False
    for item in items:
        limit, open_end = item_worst_ms(item, verification, skipped)
        total += limit
        unlimited = unlimited or open_end
    if unlimited:
        total = max(total, phase.budget.ms)
    return min(total, phase.timeout.ms) if phase.timeout else total


def item_worst_ms(
    item: Item, verification: Verification | None, skipped: Collection[str] = ()
) -> tuple[int, bool]:
    """The worst case of one item in milliseconds, and whether it has a part without a limit."""
    match item:
        case Step():
            return step_worst_ms(item)
        case Gate():
            return (item.timeout.ms, False) if item.timeout else (0, True)
        case Manual():
            limit = item.timeout or item.takes
            return (limit.ms, False) if limit else (0, True)
    return _verify_worst_ms(verification, skipped)


def step_worst_ms(step: Step) -> tuple[int, bool]:
    """The worst case of a step in milliseconds, and whether its command has no limit."""
    limit = step.timeout or step.takes
    polling = _polling_ms(step.expectations)
    pauses = (step.attempts - 1) * (step.retry.delay_ms if step.retry else 0)
    attempt = (limit.ms if limit else 0) + polling
    return attempt * step.attempts + pauses, limit is None


def _verify_worst_ms(
    verification: Verification | None, skipped: Collection[str]
) -> tuple[int, bool]:
    if verification is None:
        return 0, False
    total = sum(bound.within.ms for bound in verification.bounds if bound.within)
    unlimited = False
    for check in verification.checks:
        if check.name.text in skipped:
            continue
        limit = _polling_ms(check.expectations) + (check.timeout.ms if check.timeout else 0)
        total += limit
        unlimited = unlimited or not limit
    return total, unlimited


def _polling_ms(expectations: Iterable[Expectation]) -> int:
    return sum(e.within.ms for e in expectations if e.within)
