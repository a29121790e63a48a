"""The target `markdown`: `PLAN.md`, the whole plan as a document that a code host renders."""

from __future__ import annotations

import re

from rbdsl.analysis.results import Analysis
from rbdsl.backends import markdown_criteria as criteria
from rbdsl.backends import markdown_evidence as evidence
from rbdsl.backends import markdown_procedure as procedure
from rbdsl.backends import markdown_surroundings as surroundings
from rbdsl.backends import markdown_times as times
from rbdsl.backends.json_config import configuration
from rbdsl.backends.markdown_prose import prose
from rbdsl.backends.mermaid import flowchart, gantt
from rbdsl.backends.output import EmitRequest, OutputFile
from rbdsl.backends.templates import render
from rbdsl.backends.wording import spoken
from rbdsl.model.surroundings import Event

NAME = "markdown"
DESCRIPTION = "PLAN.md: the whole plan as a document, with its computed times"


def emit(request: EmitRequest) -> list[OutputFile]:
    """The document as one file."""
    text = render(NAME, "PLAN.md.j2", **_view(request))
    return [OutputFile("PLAN.md", single_spaced(text))]


def single_spaced(text: str) -> str:
    """Markdown without two blank lines in a row, fenced blocks as they are, one newline at its end."""
    made: list[str] = []
    fence = ""
    for line in text.split("\n"):
        run = re.match(r" *(`{3,})", line)
        if fence:
            if run and run[1] == fence and line.strip() == fence:
                fence = ""
        elif run:
            fence = run[1]
        elif not line.strip():
            if made and made[-1]:
                made.append("")
            continue
        made.append(line)
    return "\n".join(made).rstrip("\n") + "\n"


def _view(request: EmitRequest) -> dict[str, object]:
    plan = request.analysis.plan
    return {
        "plan": plan,
        "plan_sha256": request.plan_sha256,
        "inputs": request.inputs,
        "change": prose(plan.change) if plan.change else "",
        "note": prose(plan.note) if plan.note else "",
        "configuration": configuration(request).to_json(),
        "findings": evidence.findings(plan, request.diagnostics),
        **_decision_view(request.analysis),
        **_procedure_view(request.analysis),
        **_time_view(request),
        **_proof_view(request.analysis),
    }


def _decision_view(analysis: Analysis) -> dict[str, object]:
    plan = analysis.plan
    return {
        "triggers": criteria.triggers(plan),
        "sampling": criteria.sampling(plan),
        "metrics": criteria.metrics(plan),
        "manual_triggers": plan.triggers.manual if plan.triggers else (),
        "points": criteria.points(analysis),
        "irreversible": criteria.irreversible(plan),
    }


def _procedure_view(analysis: Analysis) -> dict[str, object]:
    plan = analysis.plan
    return {
        "capture_steps": surroundings.capture_items(plan),
        "variables": procedure.variables_block(plan),
        "phases": procedure.phases(analysis),
    }


def _time_view(request: EmitRequest) -> dict[str, object]:
    analysis = request.analysis
    policy = analysis.policy
    region = " per region" if policy.per_region else ""
    return {
        "summary": times.summary(analysis, len(request.diagnostics)),
        "rows": times.rows(analysis),
        "totals": times.totals(analysis),
        "gantt": gantt(analysis),
        "flowchart": flowchart(analysis),
        "regions": times.regions(analysis),
        "waves": surroundings.waves(analysis.plan),
        "scenarios": times.scenarios(analysis),
        "whole": times.whole(analysis),
        "policy": policy,
        "target_words": f"{spoken(policy.target_ms)}{region}",
        "sla_words": f"{spoken(policy.sla_ms)}{region}",
    }


def _proof_view(analysis: Analysis) -> dict[str, object]:
    plan = analysis.plan
    return {
        "test_runs": evidence.test_runs(analysis),
        "checklist": plan.testing.checklist if plan.testing else (),
        "checks": evidence.checks(plan),
        "confirms": plan.verification.confirms if plan.verification else (),
        "requirements": evidence.requirements(analysis),
        "sla_hooks": [h.shell.text for h in plan.hooks if h.event.text == Event.SLA_BREACH.value],
        "rungs": surroundings.rungs(plan),
        "windows": surroundings.windows(plan),
        "channels": surroundings.channels(plan),
        "audiences": surroundings.audiences(plan),
        "archive": surroundings.archive(plan),
    }
