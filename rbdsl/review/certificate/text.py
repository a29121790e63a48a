"""The judgement of a plan as people read it: each requirement, what proves it, what is missing."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from rbdsl.analysis.results import Analysis
from rbdsl.model.values import show_ms
from rbdsl.review.certificate.judgement import Binding, Judged, Judgement, Verdict
from rbdsl.review.certificate.runs import JudgedRun
from rbdsl.review.graph_words import worst_words
from rbdsl.review.page import Page
from rbdsl.review.visible import visible
from rbdsl.source import Span

_WIDEST = 100
_PIPED = 80
_MARKS = {
    Verdict.PROVEN: "✓",
    Verdict.WEAKENED: "~",
    Verdict.STALE: "~",
    Verdict.MISSING: "✗",
}


def render(
    analysis: Analysis,
    judgement: Judgement,
    runs: Sequence[JudgedRun],
    plan_sha256: str,
    page: Page,
) -> str:
    """The whole page, without a newline at its end."""
    plan, policy = analysis.plan, analysis.policy
    clock = analysis.slowest_clock_ms
    times = ", ".join(
        (
            f"{show_ms(clock)} on the clock of {show_ms(analysis.sla_ms)}",
            *worst_words(clock, analysis.slowest_worst_ms),
        )
    )
    lines = [
        page.look.strong(visible(f"{plan.title}: level {plan.level.number}, {policy.title}")),
        f"  plan {plan_sha256[:12]}, {times}",
        "",
    ]
    for judged in judgement.requirements:
        lines += _requirement(judged, page)
    if judgement.problems:
        lines += ["", page.look.strong("errors that no evidence makes up for")]
        for problem in judgement.problems:
            where = _place(problem.span)
            lines += _filled(f"{problem.code} {problem.message} ({where})", page, "  - ", "    ")
    if runs:
        lines += ["", page.look.strong("runs")]
        for run in runs:
            lines += _filled(_run(run), page, "  - ", "    ")
    return "\n".join([*lines, "", *_summary(analysis, judgement, page)])


def _place(span: Span) -> str:
    """A line by the path that `rbc check` shows, so that a terminal can open it."""
    return f"{span.source.path}:{span.begin.line}"


def _requirement(judged: Judged, page: Page) -> Iterator[str]:
    requirement = judged.requirement
    word = "" if judged.verdict is Verdict.PROVEN else f": {judged.verdict}"
    wish = "" if requirement.mandatory else ", recommended"
    head = f"{_MARKS[judged.verdict]} {requirement.code} {requirement.title}{wish}{word}"
    paint = page.look.good if judged.verdict is Verdict.PROVEN else page.look.removed
    yield "  " + paint(visible(head))
    where = "" if judged.run else f" ({_place(requirement.span)})"
    said = ", as the plan states" if judged.binding is Binding.STATED else ""
    if judged.evidence.endswith("no run of this version"):
        said = ""
    yield from _filled(f"{judged.evidence}{said}{where}", page, "    ", "    ")
    if judged.hint:
        yield from _filled(f"hint: {judged.hint}", page, "    ", "    ")


def _run(judged: JudgedRun) -> str:
    run = judged.run
    where = f" in `{run.rehearsal}`" if run.rehearsal else ""
    same = " (its script does the same as this plan's)" if judged.bound == "script" else ""
    return f"{run.run}{where}, {judged.worth}: {judged.why}{same}"


def _summary(analysis: Analysis, judgement: Judgement, page: Page) -> Iterator[str]:
    level = analysis.plan.level.number
    mandatory = [j for j in judgement.requirements if j.requirement.mandatory]
    proven = sum(j.verdict is Verdict.PROVEN for j in mandatory)
    stated = sum(j.binding is Binding.STATED and j.verdict is Verdict.PROVEN for j in mandatory)
    count = f"{proven} of {len(mandatory)} requirements proven"
    if stated:
        count += f", {stated} of them only as the plan states"
    if judgement.reached:
        yield page.look.good(f"level {level} is reached") + f": {count}"
        return
    errors = len(judgement.problems)
    if errors:
        count += f", {errors} error{'s' * (errors != 1)}"
    yield page.look.removed(f"level {level} is not reached") + f": {count}"


def _filled(text: str, page: Page, lead: str, indent: str) -> list[str]:
    columns = max(min(page.columns, _WIDEST), 40) if page.wrap else _PIPED
    return textwrap.wrap(
        visible(text),
        columns,
        initial_indent=lead,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
