"""The JSON templates of a rollback's figures and its failure: known facts, null for the rest."""

from __future__ import annotations

from rbdsl.backends.identity import identity, plain
from rbdsl.backends.output import EmitRequest
from rbdsl.backends.safety import was_tested
from rbdsl.documents.rollback_failure import (
    Escalation,
    FailureDetails,
    Resolution,
    RollbackFailure,
    RollbackFailureDocument,
)
from rbdsl.documents.rollback_metrics import (
    Execution,
    Impact,
    Quality,
    RollbackMetrics,
    RollbackMetricsDocument,
    Success,
)
from rbdsl.documents.shape import in_seconds
from rbdsl.model.people import Rung


def metrics(request: EmitRequest) -> RollbackMetricsDocument:
    """The figures of a run that has not happened yet."""
    analysis, plan = request.analysis, request.analysis.plan
    return RollbackMetricsDocument(
        rollback_metrics=RollbackMetrics(
            operation_id=plain(plan.operation),
            permit_id=plain(plan.permit),
            rollback_execution=Execution(
                triggered_at=None,
                trigger_type=None,
                trigger_reason=None,
                trigger_value=None,
                trigger_threshold=None,
                completed_at=None,
                total_duration_seconds=None,
                sla_seconds=in_seconds(analysis.sla_ms),
                sla_met=None,
                sla_buffer_seconds=None,
            ),
            phase_timings={phase.name.text: None for phase in plan.phases},
            rollback_success=Success(
                success=None, attempts=None, verification_passed=None, all_services_healthy=None
            ),
            impact_metrics=Impact(
                downtime_seconds=None,
                affected_requests=None,
                failed_requests=None,
                customer_impact=None,
                revenue_impact_usd=None,
            ),
            quality_metrics=Quality(
                rollback_tested_before=was_tested(plan),
                automated_rollback=None,
                manual_intervention_required=None,
                rollback_documentation_followed=None,
                rollback_plan_accuracy=None,
            ),
            plan=identity(request),
            scenario=None,
            phase_budgets_seconds={p.name.text: in_seconds(p.budget.ms) for p in plan.phases},
            planned_seconds=in_seconds(analysis.timeline.total_ms),
        )
    )


def failure(request: EmitRequest) -> RollbackFailureDocument:
    """The failure of a run that has not happened yet, with the escalation ladder of the plan."""
    plan = request.analysis.plan
    return RollbackFailureDocument(
        rollback_failure=RollbackFailure(
            operation_id=plain(plan.operation),
            permit_id=plain(plan.permit),
            rollback_attempted_at=None,
            rollback_failed_at=None,
            failure_reason=None,
            failure_details=FailureDetails(phase=None, step=None, error_message=None, logs=None),
            escalation_timeline=[_rung(n, rung) for n, rung in enumerate(plan.escalation, 1)],
            resolution=Resolution(
                approach=None,
                description=None,
                resolved_at=None,
                total_incident_duration_minutes=None,
            ),
            lessons_learned=[],
            plan=identity(request),
            forward_fixes=[
                item.title.plain for point in plan.points_of_no_return for item in point.forward_fix
            ],
        )
    )


def _rung(level: int, rung: Rung) -> Escalation:
    return Escalation(
        level=level,
        timestamp=None,
        action=None,
        outcome=None,
        title=rung.title.plain,
        starts_after_seconds=in_seconds(rung.start.ms),
        contacts=[c.plain for c in rung.contacts],
        planned_actions=[a.plain for a in rung.actions],
    )
