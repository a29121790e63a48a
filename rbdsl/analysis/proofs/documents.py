"""Requirements that ask for something to be written down."""

from __future__ import annotations

from rbdsl.analysis.proofs.proof import (
    Facts,
    Proof,
    counted,
    listed,
    missing,
    proven,
    weakened,
)
from rbdsl.model.plan import Plan
from rbdsl.model.steps import Verify


def documented_procedure(facts: Facts) -> Proof:
    """Proven by a `change` and by phases that all have something to do.

    Fooled by steps that do nothing of use (`run \\`true\\``).
    """
    plan = facts.plan
    if not any(phase.items for phase in plan.phases):
        return missing(
            "no phase has a step, so there is no procedure",
            plan.phases[0].name.span if plan.phases else plan.name.span,
            "write the rollback as `phase` blocks with steps",
        )
    empty = [phase for phase in plan.phases if not phase.items]
    if empty:
        names = listed([f"`{phase.name}`" for phase in empty])
        return weakened(
            f"{counted(len(empty), 'phase')} without a step: {names}",
            empty[0].name.span,
            "give each phase its steps, or remove it",
        )
    steps = sum(1 for phase in plan.phases for i in phase.items if not isinstance(i, Verify))
    procedure = f"{counted(len(plan.phases), 'phase')} with {counted(steps, 'step')}"
    if plan.change is None:
        return weakened(
            f"the procedure has {procedure}, but nothing says which change it takes back",
            plan.name.span,
            "say what is deployed in `change`",
        )
    return proven(f"the procedure has {procedure}", plan.phases[0].name.span)


def comprehensive_documentation(facts: Facts) -> Proof:
    """Proven by the sections of the rollback template: who, what, how risky, from which state.

    Fooled by texts that say nothing; only their presence is looked at.
    """
    plan = facts.plan
    lacking = [f"`{word}`" for word, present in _template_parts(plan).items() if not present]
    silent = [phase for phase in plan.phases if phase.objective is None]
    if not lacking and not silent:
        return proven(
            f"the header, services, captured state and triggers are stated, and the objective of "
            f"{'all ' if len(plan.phases) > 1 else ''}{counted(len(plan.phases), 'phase')}",
            plan.change.span if plan.change else plan.name.span,
        )
    if silent:
        count = "every phase" if len(silent) == len(plan.phases) else counted(len(silent), "phase")
        names = listed([f"`{phase.name}`" for phase in silent])
        lacking.append(f"the objective of {count} ({names})")
    span = silent[0].name.span if silent and len(lacking) == 1 else plan.name.span
    enough = len(lacking) <= len(_template_parts(plan)) // 2
    return (weakened if enough else missing)(
        f"the plan does not state {listed(lacking, most=8)}",
        span,
        "add the statements, so that the plan can be carried out by someone who did not write it",
    )


def communication_plan(facts: Facts) -> Proof:
    """Proven by channels that are told of something, and audiences with their message.

    Fooled by a channel that nobody reads.
    """
    block = facts.plan.communications
    hint = 'add `audience "Customers" { within 15m; message """…""" }`'
    if block is None or not (block.channels or block.audiences):
        span = block.span if block else facts.level_span
        return missing("no communications are planned", span, f"add `communications` and {hint}")
    if not block.audiences:
        return weakened(
            f"{counted(len(block.channels), 'channel')} for the team, but nobody else is told",
            block.span,
            hint,
        )
    mute = [a for a in block.audiences if a.message is None]
    if mute:
        return weakened(
            f"no message is prepared for {listed([f'“{a.title}”' for a in mute])}",
            mute[0].span,
            'write the words before the incident: `message """…"""`',
        )
    told = any(step.notify for phase in facts.plan.phases for step in phase.all_steps)
    if not block.channels or not (block.notices or told):
        return weakened(
            "there are messages, but no channel is told of any event",
            block.span,
            "add a channel and `notify CHANNEL on start, failure, success`",
        )
    audiences = listed([f"“{a.title}”" for a in block.audiences])
    channels = listed([f"`{c.name}`" for c in block.channels])
    return proven(f"{audiences} are told, over {channels}", block.audiences[0].span)


def enterprise_plan(facts: Facts) -> Proof:
    """Proven by what ties a plan into an organisation: permit, escalation, validation, archive.

    The seed of the levels only names it; this reading is the compiler's own.
    """
    plan = facts.plan
    parts = {
        "permit": plan.permit is not None,
        "escalation": any(rung.contacts for rung in plan.escalation),
        "validation": bool(plan.validation),
        "archive": plan.archive is not None,
    }
    lacking = [f"`{word}`" for word, present in parts.items() if not present]
    if not lacking:
        return proven(
            f"permit “{plan.permit}”, {counted(len(plan.escalation), 'escalation rung')}, "
            f"{counted(len(plan.validation), 'validation window')} and an archive",
            plan.permit.span if plan.permit else plan.name.span,
        )
    judge = missing if len(lacking) == len(parts) else weakened
    return judge(
        f"the plan does not state {listed(lacking)}",
        facts.level_span,
        "add the blocks; `std` has an escalation ladder and validation windows to use",
    )


def _template_parts(plan: Plan) -> dict[str, bool]:
    triggers = plan.triggers
    return {
        "operation": plan.operation is not None,
        "owner": plan.owner is not None,
        "risk": plan.risk is not None,
        "change": plan.change is not None,
        "service": bool(plan.services),
        "capture": plan.capture is not None,
        "triggers": triggers is not None and bool(triggers.automatic or triggers.manual),
    }
