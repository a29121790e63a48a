"""Requirements on what runs: automation, verification, scenarios, regions, gates."""

from __future__ import annotations

from collections.abc import Sequence

from rbdsl.analysis.proofs.proof import (
    Facts,
    Proof,
    counted,
    listed,
    missing,
    proven,
    weakened,
)
from rbdsl.analysis.unfailing import HINT_TO_FAIL, WHATEVER, always_passes
from rbdsl.model.plan import Automation
from rbdsl.model.proof import Check, Verification
from rbdsl.model.steps import Gate, Manual, Step


def automation(facts: Facts) -> Proof:
    """Proven by `automation full` or `gated` and phases without manual steps.

    Gates are decisions and not work, so they do not weaken it; nor does what a person does off the
    clock, when the rollback is over. Fooled by a step that only prints what a person should do.
    """
    plan = facts.plan
    place = plan.automation_span or facts.level_span
    steps = [s for phase in plan.phases for s in phase.all_steps]
    on_clock = [phase for phase in plan.phases if phase.off_clock is None]
    by_hand = [i for phase in on_clock for i in phase.items if isinstance(i, Manual)]
    if plan.automation is Automation.MANUAL or not steps:
        why = "`automation manual`" if steps else "no step that a script could run"
        return missing(
            f"the plan has {why}", place, "write the steps as `run`, and `automation full`"
        )
    if by_hand:
        names = listed([f"“{item.title}”" for item in by_hand])
        return weakened(
            f"{len(by_hand)} of {len(steps) + len(by_hand)} steps are done by hand: {names}",
            by_hand[0].span,
            "turn the manual step into a `step` with `run`, or into a `gate` if it is a decision",
        )
    triggers = plan.triggers
    started = len(triggers.automatic) if triggers else 0
    starts = f", started by {counted(started, 'automatic trigger')}" if started else ""
    count = "its only step" if len(steps) == 1 else f"all {len(steps)} steps"
    return proven(f"the script runs {count}{starts}", place)


def verification_checklist(facts: Facts) -> Proof:
    """Proven by a `verification` with something critical in it, and a phase that runs it.

    A check whose failure is lost (`ask || true`), which only lists, whose matcher takes every
    answer, or which passes where it can't ask, is nothing critical. Fooled by checks that always
    hold for another reason.
    """
    block = facts.plan.verification
    if block is None or not (block.checks or block.bounds or block.confirms):
        return missing(
            "nothing verifies that the rollback worked",
            block.span if block else facts.level_span,
            "add `verification` with `check`, `metric` and `confirm`",
        )
    able = [check for check in block.checks if not always_passes(check, block.checks)]
    parts = _parts(block, block.checks)
    bounds = [bound for bound in block.bounds if not bound.warn]
    critical = [check for check in block.checks if not check.warn]
    if critical and not bounds and all(check not in able for check in critical):
        passing = [always_passes(check, block.checks) for check in critical]
        sure = all(how == WHATEVER for how in passing)
        fails = "can fail it" if sure else "fails it where nothing can be asked"
        return weakened(
            f"the verification has {listed(parts)}, and none of them {fails}: "
            f"check “{critical[0].title}” {passing[0]}",
            critical[0].span,
            HINT_TO_FAIL,
        )
    if not critical and not bounds:
        return weakened(
            f"the verification has {listed(parts)}, and none of them can fail it",
            block.span,
            "leave `warn` out where a failure means that the rollback did not work",
        )
    where = [phase for phase in facts.plan.phases if phase.verifies]
    if not where:
        return weakened(
            f"the verification has {listed(parts)}, but no phase runs it",
            block.span,
            "write `verify` in the phase that should run it",
        )
    proofs = listed(_parts(block, able))
    return proven(f"{proofs}, run by phase `{where[-1].name}`", block.span)


def _parts(block: Verification, checks: Sequence[Check]) -> list[str]:
    """How much of each kind there is: `2 checks`, `1 metric`."""
    kinds = ((checks, "check"), (block.bounds, "metric"), (block.confirms, "manual confirmation"))
    return [counted(len(items), word) for items, word in kinds if items]


def partial_scenarios(facts: Facts) -> Proof:
    """Proven by a scenario that runs something and leaves something out.

    Fooled by a scenario that nobody would use.
    """
    plan = facts.plan
    everything = sum(len(entry.steps) for entry in facts.timeline)
    partial = [
        result
        for result in facts.scenarios
        if result.timeline.phases
        and (
            len(result.timeline.phases) < len(plan.phases)
            or sum(len(entry.steps) for entry in result.timeline) < everything
        )
    ]
    if partial:
        names = listed([f"`{result.scenario.name}`" for result in partial])
        return proven(
            f"{counted(len(partial), 'partial scenario')}: {names}", partial[0].scenario.span
        )
    found = facts.scenarios[0].scenario if facts.scenarios else None
    return missing(
        f"scenario `{found.name}` is no part of the plan" if found else "there is no scenario",
        found.span if found else facts.level_span,
        'add one, such as `scenario application_only "Application only" { run FIRST..LAST }`',
    )


def multi_region(facts: Facts) -> Proof:
    """Proven by two regions or more in two waves or more.

    Regions in one wave fail together, which is no coordination. Fooled by regions whose steps
    do not use `$region`.
    """
    block = facts.plan.regions
    names = [name.text for name in block.names] if block else []
    if block is None or len(names) < 2:
        only = f"`{names[0]}` is the only region" if names else "no regions are stated"
        return missing(
            only,
            block.span if block else facts.level_span,
            "add `regions { wave FIRST; gate …; wave SECOND, THIRD }`",
        )
    if len(block.waves) == 1:
        return weakened(
            f"all {len(names)} regions are rolled back at once",
            block.span,
            "start with one region: put the others into a later `wave`",
        )
    return proven(
        f"{len(names)} regions in {len(block.waves)} waves: "
        + " → ".join(", ".join(n.text for n in wave.regions) for wave in block.waves),
        block.span,
    )


def manual_gates(facts: Facts) -> Proof:
    """Proven by an automated plan with a gate, where every gate has approvers and a timeout.

    Fooled by approvers who are not on call.
    """
    plan = facts.plan
    gates: list[Gate] = [gate for phase in plan.phases for gate in phase.gates]
    gates += plan.regions.gates if plan.regions else ()
    if not gates:
        return missing(
            "no gate lets a person stop the run",
            plan.regions.span if plan.regions else facts.level_span,
            'add `gate "Region healthy?" { approvers "sre-lead"; timeout 5m; otherwise abort }`',
        )
    for gate in gates:
        lacking = [
            word
            for word, value in (("approvers", gate.approvers), ("timeout", gate.timeout))
            if not value
        ]
        if lacking:
            return weakened(
                f"gate “{gate.title}” has no {listed(lacking)}",
                gate.span,
                "say who decides, and what holds when nobody does in time",
            )
    if not any(isinstance(i, Step) for phase in plan.phases for i in phase.items):
        return weakened(
            "there are gates, but nothing runs by itself between them",
            gates[0].span,
            "write the steps as `run`",
        )
    titles = listed([f"“{gate.title}”" for gate in gates])
    return proven(f"{counted(len(gates), 'gate')}: {titles}", gates[0].span)
