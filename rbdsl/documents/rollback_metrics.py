"""`rollback-metrics.json`: what a rollback took and what it came to.

A compiled plan holds the template: what only a run can know is null. The keys from `plan` on are
additions: a document without them is valid too.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import ConfigDict, Field

from rbdsl.documents.shape import Count, Instant, Number, PlanIdentity, Seconds, Shape, Share


class TriggerType(StrEnum):
    """Who decided."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"


class Execution(Shape):
    """When it ran, why, and how it compares with the SLA."""

    triggered_at: Instant | None
    """When the decision was made: the SLA clock starts."""
    trigger_type: TriggerType | None
    """Whether a monitor or a person decided."""
    trigger_reason: str | None
    """Why, e.g. `error_rate_exceeded`."""
    trigger_value: Number | None
    """The sample that fired, in the unit of the metric."""
    trigger_threshold: Number | None
    """The threshold that it broke, in the same unit."""
    completed_at: Instant | None
    """When the last phase had ended."""
    total_duration_seconds: Seconds | None
    """From the decision to the end."""
    sla_seconds: Seconds
    """The SLA of the plan's level."""
    sla_met: bool | None
    """Whether the verification had passed within the SLA."""
    sla_buffer_seconds: Number | None
    """The SLA minus the time on its clock; negative where the SLA was broken."""


class Success(Shape):
    """Whether it worked."""

    success: bool | None
    """Whether every phase was done and the verification passed."""
    attempts: Count | None
    """How many runs it took."""
    verification_passed: bool | None
    """Whether every critical check passed."""
    all_services_healthy: bool | None
    """Whether every service was found healthy."""


class Impact(Shape):
    """What users noticed."""

    downtime_seconds: Seconds | None
    """How long the service was not usable."""
    affected_requests: Count | None
    """Requests during that time."""
    failed_requests: Count | None
    """Requests that failed."""
    customer_impact: str | None
    """In a word: none, minimal, moderate, severe."""
    revenue_impact_usd: Number | None
    """Lost revenue in US dollars."""


class Quality(Shape):
    """How good the plan was."""

    rollback_tested_before: bool
    """Whether the plan held evidence of a test that passed."""
    automated_rollback: bool | None
    """Whether it ran by the generated script."""
    manual_intervention_required: bool | None
    """Whether a person had to do more than the plan says."""
    rollback_documentation_followed: bool | None
    """Whether the plan was followed."""
    rollback_plan_accuracy: Share | None
    """The planned time over the actual time, at most 1."""


class RollbackMetrics(Shape):
    """The figures of one rollback."""

    operation_id: str | None
    """The operation that was rolled back."""
    permit_id: str | None
    """The permit of the operation."""
    rollback_execution: Execution
    """When and why."""
    phase_timings: dict[str, Seconds | None]
    """Seconds per phase, by its name in the plan; null where it did not run."""
    rollback_success: Success
    """Whether it worked."""
    impact_metrics: Impact
    """What users noticed."""
    quality_metrics: Quality
    """How good the plan was."""
    plan: PlanIdentity | None = None
    """Which plan it was."""
    scenario: str | None = None
    """The partial rollback that ran; null is the whole plan."""
    phase_budgets_seconds: dict[str, Seconds] = Field(default={})
    """The budget of every phase, to compare the timings with."""
    planned_seconds: Seconds | None = None
    """The computed time of the whole plan."""


class RollbackMetricsDocument(Shape):
    """What a rollback took and what it came to."""

    model_config = ConfigDict(title="Rollback metrics")

    rollback_metrics: RollbackMetrics
    """The figures."""
