"""Timelines: when each phase starts and ends at the earliest, its slack, the longest paths.

Everything is a forward and a backward pass over the phases in topological order, so linear in
phases and edges. What the worst case counts is defined in `worst_case`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from rbdsl.analysis.graph import PhaseGraph
from rbdsl.analysis.results import PhaseTime, Timeline
from rbdsl.analysis.worst_case import phase_worst_ms
from rbdsl.model.plan import Phase, Plan
from rbdsl.model.steps import Item, Step
from rbdsl.record import dataclass


@dataclass(frozen=True, slots=True)
class PhaseRun:
    """What runs of a phase on a timeline: all of its items, or the steps of some services."""

    phase: Phase
    items: tuple[Item, ...]
    whole: bool

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps proper that run."""
        return tuple(item for item in self.items if isinstance(item, Step))

    @property
    def budget_ms(self) -> int:
        """What it counts for, in milliseconds.

        A phase that runs in part counts the `takes` of its steps where all of them state it
        (`ensure` steps, which run too, included), and never more than its budget.
        """
        budget = self.phase.budget.ms
        if self.whole or any(step.takes is None for step in self.phase.all_steps):
            return budget
        running = (*self.steps, *self.phase.ensure)
        return min(budget, sum(step.takes.ms for step in running if step.takes))


def whole_phase(phase: Phase) -> PhaseRun:
    """The phase with everything in it."""
    return PhaseRun(phase, phase.items, whole=True)


def build_timeline(
    graph: PhaseGraph,
    runs: Mapping[int, PhaseRun],
    plan: Plan,
    skipped: Collection[str] = (),
) -> Timeline:
    """The timeline of the phases that run, given by their number in the graph.

    `skipped` are the names of the checks that the verification leaves out.
    """
    predecessors = graph.reduced(runs)
    order = tuple(predecessors)
    budgets = {n: run.budget_ms for n, run in runs.items()}
    worst = {n: phase_worst_ms(run.phase, run.items, plan, skipped) for n, run in runs.items()}
    finish = longest_paths(predecessors, budgets)
    worst_finish = longest_paths(predecessors, worst)
    on_clock = _on_clock(graph.phases, predecessors)
    total = max(finish.values(), default=0)
    slack = _slack(predecessors, budgets, finish, total)
    clocked = [n for n in order if on_clock[n]]
    entries = tuple(
        PhaseTime(
            phase=runs[n].phase,
            predecessors=tuple(graph.phases[p].name.text for p in predecessors[n]),
            start_ms=finish[n] - budgets[n],
            finish_ms=finish[n],
            budget_ms=budgets[n],
            worst_ms=worst[n],
            slack_ms=slack[n],
            on_clock=on_clock[n],
            critical=slack[n] == 0,
            steps=runs[n].steps,
        )
        for n in order
    )
    return Timeline(
        phases=entries,
        total_ms=total,
        clock_ms=max((finish[n] for n in clocked), default=0),
        critical_path=_path(graph, predecessors, finish, budgets, order),
        clock_path=_path(graph, predecessors, finish, budgets, clocked),
        worst_total_ms=max(worst_finish.values(), default=0),
        worst_clock_ms=max((worst_finish[n] for n in clocked), default=0),
    )


def longest_paths(
    predecessors: Mapping[int, Sequence[int]], weights: Mapping[int, int]
) -> dict[int, int]:
    """The earliest finish of each node: its weight after the latest of its predecessors.

    The keys of `predecessors` must stand in topological order.
    """
    finish: dict[int, int] = {}
    for number, earlier in predecessors.items():
        finish[number] = max((finish[e] for e in earlier), default=0) + weights[number]
    return finish


def _slack(
    predecessors: Mapping[int, Sequence[int]],
    weights: Mapping[int, int],
    finish: Mapping[int, int],
    total: int,
) -> dict[int, int]:
    latest = dict.fromkeys(predecessors, total)
    for number in reversed(tuple(predecessors)):
        start = latest[number] - weights[number]
        for earlier in predecessors[number]:
            latest[earlier] = min(latest[earlier], start)
    return {number: latest[number] - finish[number] for number in predecessors}


def _on_clock(
    phases: Sequence[Phase], predecessors: Mapping[int, Sequence[int]]
) -> dict[int, bool]:
    result = {number: phases[number].off_clock is None for number in predecessors}
    for number in reversed(tuple(predecessors)):
        if result[number]:
            # The clock runs until the last phase on it has ended, so it runs meanwhile too.
            result.update(dict.fromkeys(predecessors[number], True))
    return result


def _path(
    graph: PhaseGraph,
    predecessors: Mapping[int, Sequence[int]],
    finish: Mapping[int, int],
    weights: Mapping[int, int],
    ends: Sequence[int],
) -> tuple[str, ...]:
    """A longest path to the last of the ends; ties go to the phase that stands first."""
    if not ends:
        return ()
    at: int | None = max(ends, key=lambda n: finish[n])
    path: list[str] = []
    while at is not None:
        path.append(graph.phases[at].name.text)
        start = finish[at] - weights[at]
        at = next((e for e in predecessors[at] if finish[e] == start), None)
    return tuple(reversed(path))
