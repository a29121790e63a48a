"""Why a plan takes less time than before where that is no gain: something is left out of it.

A shorter budget, timeout or wait promises more. A phase, an order, a step, a check or an attempt
that is gone makes the sum smaller, too, and promises nothing: what is left takes as long as it did.
Where both come together nobody can say which of them it is, so that it is no gain, either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rbdsl.model.plan import Plan
from rbdsl.model.steps import Step
from rbdsl.review.changes.wording import counted, named


def left_out(old: Plan, new: Plan, renamed: Mapping[str, str]) -> str:
    """What is not on the clock any more, in words; empty where nothing is.

    `renamed`: the new names of phases by the old ones.
    """
    return next(_phases(old, new, renamed), "")


def left_undone(old: Plan, new: Plan, renamed: Mapping[str, str]) -> str:
    """What the worst case does not hold any more, also inside of phases; empty for nothing."""
    return next(_phases(old, new, renamed), "") or next(_work(old, new), "")


def _phases(old: Plan, new: Plan, renamed: Mapping[str, str]) -> Iterator[str]:
    there = {phase.name.text: phase for phase in new.phases}
    for phase in old.phases:
        after = there.get(renamed.get(phase.name.text, phase.name.text))
        if after is None:
            yield f"phase {named(phase.name)} is gone"
        elif after.off_clock and not phase.off_clock:
            yield f"phase {named(after.name)} is no longer counted"
        elif after.run_once and not phase.run_once:
            yield f"phase {named(after.name)} is not run in each region any more"
    was, now = _waits(old, renamed), _waits(new, {})
    for name, before in was.items():
        for other in sorted(before - now.get(name, set())):
            if name in there and other in there:
                yield f"phase {named(name)} no longer waits for {named(other)}"
    is_run = _runs(old), _runs(new)
    for what, number in is_run[0].items():
        if is_run[1][what] < number:
            yield f"it is run in {counted(is_run[1][what], what)}, was {number}"


def _runs(plan: Plan) -> dict[str, int]:
    regions = plan.regions
    return {
        "region": len(regions.names) if regions else 0,
        "wave": len(regions.waves) if regions else 0,
    }


def _waits(plan: Plan, renamed: Mapping[str, str]) -> dict[str, set[str]]:
    """All phases that are over before a phase begins, directly or not, by its name."""
    direct = {
        renamed.get(p.name.text, p.name.text): {
            renamed.get(n.text, n.text) for n in (*p.after, *p.needs)
        }
        for p in plan.phases
    }
    found: dict[str, set[str]] = {}
    for name, names in direct.items():
        waiting, seen = list(names), set(names)
        while waiting:
            further = direct.get(waiting.pop(), set()) - seen
            seen |= further
            waiting += further
        found[name] = seen
    return found


def _work(old: Plan, new: Plan) -> Iterator[str]:
    was, now = _counts(old), _counts(new)
    for what, number in was.items():
        if now[what] < number:
            less = number - now[what]
            yield f"there {'is' if less == 1 else 'are'} {less} {what}{'s' * (less > 1)} less"


def _counts(plan: Plan) -> dict[str, int]:
    """How much there is of what takes time."""
    steps = [step for phase in plan.phases for step in phase.all_steps]
    proof = plan.verification
    checks = proof.checks if proof else ()
    return {
        "step": len(steps),
        "gate": sum(len(phase.gates) for phase in plan.phases)
        + (len(plan.regions.gates) if plan.regions else 0),
        "manual step": sum(
            not isinstance(item, Step) for phase in plan.phases for item in phase.items
        )
        - sum(len(phase.gates) + phase.verifies for phase in plan.phases),
        "verification": sum(phase.verifies for phase in plan.phases),
        "check": len(checks) + (len(proof.bounds) if proof else 0),
        "expectation": sum(len(step.expectations) for step in steps)
        + sum(len(check.expectations) for check in checks),
        "attempt": sum(step.attempts for step in steps),
    }
