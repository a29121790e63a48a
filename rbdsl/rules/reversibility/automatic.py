"""Which automatic triggers run a phase that a point of no return blocks."""

from __future__ import annotations

from rbdsl.model.metrics import Trigger
from rbdsl.model.plan import PointOfNoReturn
from rbdsl.rules.context import Context


def automatic_runs(context: Context, point: PointOfNoReturn) -> list[tuple[Trigger, str]]:
    """The automatic triggers that reach a blocked phase, each with the first such phase."""
    triggers = context.plan.triggers
    found = []
    for trigger in triggers.automatic if triggers else ():
        timeline = (
            context.analysis.scenario(trigger.scenario.text).timeline
            if trigger.scenario
            else context.analysis.timeline
        )
        blocked = [name.text for name in point.blocks if name.text in timeline]
        if blocked:
            found.append((trigger, blocked[0]))
    return found
