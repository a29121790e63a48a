"""The part of PLAN.md that proves things: tests, verification, requirements, findings."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rbdsl.analysis.results import Analysis
from rbdsl.backends.identity import place
from rbdsl.backends.markdown_prose import cell_code, prose, sentence
from rbdsl.backends.markdown_steps import (
    Block,
    ItemView,
    artifact_words,
    expectation_blocks,
)
from rbdsl.backends.output import InputFile
from rbdsl.backends.plan_index import PlanIndex
from rbdsl.backends.quoting import markdown_code as code
from rbdsl.backends.quoting import markdown_text as md
from rbdsl.backends.wording import listed, spoken
from rbdsl.diagnostics import Diagnostic, Severity
from rbdsl.model.bounds import FromBaseline, MetricBound
from rbdsl.model.plan import Plan
from rbdsl.model.proof import Check, Rehearsal, TestRun
from rbdsl.model.values import Text, show_ms
from rbdsl.record import dataclass

_WEB_ADDRESS = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9._~:/?#@!&'()+,;=%-]*\Z")


def linked(text: Text) -> str:
    """A plain web address as a link, any other text as inert Markdown."""
    return f"<{text.plain}>" if _WEB_ADDRESS.match(text.plain) else md(text)


# ---- tests ------------------------------------------------------------------------------------


def test_runs(analysis: Analysis) -> list[ItemView]:
    """The pre-production tests and the rehearsal, numbered by the template."""
    testing = analysis.plan.testing
    if testing is None:
        return []
    made = [_test_run(analysis, run) for run in testing.runs]
    return [*made, _rehearsal(testing.rehearsal)] if testing.rehearsal else made


def _test_run(analysis: Analysis, run: TestRun) -> ItemView:
    name = run.environment.text
    facts = []
    if run.passed:
        facts.append(f"**passed** {md(run.passed)}")
    if run.failed:
        facts.append(f"**failed** {md(run.failed)}")
    if not facts:
        facts.append("**not done yet**")
    if run.took:
        over = run.took.ms - analysis.sla_ms
        verdict = f"{spoken(over)} over the SLA" if over > 0 else "within the SLA"
        facts.append(f"took {spoken(run.took.ms)} ({verdict})")
    if run.evidence:
        facts.append(f"evidence: {linked(run.evidence)}")
    lines = [run.deploy.text] if run.deploy else []
    return ItemView(
        title=_environment_title(name, run.stands_for.text if run.stands_for else None),
        facts=tuple(facts),
        note=prose(run.note) if run.note else "",
        blocks=(
            Block("", "\n".join([*lines, f"./rollback.sh --rehearsal {name}", "./verify.sh"])),
        ),
    )


def _environment_title(name: str, stands_for: str | None) -> str:
    if stands_for:
        return f"{md(_as_title(stands_for))}-Like Environment Test ({code(name)})"
    return f"{md(_as_title(name))} Environment Test"


def _as_title(name: str) -> str:
    words = name.replace("-", " ").replace("_", " ").split()
    return " ".join(word[:1].upper() + word[1:] for word in words)


def _rehearsal(rehearsal: Rehearsal) -> ItemView:
    facts = [f"**held** {md(rehearsal.held)}" if rehearsal.held else "**not held yet**"]
    if rehearsal.planned:
        facts.append(f"schedule: {md(rehearsal.planned)}")
    if rehearsal.participants:
        facts.append(f"participants: {', '.join(md(p) for p in rehearsal.participants)}")
    if rehearsal.duration:
        facts.append(f"duration: {spoken(rehearsal.duration.ms)}")
    if rehearsal.evidence:
        facts.append(f"evidence: {linked(rehearsal.evidence)}")
    return ItemView(
        title="Rollback Rehearsal",
        facts=tuple(facts),
        note=prose(rehearsal.note) if rehearsal.note else "",
    )


# ---- verification -----------------------------------------------------------------------------


def checks(index: PlanIndex) -> list[ItemView]:
    """The automated checks and the metric bounds."""
    verification = index.plan.verification
    if verification is None:
        return []
    made = [_check(index, check) for check in verification.checks]
    return made + [_bound(bound) for bound in verification.bounds]


def _check(index: PlanIndex, check: Check) -> ItemView:
    facts = ["a warning if it fails" if check.warn else "critical"]
    if check.subjects:
        facts.append(f"for {listed(code(name) for name in check.subjects)}")
    if check.uses:
        facts.append(f"uses {listed(artifact_words(index, name.text) for name in check.uses)}")
    if check.timeout:
        facts.append(f"time limit {spoken(check.timeout.ms)}")
    return ItemView(
        title=md(check.title),
        facts=tuple(facts),
        note=prose(check.note) if check.note else "",
        blocks=tuple(expectation_blocks(index, check.expectations, check.bindings)),
    )


def _bound(bound: MetricBound) -> ItemView:
    facts = ["a warning if it fails" if bound.warn else "critical"]
    if bound.within:
        every = f", asked every {show_ms(bound.every.ms)}" if bound.every else ""
        facts.append(f"within {spoken(bound.within.ms)}{every}")
    if isinstance(bound.bound, FromBaseline):
        facts.append("the baseline is what `./capture.sh` recorded before the change")
    title = f"Metric {code(bound.metric)} {bound.relation} {bound.bound}"
    return ItemView(title=title, facts=tuple(facts))


# ---- sources, requirements and findings --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RequirementView:
    """A requirement of the level and the element that proves it."""

    title: str
    status: str
    evidence: str
    where: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding of the compiler."""

    code: str
    severity: str
    message: str
    hint: str
    where: str


def inputs(files: Iterable[InputFile]) -> list[tuple[str, str]]:
    """Path and hash of every source."""
    return [(cell_code(file.path), code(file.sha256)) for file in files]


def requirements(analysis: Analysis) -> list[RequirementView]:
    """What the level demands and recommends, in the order of the policy."""
    return [
        RequirementView(
            title=md(r.title) + ("" if r.mandatory else " (recommended)"),
            status=r.status.value,
            evidence=sentence(r.evidence),
            where=cell_code(place(analysis.plan, r.span)),
        )
        for r in analysis.requirements
    ]


def findings(plan: Plan, diagnostics: Iterable[Diagnostic]) -> list[FindingView]:
    """What the compiler found, in its order, without what is only said when asked for."""
    return [
        FindingView(
            code=code(d.code),
            severity=d.severity.value,
            message=sentence(d.message),
            hint=sentence(d.hint) if d.hint else "",
            where=cell_code(place(plan, d.span)),
        )
        for d in diagnostics
        if d.severity is not Severity.PEDANTIC
    ]
