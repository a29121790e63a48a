"""What all drawings of a plan share: the timeline to draw, its limits, its scale."""

from __future__ import annotations

from rbdsl.analysis.results import Analysis, PhaseTime, ScenarioResult, Timeline
from rbdsl.model.plan import PointOfNoReturn
from rbdsl.record import dataclass

_STEPS = [
    *(1, 2, 5, 10, 20, 50, 100, 200, 500),
    *(s * 1000 for s in (1, 2, 5, 10, 15, 30)),
    *(m * 60_000 for m in (1, 2, 5, 10, 15, 30)),
    *(h * 3_600_000 for h in (1, 2, 4, 6, 12, 24)),
]
_STRETCH = 2
"""A limit further out than this many times the total would leave no room for the phases."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A line in the drawing: what it is called, where it stands, how much time it allows."""

    name: str
    at_ms: int
    length_ms: int


@dataclass(frozen=True, slots=True)
class Subject:
    """What is drawn: the whole plan, or one scenario of it."""

    analysis: Analysis
    scenario: ScenarioResult | None

    @property
    def timeline(self) -> Timeline:
        """Its phases in order."""
        return self.scenario.timeline if self.scenario else self.analysis.timeline

    @property
    def heading(self) -> str:
        """What is drawn, in words: `level 3 · whole plan`."""
        part = f"scenario {self.scenario.scenario.name}" if self.scenario else "whole plan"
        return f"level {self.analysis.policy.number} · {part}"

    @property
    def blocked(self) -> tuple[tuple[PointOfNoReturn, tuple[str, ...]], ...]:
        """The points of no return that block phases which are drawn, with those phases."""
        found = (
            (point, tuple(n.text for n in point.blocks if n.text in self.timeline))
            for point in self.analysis.plan.points_of_no_return
        )
        return tuple((point, names) for point, names in found if names)

    @property
    def clock_ms(self) -> int:
        """The time that the limits are compared with."""
        return self.timeline.clock_ms if self.scenario else self.analysis.slowest_clock_ms

    @property
    def clock_name(self) -> str:
        """Whose time that is."""
        analysis = self.analysis
        per_region = bool(analysis.regions) and analysis.policy.per_region
        return "per region" if per_region and not self.scenario else "on the clock"

    @property
    def limits(self) -> tuple[Limit, ...]:
        """Target and SLA, where the clock that they belong to starts on this timeline."""
        policy, start = self.analysis.policy, 0
        if self.analysis.regions and policy.per_region and not self.scenario:
            own = [e.start_ms for e in self.timeline if e.phase.run_once is None]
            start = min(own, default=0)
        sla = Limit("SLA", start + policy.sla_ms, policy.sla_ms)
        if policy.target_ms == policy.sla_ms:
            return (sla,)
        return (Limit("target", start + policy.target_ms, policy.target_ms), sla)

    @property
    def shown_limits(self) -> tuple[Limit, ...]:
        """The limits that fit into the drawing."""
        total = self.timeline.total_ms
        return tuple(limit for limit in self.limits if limit.at_ms <= total * _STRETCH)

    @property
    def horizon_ms(self) -> int:
        """The end of the scale, above zero."""
        ends = [limit.at_ms for limit in self.shown_limits]
        return max(self.timeline.total_ms, *ends, 1) if ends else max(self.timeline.total_ms, 1)


def subject(analysis: Analysis, scenario: str | None) -> Subject:
    """What to draw; KeyError where there is no such scenario."""
    return Subject(analysis, analysis.scenario(scenario) if scenario is not None else None)


def ticks(horizon_ms: int, most: int) -> list[int]:
    """Round times from 0 to the horizon, at most about `most` of them."""
    step = next((s for s in _STEPS if horizon_ms / s <= most), None)
    if step is None:
        day = _STEPS[-1]
        step = day * -(-horizon_ms // (day * most))
    return list(range(0, horizon_ms + 1, step))


def is_critical_link(before: PhaseTime, entry: PhaseTime) -> bool:
    """Whether the order of two phases is part of a critical path."""
    return before.critical and entry.critical and before.finish_ms == entry.start_ms
