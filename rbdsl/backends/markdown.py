"""The target `markdown`: `PLAN.md`, the whole plan as a document that a code host renders."""

from __future__ import annotations

import re

from rbdsl.analysis.results import Analysis
from rbdsl.backends import markdown_criteria as criteria
from rbdsl.backends import markdown_evidence as evidence
from rbdsl.backends import markdown_procedure as procedure
from rbdsl.backends import markdown_scenarios as scenarios
from rbdsl.backends import markdown_surroundings as surroundings
from rbdsl.backends import markdown_times as times
from rbdsl.backends.json_config import configuration
from rbdsl.backends.markdown_prose import prose
from rbdsl.backends.markdown_shell import variables_block
from rbdsl.backends.mermaid import flowchart, gantt
from rbdsl.backends.output import EmitRequest, OutputFile
from rbdsl.backends.plan_index import PlanIndex
from rbdsl.backends.templates import render

NAME = "markdown"
DESCRIPTION = "PLAN.md: the whole plan as a document, with its computed times"


def emit(request: EmitRequest) -> list[OutputFile]:
    """The document as one file."""
    text = render(NAME, "PLAN.md.j2", **_view(request))
    return [OutputFile("PLAN.md", single_spaced(text))]


def single_spaced(text: str) -> str:
    """Markdown with single blank lines, fenced blocks as they are, and one newline at its end."""
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
    index = PlanIndex.of(plan)
    return {
        "plan": plan,
        "plan_sha256": request.plan_sha256,
        "inputs": evidence.inputs(request.inputs),
        "change": prose(plan.change or plan.title),
        "note": prose(plan.note) if plan.note else "",
        "configuration": configuration(request).to_json(),
        **_decision_view(index, request.analysis),
        **_procedure_view(index),
        **_time_view(request),
        **_proof_view(index, request.analysis),
    }


def _decision_view(index: PlanIndex, analysis: Analysis) -> dict[str, object]:
    plan = index.plan
    return {
        "triggers": criteria.triggers(plan),
        "sampling": criteria.sampling(plan),
        "metrics": criteria.metrics(plan),
        "manual_triggers": plan.triggers.manual if plan.triggers else (),
        "points": criteria.points(index, analysis),
        "irreversible": criteria.irreversible(index),
    }


def _procedure_view(index: PlanIndex) -> dict[str, object]:
    return {
        "capture_steps": surroundings.capture_items(index),
        "variables": variables_block(index),
        "phases": procedure.phases(index),
        "hooks": surroundings.hooks(index.plan),
    }


def _time_view(request: EmitRequest) -> dict[str, object]:
    analysis = request.analysis
    findings = evidence.findings(analysis.plan, request.diagnostics)
    return {
        "findings": findings,
        "summary": times.summary(analysis, len(findings)),
        "rows": times.rows(analysis),
        "totals": times.totals(analysis),
        "gantt": gantt(analysis),
        "flowchart": flowchart(analysis),
        "regions": times.regions(analysis),
        "waves": surroundings.waves(analysis.plan),
        "scenarios": scenarios.scenarios(analysis),
        "whole": scenarios.whole(analysis),
        "policy": analysis.policy,
        "target_words": times.target_words(analysis),
        "sla_words": times.sla_words(analysis),
    }


def _proof_view(index: PlanIndex, analysis: Analysis) -> dict[str, object]:
    plan = index.plan
    return {
        "test_runs": evidence.test_runs(analysis),
        "checklist": plan.testing.checklist if plan.testing else (),
        "checks": evidence.checks(index),
        "confirms": plan.verification.confirms if plan.verification else (),
        "requirements": evidence.requirements(analysis),
        "rungs": surroundings.rungs(plan),
        "windows": surroundings.windows(plan),
        "channels": surroundings.channels(plan),
        "audiences": surroundings.audiences(plan),
        "archive": surroundings.archive(plan),
    }
