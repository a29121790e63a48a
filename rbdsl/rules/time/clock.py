"""What several rules say about the SLA clock: whose time it is, and what need not count."""

from __future__ import annotations

from rbdsl.model.values import show_ms
from rbdsl.rules.context import Context
from rbdsl.rules.sums import counted, listed, named_sum


def slowest_region(context: Context) -> str:
    """` in region \\`eu-west-1\\`` where the clock is each region's own, else nothing."""
    regions = context.analysis.regions
    if not regions or not context.analysis.policy.per_region:
        return ""
    slowest = max(regions, key=lambda region: region.clock_ms)
    return f" in region `{slowest.region}`"


def judged_path(context: Context) -> tuple[str, ...]:
    """The phases whose budgets add up to the time that the SLA is compared with.

    None where no single path does: where waves of regions run one after another.
    """
    analysis = context.analysis
    timeline = analysis.timeline
    path = timeline.clock_path
    if analysis.regions and analysis.policy.per_region:
        path = tuple(name for name in path if not timeline[name].phase.run_once)
    total = sum(timeline[name].budget_ms for name in path)
    return path if total == analysis.slowest_clock_ms else ()


def path_notes(context: Context) -> tuple[str, ...]:
    """How the time that the SLA is compared with comes about."""
    timeline, regions = context.analysis.timeline, context.plan.regions
    path = judged_path(context)
    if path or regions is None:
        return (f"critical path: {named_sum(timeline, path or timeline.clock_path)}",)
    return (
        f"critical path of one region: {named_sum(timeline, timeline.clock_path)}",
        f"{counted(len(regions.waves), 'wave')} of regions run one after another",
    )


def after_verification_hint(context: Context) -> str | None:
    """Which phases behind verification are on the clock without need, or None.

    The SLA ends when verification has passed, so that cleaning up can be `off_clock`.
    """
    timeline = context.analysis.timeline
    path = timeline.clock_path
    verifying = [i for i, name in enumerate(path) if timeline[name].phase.verifies]
    tail = path[verifying[-1] + 1 :] if verifying else ()
    if not tail:
        return None
    tail_ms = sum(timeline[name].budget_ms for name in tail)
    it, runs, its = ("it", "runs", "its") if len(tail) == 1 else ("they", "run", "their")
    return (
        f"say `off_clock` in {listed(tail)}: {it} {runs} after verification, where the SLA's clock "
        f"has stopped, and {its} {show_ms(tail_ms)} would not count"
    )
