"""What the analysis of a plan comes to: order, times, regions, requirements.

All times are milliseconds. A *timeline* is computed for the whole plan and for each scenario.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from enum import StrEnum

from rbdsl.analysis.graph import Ancestors
from rbdsl.analysis.policy import LevelPolicy
from rbdsl.model.plan import Phase, Plan, PointOfNoReturn, Scenario
from rbdsl.model.steps import Step
from rbdsl.record import dataclass
from rbdsl.source import Span


@dataclass(frozen=True, slots=True)
class PhaseTime:
    """One phase on a timeline.

    `budget_ms` is what it counts for there (in an `only` scenario perhaps less than its budget),
    `slack_ms` how much later it may end without moving the end of the timeline, `worst_ms` its
    own worst case (as `timing` defines it). `predecessors` are the phases of this timeline that
    it directly waits for, without those that another of them already waits for. `critical` says
    that it has no slack.

    `on_clock` is False for an `off_clock` phase that no phase on the clock waits for: where one
    does, the word has no effect, because the clock runs on until that one has ended.
    """

    phase: Phase
    predecessors: tuple[str, ...]
    start_ms: int
    finish_ms: int
    budget_ms: int
    worst_ms: int
    slack_ms: int
    on_clock: bool
    critical: bool
    steps: tuple[Step, ...]
    """The steps that are run in it, without `ensure` steps."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The computed schedule: phases in an order in which they could run one after another.

    `total_ms` counts every phase, `clock_ms` the phases on the SLA clock. `critical_path` names
    the phases whose budgets add up to `total_ms`, `clock_path` those that add up to `clock_ms`.
    `worst_total_ms` and `worst_clock_ms` are the same longest paths over the worst cases.
    With regions, per-region phases count once here: the time of one region.
    """

    phases: tuple[PhaseTime, ...]
    total_ms: int
    clock_ms: int
    critical_path: tuple[str, ...]
    clock_path: tuple[str, ...]
    worst_total_ms: int
    worst_clock_ms: int
    _by_name: dict[str, PhaseTime] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name = {entry.phase.name.text: entry for entry in self.phases}
        object.__setattr__(self, "_by_name", by_name)

    def __getitem__(self, name: str) -> PhaseTime:
        """The time of the phase of that name; KeyError where it is not on this timeline."""
        return self._by_name[name]

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[PhaseTime]:
        return iter(self.phases)

    @property
    def names(self) -> tuple[str, ...]:
        """The phases in order."""
        return tuple(entry.phase.name.text for entry in self.phases)


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """A scenario resolved: its phases and steps, its time, what stands in its way.

    `blocked_by` are the points of no return past which it is not possible any more.
    `skipped_checks` are the names of the checks of the verification that it leaves out.
    """

    scenario: Scenario
    timeline: Timeline
    blocked_by: tuple[PointOfNoReturn, ...]
    skipped_checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegionTime:
    """One region: its wave (from 0), when it starts and ends in the whole run, its own clock.

    `clock_ms` is the time of the region's own phases, from the start of its wave to the end of
    its last phase on the clock. Global phases are not in it; they are in `whole_clock_ms`.
    """

    region: str
    wave: int
    start_ms: int
    finish_ms: int
    clock_ms: int
    worst_clock_ms: int


class Status(StrEnum):
    """How far a requirement of the level is met."""

    PROVEN = "proven"
    WEAKENED = "weakened"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement of the level, and the element of the plan that proves it.

    `id` is the policy's word (`staging-test`), `code` the rule that reports it, `evidence` a
    sentence for people, `span` the proving element or, where it is missing, where it belongs.
    """

    id: str
    code: str
    title: str
    mandatory: bool
    status: Status
    evidence: str
    hint: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything computed about a plan that has no errors of name or type.

    `ancestors[p]` are all phases that p comes after. With regions `whole_ms` is the time of all
    waves and global phases without the waiting at gates, else the timeline's total, and
    `whole_clock_ms` the part of it on the clock. `worst_whole_ms` has the timeouts of the gates
    between the waves in it.
    """

    plan: Plan
    policy: LevelPolicy
    ancestors: Ancestors
    timeline: Timeline
    scenarios: tuple[ScenarioResult, ...]
    regions: tuple[RegionTime, ...]
    whole_ms: int
    worst_whole_ms: int
    whole_clock_ms: int
    requirements: tuple[Requirement, ...]
    _numbers: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        numbers = {phase.name.text: n for n, phase in enumerate(self.plan.phases, 1)}
        object.__setattr__(self, "_numbers", numbers)

    def phase_number(self, name: str) -> int:
        """The place of a phase in the order of declaration, from 1; KeyError for no phase."""
        return self._numbers[name]

    def scenario(self, name: str) -> ScenarioResult:
        """The result for the scenario of that name; KeyError where there is none."""
        for result in self.scenarios:
            if result.scenario.name.text == name:
                return result
        raise KeyError(name)

    @property
    def sla_ms(self) -> int:
        """The limit of the plan's level."""
        return self.policy.sla_ms

    @property
    def slowest_clock_ms(self) -> int:
        """The time that the SLA is compared with.

        That of the slowest region where the SLA is per region, else of the whole run.
        """
        if self.regions and self.policy.per_region:
            # Where all phases are global no region has a time of its own, and the run is judged.
            return max(region.clock_ms for region in self.regions) or self.whole_clock_ms
        return self.whole_clock_ms

    @property
    def slowest_worst_ms(self) -> int:
        """The worst case of what `slowest_clock_ms` is the time of.

        Where the SLA looks at a run over several regions, `off_clock` phases are in it.
        """
        if not self.regions:
            return self.timeline.worst_clock_ms
        if self.policy.per_region and any(region.clock_ms for region in self.regions):
            return max(region.worst_clock_ms for region in self.regions)
        return self.worst_whole_ms
