"""The target `json`: `auto-rollback.json`, the configuration of the automatic rollback."""

from __future__ import annotations

from typing import Any

from rbdsl.analysis.results import Analysis
from rbdsl.backends.detection import detection_ms
from rbdsl.backends.identity import identity, plain
from rbdsl.backends.output import EmitRequest, OutputFile
from rbdsl.backends.safety import safety_checks
from rbdsl.documents.auto_rollback import (
    AutoRollback,
    AutoRollbackDocument,
    Comparison,
    NoDataPolicy,
    NoDataShape,
    PointShape,
    SafetyShape,
    TriggerShape,
    Unit,
)
from rbdsl.documents.shape import in_seconds, number
from rbdsl.model.metrics import Trigger, Triggers
from rbdsl.model.plan import Automation, Plan, PointOfNoReturn
from rbdsl.model.steps import Comparison as Sign
from rbdsl.model.values import Dimension

NAME = "json"
DESCRIPTION = "auto-rollback.json: the triggers and limits of the automatic rollback"

_COMPARISONS = {
    Sign.GREATER: Comparison.GREATER,
    Sign.GREATER_EQUAL: Comparison.GREATER_EQUAL,
    Sign.LESS: Comparison.LESS,
    Sign.LESS_EQUAL: Comparison.LESS_EQUAL,
}
_UNITS = {
    Dimension.RATIO: Unit.RATIO,
    Dimension.DURATION: Unit.MILLISECONDS,
    Dimension.RATE: Unit.PER_MINUTE,
    Dimension.COUNT: Unit.COUNT,
}
_SILENT_EVERY_MS = 15_000
_SILENT_COOLDOWN_MS = 1_800_000


def emit(request: EmitRequest) -> list[OutputFile]:
    """The configuration as one file."""
    return [OutputFile("auto-rollback.json", configuration(request).to_json())]


def configuration(request: EmitRequest) -> AutoRollbackDocument:
    """The configuration of the plan of a request."""
    analysis, plan = request.analysis, request.analysis.plan
    triggers = plan.triggers
    checks = safety_checks(plan)
    automatic = triggers.automatic if triggers else ()
    return AutoRollbackDocument(
        auto_rollback=AutoRollback(
            enabled=bool(automatic) and plan.automation is not Automation.MANUAL,
            operation_id=plain(plan.operation),
            permit_id=plain(plan.permit),
            triggers=[_trigger(t, triggers) for t in automatic if triggers],
            rollback_script="./rollback.sh",
            notification_channels=_channels(plan),
            require_manual_confirmation=plan.automation is not Automation.FULL,
            rollback_timeout_seconds=in_seconds(analysis.sla_ms),
            safety_checks=SafetyShape(
                verify_backup_exists=checks.backup_exists,
                verify_previous_version_healthy=checks.previous_version_healthy,
                verify_rollback_tested=checks.rollback_tested,
            ),
            plan=identity(request),
            monitor_script="./monitor.sh",
            automation=plan.automation.value,
            sampling_interval_seconds=in_seconds(
                triggers.every_ms if triggers else _SILENT_EVERY_MS
            ),
            cooldown_seconds=in_seconds(triggers.cooldown_ms if triggers else _SILENT_COOLDOWN_MS),
            no_data=_no_data(triggers),
            sla_per_region=analysis.policy.per_region,
            region_waves=_waves(plan),
            manual_triggers=[t.plain for t in triggers.manual] if triggers else [],
            points_of_no_return=[_point(analysis, p) for p in plan.points_of_no_return],
        )
    )


def _trigger(trigger: Trigger, triggers: Triggers) -> TriggerShape:
    timing: dict[str, Any] = {}
    if trigger.consecutive:
        timing = {"consecutive": True, "consecutive_samples": trigger.consecutive}
        if trigger.counts_breaches:
            timing["sample_threshold"] = 0
    else:
        timing = {"duration_seconds": in_seconds(trigger.hold.ms if trigger.hold else 0)}
    return TriggerShape(
        metric=trigger.metric.text,
        threshold=number(trigger.threshold.value),
        comparison=_COMPARISONS[trigger.comparison],
        unit=_UNITS[trigger.threshold.dimension],
        detection_seconds=in_seconds(detection_ms(trigger, triggers)),
        scenario=trigger.scenario.text if trigger.scenario else None,
        **timing,
    )


def _no_data(triggers: Triggers | None) -> NoDataShape:
    policy = triggers.no_data if triggers else None
    if policy is None:
        return NoDataShape(policy=NoDataPolicy.HOLD)
    kind = NoDataPolicy(policy.policy.text)
    if policy.after is None:
        return NoDataShape(policy=kind)
    return NoDataShape(policy=kind, after_seconds=in_seconds(policy.after.ms))


def _channels(plan: Plan) -> list[str]:
    channels = plan.communications.channels if plan.communications else ()
    return list(dict.fromkeys(channel.name.text for channel in channels))


def _waves(plan: Plan) -> list[list[str]]:
    waves = plan.regions.waves if plan.regions else ()
    return [[name.text for name in wave.regions] for wave in waves]


def _point(analysis: Analysis, point: PointOfNoReturn) -> PointShape:
    blocks = [name.text for name in point.blocks]
    return PointShape(
        name=point.name.text,
        title=point.title.plain,
        blocks=blocks,
        blocks_whole_plan=not set(blocks).isdisjoint(analysis.timeline.names),
        blocked_scenarios=[
            r.scenario.name.text for r in analysis.scenarios if point in r.blocked_by
        ],
    )
