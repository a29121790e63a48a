"""What stands around the procedure: capture, metrics, triggers, verification, testing,
communication, escalation, validation, regions, archive, hooks.
"""

from __future__ import annotations

from enum import StrEnum

from rbdsl.model.bounds import FromBaseline, MetricBound
from rbdsl.model.steps import Artifact, Comparison, Expectation, Gate, Step
from rbdsl.model.values import (
    Binding,
    Dimension,
    Duration,
    Name,
    Quantity,
    Shell,
    Text,
    Timestamp,
)
from rbdsl.record import dataclass
from rbdsl.source import Span


@dataclass(frozen=True, slots=True)
class Metric:
    """`latency_p99 duration in s \\`query\\``.

    A sample times `factor` is a quantity in the dimension's own unit: 1000 for `in s`, 0.01 for
    `in percent`, 60 for `in /s`, 1/60 for `in /h`, else 1. `unit` is as written, or None.
    """

    name: Name
    dimension: Dimension
    unit: str | None
    query: Shell | None
    span: Span

    @property
    def factor(self) -> str:
        """What a sample is multiplied with, as a decimal number."""
        return _FACTORS.get(self.unit or "", "1")


_FACTORS = {"percent": "0.01", "s": "1000", "/s": "60", "/h": "0.016666666666666667"}


@dataclass(frozen=True, slots=True)
class MetricSource:
    """`metrics from prometheus "address" { … }`; `${metric}` in the address is the metric's name.

    `kind` is `prometheus` or `http`; `json` is the jq-like path to the number, e.g. `.value`.
    """

    kind: Name
    address: Text
    json: Text | None
    metrics: tuple[Metric, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Fact:
    """`fact "Active user sessions" is "~12,000"`."""

    label: Text
    value: Text
    span: Span


@dataclass(frozen=True, slots=True)
class Baseline:
    """`baseline` and a command: what it prints before the change is the artifact `baseline`."""

    shell: Shell
    artifact: Artifact
    span: Span


@dataclass(frozen=True, slots=True)
class Capture:
    """What is saved before the change."""

    facts: tuple[Fact, ...]
    steps: tuple[Step, ...]
    baseline: Baseline | None
    span: Span


@dataclass(frozen=True, slots=True)
class Trigger:
    """`error_rate > 1% for 2m -> scenario`.

    Fires when breaches span `hold`, or on the `consecutive`-th breach in a row. With
    `counts_breaches` (`health_check_failures > 3 consecutive`) the number is that count itself,
    and a sample is a breach when it is above zero. Without either the first breach fires.
    """

    metric: Name
    comparison: Comparison
    threshold: Quantity
    hold: Duration | None
    consecutive: int | None
    counts_breaches: bool
    scenario: Name | None
    span: Span


@dataclass(frozen=True, slots=True)
class NoData:
    """What a missing sample means: `hold`, `reset`, `breach`, or `alert` after a time."""

    policy: Name
    after: Duration | None
    span: Span


@dataclass(frozen=True, slots=True)
class Triggers:
    """When to roll back. `every`, `cooldown` and `no_data` are None where the plan is silent:
    15 s, 30 min and `hold` hold then (see `every_ms`, `cooldown_ms`).
    """

    automatic: tuple[Trigger, ...]
    manual: tuple[Text, ...]
    every: Duration | None
    cooldown: Duration | None
    no_data: NoData | None
    span: Span

    @property
    def every_ms(self) -> int:
        """The sampling interval in milliseconds."""
        return self.every.ms if self.every else 15_000

    @property
    def cooldown_ms(self) -> int:
        """The pause after a rollback in milliseconds."""
        return self.cooldown.ms if self.cooldown else 1_800_000


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


@dataclass(frozen=True, slots=True)
class Channel:
    """`channel slack "#incidents" using SLACK_WEBHOOK_URL`: kind or name, target, its secret.

    `name` also says what it is: slack, pagerduty, email or webhook.
    """

    name: Name
    target: Text
    secret: Name | None
    span: Span


@dataclass(frozen=True, slots=True)
class Notice:
    """`notify slack, pagerduty on start, failure`."""

    channels: tuple[Name, ...]
    events: tuple[Name, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Audience:
    """Who else is told, within what time, with which words."""

    title: Text
    within: Duration | None
    message: Text | None
    span: Span


class Event(StrEnum):
    """What channels can be told of, and hooks run on."""

    START = "start"
    PHASE = "phase"
    FAILURE = "failure"
    GATE = "gate"
    SLA_BREACH = "sla_breach"
    SUCCESS = "success"


@dataclass(frozen=True, slots=True)
class Communications:
    """Who hears what."""

    channels: tuple[Channel, ...]
    notices: tuple[Notice, ...]
    audiences: tuple[Audience, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Rung:
    """A rung of the escalation ladder, by the clock since the decision; `end` None is open."""

    title: Text
    start: Duration
    end: Duration | None
    contacts: tuple[Text, ...]
    actions: tuple[Text, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Group:
    """A heading of a validation window with its points."""

    title: Text
    points: tuple[Text, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Window:
    """What to look at in a stretch of time after the rollback."""

    title: Text
    start: Duration
    end: Duration | None
    groups: tuple[Group, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Wave:
    """Regions that are rolled back together."""

    regions: tuple[Name, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Regions:
    """Waves in order, with the gates between them."""

    entries: tuple[Wave | Gate, ...]
    span: Span

    @property
    def waves(self) -> tuple[Wave, ...]:
        """The waves alone."""
        return tuple(e for e in self.entries if isinstance(e, Wave))

    @property
    def gates(self) -> tuple[Gate, ...]:
        """The gates alone."""
        return tuple(e for e in self.entries if isinstance(e, Gate))

    @property
    def names(self) -> tuple[Name, ...]:
        """Every region, in the order of the waves."""
        return tuple(name for wave in self.waves for name in wave.regions)


@dataclass(frozen=True, slots=True)
class Archive:
    """`archive s3 "s3://bucket/prefix/"` or `archive folder "/srv/audit"`."""

    kind: Name
    target: Text
    span: Span


@dataclass(frozen=True, slots=True)
class Hook:
    """`hook sla_breach \\`command\\``."""

    event: Name
    shell: Shell
    span: Span
