"""The run over several regions: global phases first, then wave after wave, then the rest.

A global phase that comes after a per-region phase runs once all regions are done; every other
one runs before the first wave. All regions do the same work, so every wave takes the same time,
`off_clock` phases included, because the next wave waits for them.
"""

from __future__ import annotations

from collections.abc import Callable

from rbdsl.analysis.graph import PhaseGraph, members
from rbdsl.analysis.results import RegionTime, Timeline
from rbdsl.analysis.timing import build_timeline, whole_phase
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Phase, Plan
from rbdsl.record import dataclass

GLOBAL_BETWEEN = Code("RB510", "global-between-regions", Severity.ERROR)


@dataclass(frozen=True, slots=True)
class RegionSchedule:
    """The times of the whole run, in milliseconds; see `Analysis`."""

    regions: tuple[RegionTime, ...]
    whole_ms: int
    whole_clock_ms: int
    worst_whole_ms: int


def schedule_regions(plan: Plan, graph: PhaseGraph, timeline: Timeline) -> RegionSchedule:
    """The schedule over all waves; that of the timeline where the plan has no regions."""
    if plan.regions is None or not plan.regions.names:
        return RegionSchedule((), timeline.total_ms, timeline.clock_ms, timeline.worst_total_ms)

    def part(belongs: Callable[[int], bool]) -> Timeline:
        runs = {n: whole_phase(p) for n, p in enumerate(graph.phases) if belongs(n)}
        return build_timeline(graph, runs, plan)

    stages = _stages(graph)
    before = part(lambda n: stages[n] == 0)
    region = part(lambda n: stages[n] == 1)
    after = part(lambda n: stages[n] == 2)
    waves = plan.regions.waves
    times: list[RegionTime] = []
    start = before.total_ms
    for number, wave in enumerate(waves):
        finish = start + region.total_ms
        times.extend(
            RegionTime(name.text, number, start, finish, region.clock_ms, region.worst_clock_ms)
            for name in wave.regions
        )
        start = finish
    waiting = sum(gate.timeout.ms for gate in plan.regions.gates if gate.timeout)
    return RegionSchedule(
        regions=tuple(times),
        whole_ms=start + after.total_ms,
        whole_clock_ms=_whole_clock(before, region, after, len(waves)),
        worst_whole_ms=before.worst_total_ms
        + len(waves) * region.worst_total_ms
        + waiting
        + after.worst_total_ms,
    )


def misplaced_globals(plan: Plan, graph: PhaseGraph) -> list[Diagnostic]:
    """A finding for every global phase that stands between per-region phases."""
    if plan.regions is None:
        return []
    regional = _regional(graph)
    later: dict[int, int] = {}
    seen = regional
    for number in graph.order:
        if regional >> number & 1:
            new = graph.ancestors[number] & ~seen
            later.update(dict.fromkeys(members(new), number))
            seen |= new
    found = []
    for number in sorted(later):
        above = graph.ancestors[number] & regional
        if above:
            earlier = graph.phases[next(members(above))]
            found.append(_between(earlier, graph.phases[number], graph.phases[later[number]]))
    return found


def _between(earlier: Phase, phase: Phase, later: Phase) -> Diagnostic:
    name, before, behind = phase.name.text, earlier.name.text, later.name.text
    place = phase.run_once or phase.name.span
    return GLOBAL_BETWEEN.at(
        place,
        f"the global phase `{name}` stands between the per-region phases `{before}` and `{behind}`",
        labels=[
            Label(earlier.name.span, f"runs in every region, before `{name}`"),
            Label(later.name.span, f"runs in every region, after `{name}`"),
        ],
        notes=["waves run one after another, so a phase that runs once comes before or after all"],
        hint=f"drop `global`, or move `{name}` before the first or after the last region's phases",
    )


def _regional(graph: PhaseGraph) -> int:
    return sum(1 << n for n, phase in enumerate(graph.phases) if phase.run_once is None)


def _stages(graph: PhaseGraph) -> list[int]:
    """For each phase 0 before the waves, 1 in every region, 2 after the waves."""
    regional = _regional(graph)
    return [
        1 if regional >> n & 1 else 2 if graph.ancestors[n] & regional else 0
        for n in range(len(graph.phases))
    ]


def _whole_clock(before: Timeline, region: Timeline, after: Timeline, waves: int) -> int:
    """Until the end of the last phase on the clock, whatever ran before it."""
    if after.clock_ms:
        return before.total_ms + waves * region.total_ms + after.clock_ms
    if region.clock_ms:
        return before.total_ms + (waves - 1) * region.total_ms + region.clock_ms
    return before.clock_ms
