"""The target `report`: what has to be written down after a rollback, as far as the plan knows it.

`rollback-report.md` marks what is still to be filled in as `_[to fill in: …]_`; the JSON templates
have null there. Beside them lie their JSON Schemas.
"""

from __future__ import annotations

from rbdsl.backends import markdown_criteria as criteria
from rbdsl.backends import markdown_evidence as evidence
from rbdsl.backends import markdown_scenarios as scenarios
from rbdsl.backends import markdown_surroundings as surroundings
from rbdsl.backends import markdown_times as times
from rbdsl.backends.detection import detection_ms
from rbdsl.backends.identity import identity, plain
from rbdsl.backends.markdown import single_spaced
from rbdsl.backends.markdown_prose import prose
from rbdsl.backends.output import EmitRequest, OutputFile
from rbdsl.backends.plan_index import PlanIndex
from rbdsl.backends.quoting import markdown_text as md
from rbdsl.backends.report_documents import failure, metrics
from rbdsl.backends.templates import render
from rbdsl.backends.wording import plural, spoken
from rbdsl.documents.schemas import schema
from rbdsl.model.plan import Automation, Plan

NAME = "report"
DESCRIPTION = "report/: templates of the rollback report, its figures, and the failure document"

_METHODS = {
    Automation.FULL: "Automated rollback script",
    Automation.GATED: "Automated rollback script with gates",
    Automation.MANUAL: "Rollback script, started by hand",
}


def emit(request: EmitRequest) -> list[OutputFile]:
    """The report, the two JSON templates, and their schemas."""
    return [
        OutputFile("report/rollback-failure.json", failure(request).to_json()),
        OutputFile("report/rollback-failure.schema.json", schema("rollback-failure")),
        OutputFile("report/rollback-metrics.json", metrics(request).to_json()),
        OutputFile("report/rollback-metrics.schema.json", schema("rollback-metrics")),
        OutputFile("report/rollback-report.md", _report(request)),
    ]


def _report(request: EmitRequest) -> str:
    analysis, plan = request.analysis, request.analysis.plan
    text = render(
        NAME,
        "rollback-report.md.j2",
        title=md(plan.title),
        identity=identity(request),
        operation_id=md(plain(plan.operation) or "none"),
        permit_id=md(plain(plan.permit) or "none"),
        sla=times.sla_words(analysis),
        planned=spoken(analysis.slowest_clock_ms),
        scenarios=scenarios.scenarios(analysis),
        rows=times.rows(analysis),
        triggers=criteria.triggers(plan),
        manual_triggers=[md(t) for t in plan.triggers.manual] if plan.triggers else [],
        detection=_detection(plan),
        method=_METHODS[plan.automation],
        people=_people(plan),
        checks=evidence.checks(PlanIndex.of(plan)),
        confirms=[md(t) for t in plan.verification.confirms] if plan.verification else [],
        services=[md(s.name) for s in plan.services],
        change=prose(plan.change) if plan.change else md(plan.title),
        todo=[md(i.text) for i in plan.testing.checklist if not i.done] if plan.testing else [],
        windows=surroundings.windows(plan),
        audiences=surroundings.audiences(plan),
        archive=surroundings.archive(plan),
    )
    return single_spaced(text)


def _detection(plan: Plan) -> str:
    """How late the monitor may be, by its slowest trigger."""
    if plan.triggers is None or not plan.triggers.automatic:
        return "by people; the plan has no automatic trigger"
    slowest = max(detection_ms(t, plan.triggers) for t in plan.triggers.automatic)
    every = spoken(plan.triggers.every_ms)
    return f"Automated monitoring (every {every}; planned: within {spoken(slowest)})"


def _people(plan: Plan) -> str:
    """What the plan itself asks people to do."""
    gates = sum(len(phase.gates) for phase in plan.phases)
    gates += len(plan.regions.gates) if plan.regions else 0
    manual = sum(type(i).__name__ == "Manual" for phase in plan.phases for i in phase.items)
    asked = [plural(n, noun) for n, noun in ((gates, "gate"), (manual, "manual step")) if n]
    return " and ".join(asked) or "none"
