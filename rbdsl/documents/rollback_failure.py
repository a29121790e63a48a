"""`rollback-failure.json`: where a rollback failed, who was called, and how it ended.

A compiled plan holds the template: what only a run can know is null. The keys from `plan` on (and
from `title` on in a rung) are additions: a document without them is valid too.
"""

from __future__ import annotations

from pydantic import ConfigDict, Field

from rbdsl.documents.shape import Instant, PlanIdentity, Seconds, Shape


class FailureDetails(Shape):
    """The place of the failure."""

    phase: str | None
    """The phase, as `Phase 3: Database Rollback`."""
    step: str | None
    """The title of the step."""
    error_message: str | None
    """The last line that it wrote to standard error."""
    logs: str | None
    """The file that holds its whole output."""


class Escalation(Shape):
    """One rung of the escalation ladder, and what came of it."""

    level: int
    """The rung, from 1."""
    timestamp: Instant | None
    """When it was reached."""
    action: str | None
    """What was done."""
    outcome: str | None
    """What came of it, e.g. `failed`, `investigating`, `in_progress`."""
    title: str = ""
    """The rung's title in the plan."""
    starts_after_seconds: Seconds = 0
    """When the plan reaches it, counted from the decision."""
    contacts: list[str] = Field(default=[])
    """Who has to be called."""
    planned_actions: list[str] = Field(default=[])
    """What the plan says to do."""


class Resolution(Shape):
    """How it ended."""

    approach: str | None
    """In a word, e.g. `forward-fix`."""
    description: str | None
    """What was done."""
    resolved_at: Instant | None
    """When it was over."""
    total_incident_duration_minutes: Seconds | None
    """From the first attempt to the end, in minutes."""


class RollbackFailure(Shape):
    """The failure of one rollback."""

    operation_id: str | None
    """The operation that was to be rolled back."""
    permit_id: str | None
    """The permit of the operation."""
    rollback_attempted_at: Instant | None
    """When the first attempt started."""
    rollback_failed_at: Instant | None
    """When it had failed."""
    failure_reason: str | None
    """Why, in a sentence."""
    failure_details: FailureDetails
    """Where."""
    escalation_timeline: list[Escalation]
    """Who was called and when, rung by rung."""
    resolution: Resolution
    """How it ended."""
    lessons_learned: list[str]
    """What is to be changed because of it."""
    plan: PlanIdentity | None = None
    """Which plan it was."""
    forward_fixes: list[str] = Field(default=[])
    """What the plan says to do where there is no way back."""


class RollbackFailureDocument(Shape):
    """Where a rollback failed, who was called, and how it ended."""

    model_config = ConfigDict(title="Rollback failure")

    rollback_failure: RollbackFailure
    """The failure."""
