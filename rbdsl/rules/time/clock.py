"""What several rules say about the SLA clock: whose time it is, and what need not count."""

from __future__ import annotations

from rbdsl.model.values import show_ms
from rbdsl.rules.context import Context
from rbdsl.rules.sums import listed


def slowest_region(context: Context) -> str:
    """` in region \\`eu-west-1\\`` where the clock is each region's own, else nothing."""
    regions = context.analysis.regions
    if not regions or not context.analysis.policy.per_region:
        return ""
    slowest = max(regions, key=lambda region: region.clock_ms)
    return f" in region `{slowest.region}`"


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
