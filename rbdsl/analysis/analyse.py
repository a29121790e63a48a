"""The analysis of a plan: one function from a plan and the policies to everything computed."""

from __future__ import annotations

from collections.abc import Mapping

from rbdsl.analysis.graph import Cycle, PhaseGraph, build_graph
from rbdsl.analysis.policy import LevelPolicy
from rbdsl.analysis.proofs.proof import Facts
from rbdsl.analysis.regions import misplaced_globals, schedule_regions
from rbdsl.analysis.requirements import judge_requirements
from rbdsl.analysis.results import Analysis
from rbdsl.analysis.scenarios import resolve_scenarios
from rbdsl.analysis.timing import build_timeline, whole_phase
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity, has_errors
from rbdsl.model.plan import Plan

UNKNOWN_LEVEL = Code("RB400", "unknown-level", Severity.ERROR)
CYCLE = Code("RB501", "phase-cycle", Severity.ERROR)

_SHOWN_IN_MESSAGE = 8
_NO_SLA_MS = 10**15


def analyse(
    plan: Plan, policies: Mapping[int, LevelPolicy]
) -> tuple[Analysis | None, list[Diagnostic]]:
    """Order, times, scenarios, regions and requirements of a plan without name or type errors.

    None together with RB501 where the phases wait for each other in a circle, with RB400 where
    no policy knows the level, with RB510 where a global phase stands between regional ones.
    """
    diagnostics: list[Diagnostic] = []
    policy = policies.get(plan.level.number)
    if policy is None:
        diagnostics.append(_unknown_level(plan, policies))
    graph = build_graph(plan)
    if not isinstance(graph, PhaseGraph):
        diagnostics.extend(_cycle(cycle) for cycle in graph)
        return None, diagnostics
    diagnostics.extend(misplaced_globals(plan, graph))
    if policy is None or has_errors(diagnostics):
        return None, diagnostics
    runs = {number: whole_phase(phase) for number, phase in enumerate(graph.phases)}
    timeline = build_timeline(graph, runs, plan)
    scenarios = resolve_scenarios(plan, graph)
    schedule = schedule_regions(plan, graph, timeline)
    analysis = Analysis(
        plan=plan,
        policy=policy,
        ancestors=graph.ancestor_names(),
        timeline=timeline,
        scenarios=scenarios,
        regions=schedule.regions,
        whole_ms=schedule.whole_ms,
        worst_whole_ms=schedule.worst_whole_ms,
        whole_clock_ms=schedule.whole_clock_ms,
        requirements=judge_requirements(Facts(plan, timeline, scenarios), policy),
    )
    return analysis, diagnostics


def at_no_level(plan: Plan, policies: Mapping[int, LevelPolicy]) -> Analysis | None:
    """As `analyse` where no policy knows the level: with one that demands nothing, to go on with.

    None where the level is known, or the graph makes no sense.
    """
    number = plan.level.number
    if number in policies:
        return None
    none = LevelPolicy(
        number,
        title=f"Level {number}",
        sla_ms=_NO_SLA_MS,
        target_ms=_NO_SLA_MS,
        per_region=False,
        breach="",
        requires=(),
        recommends=(),
    )
    return analyse(plan, {number: none})[0]


def _unknown_level(plan: Plan, policies: Mapping[int, LevelPolicy]) -> Diagnostic:
    known = ", ".join(str(number) for number in sorted(policies))
    return UNKNOWN_LEVEL.at(
        plan.level.span,
        f"no policy knows level {plan.level.number}",
        hint=f"known levels are {known}" if known else "the policy file has no levels",
    )


def _cycle(cycle: Cycle) -> Diagnostic:
    names = [phase.name.text for phase in cycle.path]
    ring = " → ".join(f"`{name}`" for name in [*names, names[0]])
    if len(names) == 1:
        message = f"phase `{names[0]}` waits for itself"
    elif len(names) <= _SHOWN_IN_MESSAGE:
        message = f"phases wait for each other in a circle: {ring}"
    else:
        message = f"{len(names)} phases wait for each other in a circle"
    followers = [*cycle.path[1:], cycle.path[0]]
    labels = [
        Label(edge.span, f"`{later.name}` waits for `{edge}`")
        for edge, later in zip(cycle.edges, followers, strict=True)
    ]
    return CYCLE.at(
        cycle.edges[-1].span,
        message,
        labels=labels,
        notes=[f"each runs before the next: {ring}"] if len(names) > _SHOWN_IN_MESSAGE else [],
        hint="remove one of these `after` or `needs`"
        if len(names) > 1
        else f"remove `{names[0]}` there: a phase comes after others, never after itself",
    )
