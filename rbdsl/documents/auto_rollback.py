"""`auto-rollback.json`: when a monitor has to roll back, and what it has to do then.

The keys before `plan` (and before `unit` in a trigger) are the ones that every reader of such a
configuration knows. The keys behind them say the rest: a reader may ignore them, and a document
without them is valid too.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import ConfigDict, Field

from rbdsl.documents.shape import Count, Number, PlanIdentity, Seconds, Shape


class Comparison(StrEnum):
    """How a sample is compared with the threshold."""

    GREATER = "greater_than"
    GREATER_EQUAL = "greater_than_or_equal"
    LESS = "less_than"
    LESS_EQUAL = "less_than_or_equal"


class Unit(StrEnum):
    """The unit of a threshold."""

    RATIO = "ratio"
    MILLISECONDS = "milliseconds"
    PER_MINUTE = "per_minute"
    COUNT = "count"


class NoDataPolicy(StrEnum):
    """What a missing or unreadable sample means for a trigger that is counting."""

    HOLD = "hold"
    RESET = "reset"
    BREACH = "breach"
    ALERT = "alert"


class TriggerShape(Shape):
    """One condition on a metric. It has either `duration_seconds` or `consecutive`."""

    metric: str
    """The metric's name in the plan."""
    threshold: Number
    """What a sample is compared with: a part of one (0.01 is 1 %), milliseconds, per minute, or
    a count (see `unit`). With `consecutive` and `sample_threshold` it is the number of samples."""
    duration_seconds: Seconds = 0
    """Fires when breaches span this time; 0 fires on the first breach."""
    consecutive: bool = False
    """True where the trigger counts breaches in a row instead of time."""
    comparison: Comparison
    """How a sample is compared with the threshold."""
    unit: Unit | None = None
    """The unit of `threshold` and of the samples, once converted."""
    consecutive_samples: Count = 0
    """With `consecutive`: fires on this breach in a row."""
    sample_threshold: Number = 0
    """Where `threshold` is a number of samples: what a single sample is compared with."""
    detection_seconds: Seconds | None = None
    """The longest time from the first bad sample to the decision: the duration (or the samples'
    span) and one sampling interval. The time of the query itself comes on top."""
    scenario: str | None = None
    """The partial rollback that is run; null is the whole plan."""


class SafetyShape(Shape):
    """What an automatic rollback is guarded by."""

    verify_backup_exists: bool
    """Every artifact that the rollback uses has to exist and to match its checksum before it
    starts. False where the plan uses none."""
    verify_previous_version_healthy: bool
    """A critical check of the plan judges a service or names its restored version, and the run
    counts as done only when it has passed. False where the plan has no such check."""
    verify_rollback_tested: bool
    """The plan has to hold evidence of a test that passed. False where it holds none: then the
    monitor says so, and rolls back all the same."""


class NoDataShape(Shape):
    """What happens when a metric can't be read."""

    policy: NoDataPolicy
    """`hold` neither advances nor clears a trigger, `reset` clears it, `breach` counts as a bad
    sample, `alert` holds and reports the blindness."""
    after_seconds: Seconds = 0
    """With `alert`: how long data may be missing before it is reported."""


class PointShape(Shape):
    """A point of no return: past it the blocked phases must not run."""

    name: str
    """Its name in the plan."""
    title: str
    """Its title for people."""
    blocks: list[str]
    """The phases that must not run past it."""
    blocks_whole_plan: bool
    """Whether the whole plan is impossible past it."""
    blocked_scenarios: list[str]
    """The scenarios that are impossible past it."""


class AutoRollback(Shape):
    """The configuration of the automatic rollback of one operation."""

    enabled: bool
    """False where the plan has no automatic trigger, or says `automation manual`."""
    operation_id: str | None
    """The operation that is rolled back."""
    permit_id: str | None
    """The permit of the operation."""
    triggers: list[TriggerShape]
    """Any of them fires the rollback; in the order of the plan."""
    rollback_script: str
    """The script to run, relative to this file."""
    notification_channels: list[str]
    """The channels that the plan declares."""
    require_manual_confirmation: bool
    """Whether a person has to confirm: in plans that say `automation gated` or `manual`."""
    rollback_timeout_seconds: Seconds
    """The SLA of the plan's level; of one region where `sla_per_region` is true."""
    safety_checks: SafetyShape
    """What is checked first."""
    plan: PlanIdentity | None = None
    """Which plan this was made from."""
    monitor_script: str | None = None
    """The script that watches the metrics, relative to this file."""
    automation: str | None = None
    """`full`, `gated` or `manual`."""
    sampling_interval_seconds: Seconds | None = None
    """How often every metric is sampled."""
    cooldown_seconds: Seconds | None = None
    """How long after a rollback no trigger fires."""
    no_data: NoDataShape | None = None
    """What a missing sample means."""
    sla_per_region: bool = False
    """Whether the SLA holds for each region on its own."""
    region_waves: list[list[str]] = Field(default=[])
    """The regions in the order of rollback; those of one wave together."""
    manual_triggers: list[str] = Field(default=[])
    """What makes people consider a rollback; no machine looks at it."""
    points_of_no_return: list[PointShape] = Field(default=[])
    """What makes a rollback impossible; asked before an automatic one starts."""


class AutoRollbackDocument(Shape):
    """When to roll back an operation automatically, and how."""

    model_config = ConfigDict(title="Automatic rollback configuration")

    auto_rollback: AutoRollback
    """The configuration."""
