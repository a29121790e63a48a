"""The part of PLAN.md that says when to roll back, and when there is no way back."""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.results import Analysis
from rbdsl.backends.detection import detection_ms
from rbdsl.backends.markdown_procedure import phase_names
from rbdsl.backends.markdown_prose import cell_code, remark
from rbdsl.backends.markdown_steps import (
    Block,
    ItemView,
    manual_view,
    step_view,
)
from rbdsl.backends.plan_index import PlanIndex
from rbdsl.backends.quoting import markdown_code as code
from rbdsl.backends.quoting import markdown_text as md
from rbdsl.backends.wording import spoken
from rbdsl.model.metrics import Metric, MetricSource, NoData, Trigger, Triggers
from rbdsl.model.plan import Plan, PointOfNoReturn
from rbdsl.model.steps import Step
from rbdsl.model.values import Reference
from rbdsl.record import dataclass

_NO_DATA = {
    "hold": "Missing data neither advances nor clears a trigger",
    "reset": "Missing data clears what a trigger has counted",
    "breach": "Missing data counts as a breach",
    "alert": "Missing data neither advances nor clears a trigger, and is reported",
}


@dataclass(frozen=True, slots=True)
class TriggerView:
    """An automatic trigger: the condition, when it is seen at the latest, what it runs."""

    condition: str
    detected: str
    runs: str


@dataclass(frozen=True, slots=True)
class PointView:
    """A point of no return: what it blocks, what is left, how it is told."""

    title: str
    because: str
    probe: tuple[Block, ...]
    blocks: str
    blocked: tuple[str, ...]
    possible: tuple[str, ...]
    forward_fix: tuple[ItemView, ...]
    command: str


@dataclass(frozen=True, slots=True)
class MetricView:
    """A metric: its meaning, its source, its query."""

    name: str
    measures: str
    source: str
    query: str


def triggers(plan: Plan) -> list[TriggerView]:
    """The automatic triggers, in the order of the plan."""
    if plan.triggers is None:
        return []
    return [_trigger(plan, t, plan.triggers) for t in plan.triggers.automatic]


def _trigger(plan: Plan, trigger: Trigger, triggers_: Triggers) -> TriggerView:
    scenario = next((s for s in plan.scenarios if s.name.text == str(trigger.scenario)), None)
    return TriggerView(
        condition=trigger_words(trigger),
        detected=spoken(detection_ms(trigger, triggers_)),
        runs=md(scenario.title) if scenario else "the whole plan",
    )


def trigger_words(trigger: Trigger) -> str:
    """`` `error_rate` > 1% for 2 consecutive minutes `` as inert Markdown."""
    if trigger.counts_breaches:
        return (
            f"{code(trigger.metric)} {trigger.comparison.value} {trigger.consecutive} consecutive"
        )
    said = f"{code(trigger.metric)} {trigger.comparison.value} {trigger.threshold}"
    if trigger.consecutive:
        return f"{said} for {trigger.consecutive} consecutive samples"
    if trigger.hold and trigger.hold.ms:
        words = spoken(trigger.hold.ms)
        number, _, unit = words.partition(" ")
        consecutive = unit.endswith("s") and " " not in unit
        return f"{said} for {number} consecutive {unit}" if consecutive else f"{said} for {words}"
    return f"{said}, at once"


def sampling(plan: Plan) -> list[str]:
    """How the triggers are sampled: sentences without their full stops."""
    triggers_ = plan.triggers
    if triggers_ is None or not triggers_.automatic:
        return []
    return [
        f"Every metric is sampled every {spoken(triggers_.every_ms)}",
        _no_data(triggers_.no_data),
        f"After a rollback no trigger fires for {spoken(triggers_.cooldown_ms)}",
    ]


def _no_data(no_data: NoData | None) -> str:
    said = _NO_DATA[no_data.policy.text if no_data else "hold"]
    return f"{said} after {spoken(no_data.after.ms)}" if no_data and no_data.after else said


def metrics(plan: Plan) -> list[MetricView]:
    """Every metric with where it is read from."""
    return [
        MetricView(
            name=code(metric.name),
            measures=_measures(metric),
            source=f"{md(source.kind)} {cell_code(asked_address(source, metric))}",
            query=cell_code(metric.query.text) if metric.query else "",
        )
        for source in plan.metric_sources
        for metric in source.metrics
    ]


def asked_address(source: MetricSource, metric: Metric) -> str:
    """The address that the metric is read from, with its name put in."""
    return "".join(
        metric.name.text
        if isinstance(part, Reference) and part.name == "metric" and part.value is None
        else (part if isinstance(part, str) else part.value or f"${{{part.name}}}")
        for part in source.address.parts
    )


def _measures(metric: Metric) -> str:
    return f"{md(metric.dimension)} in {md(metric.unit)}" if metric.unit else md(metric.dimension)


def points(index: PlanIndex, analysis: Analysis) -> list[PointView]:
    """The points of no return, with what stays possible past each."""
    return [_point(index, analysis, point) for point in index.plan.points_of_no_return]


def _point(index: PlanIndex, analysis: Analysis, point: PointOfNoReturn) -> PointView:
    probe = point.crossed_when
    return PointView(
        title=md(point.title),
        because=remark(point.because) if point.because else "",
        probe=(Block("Crossed, if this succeeds:", probe.text),) if probe else (),
        blocks=phase_names(index, (name.text for name in point.blocks)) or "nothing",
        blocked=tuple(_ways(analysis, point, blocked=True)),
        possible=tuple(_ways(analysis, point, blocked=False)),
        forward_fix=tuple(
            step_view(index, item) if isinstance(item, Step) else manual_view(item)
            for item in point.forward_fix
        ),
        command=f"./rollback.sh --forward-fix {point.name}",
    )


def _ways(analysis: Analysis, point: PointOfNoReturn, *, blocked: bool) -> Iterator[str]:
    """The whole plan and the scenarios that a point blocks, or that it leaves."""
    stopped = {name.text for name in point.blocks}
    if (not stopped.isdisjoint(analysis.timeline.names)) is blocked:
        yield f"The whole plan ({spoken(analysis.timeline.total_ms)})"
    for result in analysis.scenarios:
        if (point in result.blocked_by) is blocked:
            yield (
                f"{md(result.scenario.title)} ({spoken(result.timeline.total_ms)}): "
                f"{code(f'./rollback.sh --scenario {result.scenario.name}')}"
            )


def irreversible(index: PlanIndex) -> str:
    """The phases that can't be undone once begun, or nothing."""
    return phase_names(index, (p.name.text for p in index.plan.phases if p.irreversible))
