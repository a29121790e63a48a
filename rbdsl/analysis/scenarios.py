"""Scenarios resolved: which phases and steps run, which checks are skipped, what blocks them.

Ranges follow the order of declaration. `run` takes phases whole; `only SERVICE` takes, of each
phase that holds a step `for` the service, just those steps; both together are the union. Names
that mean nothing are ignored here; the lowering reports them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rbdsl.analysis.graph import PhaseGraph
from rbdsl.analysis.results import ScenarioResult
from rbdsl.analysis.timing import PhaseRun, build_timeline, whole_phase
from rbdsl.model.plan import Phase, Plan, PointOfNoReturn, Scenario


def resolve_scenarios(plan: Plan, graph: PhaseGraph) -> tuple[ScenarioResult, ...]:
    """Every scenario of the plan, in order of declaration."""
    index = {name: i for i, name in reversed(list(enumerate(graph.names)))}
    worked_on = services_of(whole_phase(phase) for phase in plan.phases)
    return tuple(_resolve(plan, graph, index, worked_on, s) for s in plan.scenarios)


def services_of(runs: Iterable[PhaseRun]) -> frozenset[str]:
    """The services that the steps which run are `for`."""
    return frozenset(s.text for run in runs for step in run.steps for s in step.services)


def phases_of(scenario: Scenario, index: Mapping[str, int]) -> set[int]:
    """The numbers of the phases that `run` names. A range written backwards is empty."""
    chosen: set[int] = set()
    for part in scenario.run:
        first = index.get(part.first.text)
        last = first if part.last is None else index.get(part.last.text)
        if first is not None and last is not None:
            chosen.update(range(first, last + 1))
    return chosen


def _resolve(
    plan: Plan,
    graph: PhaseGraph,
    index: Mapping[str, int],
    worked_on: frozenset[str],
    scenario: Scenario,
) -> ScenarioResult:
    whole = phases_of(scenario, index)
    wanted = frozenset(name.text for name in scenario.only)
    runs: dict[int, PhaseRun] = {}
    for number, phase in enumerate(graph.phases):
        if number in whole:
            runs[number] = whole_phase(phase)
        elif part := _only(phase, wanted):
            runs[number] = part
    skipped = _skipped_checks(plan, runs.values(), worked_on)
    timeline = build_timeline(graph, runs, plan, skipped)
    return ScenarioResult(scenario, timeline, _blockers(plan, timeline.names), skipped)


def _only(phase: Phase, services: frozenset[str]) -> PhaseRun | None:
    steps = tuple(s for s in phase.steps if not services.isdisjoint(n.text for n in s.services))
    return PhaseRun(phase, steps, whole=False) if steps else None


def _skipped_checks(
    plan: Plan, runs: Iterable[PhaseRun], worked_on: frozenset[str]
) -> tuple[str, ...]:
    """The checks that name a phase, or a service worked on elsewhere, that is left out."""
    if plan.verification is None:
        return ()
    runs = tuple(runs)
    running = {run.phase.name.text for run in runs}
    left_out = {p.name.text for p in plan.phases if p.name.text not in running}
    left_out |= worked_on - services_of(runs)
    return tuple(
        check.name.text
        for check in plan.verification.checks
        if any(subject.text in left_out for subject in check.subjects)
    )


def _blockers(plan: Plan, phases: Iterable[str]) -> tuple[PointOfNoReturn, ...]:
    running = set(phases)
    return tuple(
        point
        for point in plan.points_of_no_return
        if any(name.text in running for name in point.blocks)
    )
