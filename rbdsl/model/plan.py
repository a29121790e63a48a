"""The typed plan: what a `.rbplan` file says, with every module expanded and every span kept.

The parts of a step are in `steps`, everything around the procedure (triggers, testing,
communication …) in `surroundings`.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from rbdsl.model.keeping import Archive, Capture
from rbdsl.model.metrics import Metric, MetricSource, Triggers
from rbdsl.model.people import Communications, Hook, Rung, Window
from rbdsl.model.proof import Testing, Verification
from rbdsl.model.regions import Regions
from rbdsl.model.steps import Artifact, Gate, Item, Manual, Step, Verify
from rbdsl.model.values import (
    Binding,
    ChangeWindow,
    Duration,
    Name,
    Shell,
    Text,
    Timestamp,
    Value,
    ValueType,
)
from rbdsl.record import dataclass
from rbdsl.source import Source, Span


class Automation(StrEnum):
    """How much a person takes part: not at all, at gates, or in every step."""

    FULL = "full"
    GATED = "gated"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Risk:
    """`risk high "why"`: low, medium, high or critical."""

    level: Name
    reason: Text | None
    span: Span


@dataclass(frozen=True, slots=True)
class Level:
    """`level 3`; the policies say what a level demands."""

    number: int
    span: Span


@dataclass(frozen=True, slots=True)
class Service:
    """`service api-service in production { version "old" -> "new" }`.

    `restored` is the version that the rollback brings back, `replaced` the one it removes.
    """

    name: Name
    environment: Name
    restored: Text | None
    replaced: Text | None
    span: Span


class VariableKind(StrEnum):
    """Where the value comes from: the plan, the plan or `--set`, the environment."""

    LET = "let"
    PARAM = "param"
    SECRET = "secret"  # noqa: S105 - the keyword, not a password


@dataclass(frozen=True, slots=True)
class Variable:
    """A shell variable of every step; a secret has no value here, a param its default or None."""

    kind: VariableKind
    name: Name
    type: ValueType
    value: Value | None
    description: Text | None
    span: Span


@dataclass(frozen=True, slots=True)
class PointOfNoReturn:
    """What can't be undone any more once its probe says so, and what is left to do then."""

    name: Name
    title: Text
    because: Text | None
    crossed_when: Shell | None
    blocks: tuple[Name, ...]
    forward_fix: tuple[Step | Manual, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Phase:
    """A stage of the rollback: ordered work with a time budget.

    `off_clock`, `irreversible` and `run_once` (`global`) are the spans of those words, or None.
    """

    name: Name
    title: Text
    span: Span
    budget: Duration
    after: tuple[Name, ...] = ()
    needs: tuple[Name, ...] = ()
    timeout: Duration | None = None
    objective: Text | None = None
    critical: Text | None = None
    note: Text | None = None
    off_clock: Span | None = None
    irreversible: Span | None = None
    run_once: Span | None = None
    items: tuple[Item, ...] = ()
    ensure: tuple[Step, ...] = ()
    bindings: tuple[Binding, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps proper, in order, without gates, manual and `ensure` steps."""
        return tuple(item for item in self.items if isinstance(item, Step))

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """Its steps, then its `ensure` steps."""
        return (*self.steps, *self.ensure)

    @property
    def gates(self) -> tuple[Gate, ...]:
        """Its gates, in order."""
        return tuple(item for item in self.items if isinstance(item, Gate))

    @property
    def verifies(self) -> bool:
        """Whether the verification block is run in it."""
        return any(isinstance(item, Verify) for item in self.items)


@dataclass(frozen=True, slots=True)
class PhaseRange:
    """`verification..cleanup`, or one phase (then `last` is None), in order of declaration."""

    first: Name
    last: Name | None
    span: Span


@dataclass(frozen=True, slots=True)
class Scenario:
    """A partial rollback: the phases of `run`, and of each `only` service its steps."""

    name: Name
    title: Text
    span: Span
    run: tuple[PhaseRange, ...] = ()
    only: tuple[Name, ...] = ()
    use_when: Text | None = None
    claims: Duration | None = None
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Import:
    """`use std/postgres as pg`."""

    path: str
    alias: Name
    source: Source
    span: Span


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan. Blocks that may stand once are None where they are missing."""

    name: Name
    title: Text
    span: Span
    source: Source
    level: Level
    operation: Text | None = None
    permit: Text | None = None
    owner: Text | None = None
    created: Timestamp | None = None
    updated: Timestamp | None = None
    window: ChangeWindow | None = None
    risk: Risk | None = None
    automation: Automation = Automation.FULL
    automation_span: Span | None = None
    change: Text | None = None
    note: Text | None = None
    claims: Duration | None = None
    timeout: Duration | None = None
    imports: tuple[Import, ...] = ()
    services: tuple[Service, ...] = ()
    variables: tuple[Variable, ...] = ()
    metric_sources: tuple[MetricSource, ...] = ()
    capture: Capture | None = None
    triggers: Triggers | None = None
    points_of_no_return: tuple[PointOfNoReturn, ...] = ()
    phases: tuple[Phase, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    verification: Verification | None = None
    testing: Testing | None = None
    communications: Communications | None = None
    escalation: tuple[Rung, ...] = ()
    validation: tuple[Window, ...] = ()
    regions: Regions | None = None
    archive: Archive | None = None
    hooks: tuple[Hook, ...] = ()

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The metrics of all sources."""
        return tuple(m for source in self.metric_sources for m in source.metrics)

    def phase(self, name: str) -> Phase | None:
        """The phase of that name."""
        return next((p for p in self.phases if p.name.text == name), None)

    def metric(self, name: str) -> Metric | None:
        """The metric of that name."""
        return next((m for m in self.metrics if m.name.text == name), None)

    def steps(self) -> Iterator[Step]:
        """Every step: of the capture, of the phases (with `ensure`), of the forward fixes."""
        if self.capture:
            yield from self.capture.steps
        for phase in self.phases:
            yield from phase.all_steps
        for point in self.points_of_no_return:
            yield from (s for s in point.forward_fix if isinstance(s, Step))

    @property
    def artifacts(self) -> tuple[Artifact, ...]:
        """Everything that a step creates, and the `baseline` of the capture."""
        made = tuple(artifact for step in self.steps() for artifact in step.creates)
        kept = self.capture.baseline if self.capture else None
        return (kept.artifact, *made) if kept else made

    @property
    def baselines(self) -> tuple[Name, ...]:
        """The metrics whose value before the change the verification compares with."""
        return self.verification.baselines if self.verification else ()
