"""What proves that a rollback works: the verification of each, and the tests of the plan."""

from __future__ import annotations

from rbdsl.model.bounds import FromBaseline, MetricBound
from rbdsl.model.steps import Expectation
from rbdsl.model.values import Binding, Duration, Name, Shell, Text, Timestamp
from rbdsl.record import dataclass
from rbdsl.source import Span


@dataclass(frozen=True, slots=True)
class Check:
    """One automated check of the verification; `subjects` are services or phases (`for`)."""

    name: Name
    title: Text
    warn: bool
    span: Span
    subjects: tuple[Name, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    uses: tuple[Name, ...] = ()
    requires: tuple[Name, ...] = ()
    timeout: Duration | None = None
    note: Text | None = None
    bindings: tuple[Binding, ...] = ()


@dataclass(frozen=True, slots=True)
class Verification:
    """What proves that the rollback worked; `confirms` is the manual checklist."""

    checks: tuple[Check, ...]
    bounds: tuple[MetricBound, ...]
    confirms: tuple[Text, ...]
    span: Span

    @property
    def baselines(self) -> tuple[Name, ...]:
        """The metrics that are compared with their value before the change, each once."""
        bounds = (b for b in self.bounds if isinstance(b.bound, FromBaseline))
        return tuple({b.metric.text: b.metric for b in bounds}.values())


@dataclass(frozen=True, slots=True)
class TestRun:
    """`in production-blue as production { passed … }`; `stands_for` is the name after `as`."""

    environment: Name
    stands_for: Name | None
    deploy: Shell | None
    passed: Timestamp | None
    failed: Timestamp | None
    took: Duration | None
    evidence: Text | None
    note: Text | None
    span: Span


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The practice run, planned and held."""

    planned: Timestamp | None
    held: Timestamp | None
    duration: Duration | None
    participants: tuple[Text, ...]
    evidence: Text | None
    note: Text | None
    span: Span


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """`done "…"` or `todo "…"`."""

    done: bool
    text: Text
    span: Span


@dataclass(frozen=True, slots=True)
class Testing:
    """The evidence that the plan was tried."""

    runs: tuple[TestRun, ...]
    rehearsal: Rehearsal | None
    checklist: tuple[ChecklistItem, ...]
    span: Span
