"""The target `bash`: four scripts that stand alone, each the plan's part above one runtime.

Views only: what a script says is decided here, how it is laid out in `targets/bash/`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache

from rbdsl.analysis.worst_case import phase_limit_ms
from rbdsl.backends.bash_metrics import metric_calls, metric_commands, monitor_calls
from rbdsl.backends.bash_phases import (
    Section,
    add_step,
    check_commands,
    looks_at_region,
    phase_section,
    point_section,
)
from rbdsl.backends.bash_pieces import Piece, piece
from rbdsl.backends.bash_surroundings import (
    about_call,
    archive_calls,
    artifact_calls,
    channel_calls,
    escalation_calls,
    hook_section,
    region_calls,
    scenario_calls,
    verification_section,
)
from rbdsl.backends.bash_values import value_lines
from rbdsl.backends.bash_words import Call, text_word
from rbdsl.backends.output import EmitRequest, OutputFile
from rbdsl.backends.quoting import comment_text, sh
from rbdsl.backends.templates import render
from rbdsl.model.keeping import Baseline
from rbdsl.model.plan import Plan
from rbdsl.resources import data_folder

NAME = "bash"
DESCRIPTION = "rollback.sh, capture.sh, verify.sh and monitor.sh, which stand alone"


def emit(request: EmitRequest) -> list[OutputFile]:
    """The four scripts, executable."""
    makers = {
        "rollback": _rollback,
        "capture": _capture,
        "verify": _verify,
        "monitor": _monitor,
    }
    return [
        OutputFile(f"{role}.sh", _render(request, role, *make(request)), executable=True)
        for role, make in makers.items()
    ]


def _render(request: EmitRequest, role: str, calls: list[Call], sections: list[Section]) -> str:
    plan = request.analysis.plan
    artifacts = plan.artifacts
    pieces = [p for section in sections for p in section.pieces]
    calls = [*calls, *artifact_calls(plan, artifacts)]
    about, *calls = calls
    declared = [line for call in calls for line in call.lines()]
    texts = ["\n".join(p.lines) for p in pieces]
    values = value_lines(plan, artifacts, [*texts, *declared])
    return render(
        NAME,
        f"{role}.sh.j2",
        role=role,
        title=plan.title.plain,
        plan=plan.name.text,
        change=_paragraph(plan),
        source=request.inputs[0].path,
        sha256=request.inputs[0].sha256,
        version=request.version,
        values=values,
        settable=any(line.startswith("rbc_add ") for line in values),
        about=about.lines(),
        calls=declared,
        sections=sections,
        pieces=[p.name for p in pieces],
        runtime=runtime(),
    )


def _paragraph(plan: Plan) -> list[str]:
    text = plan.change.plain.strip() if plan.change else ""
    return [comment_text(line) for line in text.split("\n")] if text else []


@cache
def runtime() -> str:
    """The runtime: the same bytes in every script of one version."""
    folder = data_folder("targets") / NAME / "runtime"
    parts = tomllib.loads((folder / "parts.toml").read_text("utf-8"))["parts"]
    return "\n".join((folder / f"{part}.sh").read_text("utf-8") for part in parts)


def _about(request: EmitRequest, commands: Iterable[str]) -> Call:
    return about_call(request.analysis, request.plan_sha256, f"rbc {request.version}", commands)


def _rollback(request: EmitRequest) -> tuple[list[Call], list[Section]]:
    analysis = request.analysis
    plan = analysis.plan
    sections = [
        phase_section(
            phase,
            number,
            len(plan.phases),
            phase_limit_ms(phase, plan.verification),
            plan.points_of_no_return,
        )
        for number, phase in enumerate(plan.phases, 1)
    ]
    sections += [point_section(point) for point in plan.points_of_no_return]
    commands: list[str] = []
    metrics: list[str] = []
    if any(phase.verifies for phase in plan.phases):
        sections.append(verification_section(plan))
        metrics = _bound_metrics(plan)
        commands = metric_commands(plan, metrics)
    sections.append(hook_section(plan))
    calls = [_about(request, commands)]
    for result in analysis.scenarios:
        calls += scenario_calls(plan, result)
    if plan.regions:
        calls += region_calls(plan.regions)
    calls += metric_calls(plan, metrics)
    calls += [*channel_calls(plan), *escalation_calls(plan), *archive_calls(plan)]
    return calls, _filled(sections)


def _filled(sections: list[Section]) -> list[Section]:
    return [s for s in sections if s.calls]


def _bound_metrics(plan: Plan) -> list[str]:
    return [b.metric.text for b in plan.verification.bounds] if plan.verification else []


def _capture(request: EmitRequest) -> tuple[list[Call], list[Section]]:
    plan = request.analysis.plan
    section = Section(["What is saved before the change"], "phase.capture")
    section.call(Call("phase", "capture", sh("Capture"), "budget=3600"))
    metrics = [name.text for name in plan.baselines]
    for name in metrics:
        section.call(Call("baseline", name))
    if plan.capture:
        for fact in plan.capture.facts:
            section.call(Call("fact", sh(fact.label.plain), text_word(fact.value)))
        if plan.capture.baseline:
            _add_baseline(section, plan.capture.baseline)
        for step in plan.capture.steps:
            add_step(section, "capture", step, regional=looks_at_region(step))
    calls = [_about(request, metric_commands(plan, metrics)), *metric_calls(plan, metrics)]
    if plan.capture and any(step.notify for step in plan.capture.steps):
        calls += channel_calls(plan)
    if plan.regions:
        calls += region_calls(plan.regions)
    return calls, [section]


def _add_baseline(section: Section, baseline: Baseline) -> None:
    """What prints the baseline, and the step that keeps it; no step of a plan has such a name."""
    call = Call("step", "baseline.snapshot", sh("Baseline of the metrics"))
    call.flag("per_region", baseline.artifact.path.references).put("creates", "baseline")
    section.call(call.names("commands", check_commands([baseline.shell], ())))
    about = ("Prints the baseline of the metrics",)
    section.pieces += [
        piece("print.capture.baseline", baseline.shell, (), about),
        Piece(
            "step.capture.baseline.snapshot",
            ("Keeps the baseline of the metrics",),
            ('  print.capture.baseline >"$baseline"',),
        ),
    ]


def _verify(request: EmitRequest) -> tuple[list[Call], list[Section]]:
    plan = request.analysis.plan
    metrics = _bound_metrics(plan)
    calls = [_about(request, metric_commands(plan, metrics)), *metric_calls(plan, metrics)]
    calls += [scenario_calls(plan, result)[0] for result in request.analysis.scenarios]
    if plan.regions:
        calls += region_calls(plan.regions)
    return calls, _filled([verification_section(plan)])


def _monitor(request: EmitRequest) -> tuple[list[Call], list[Section]]:
    plan = request.analysis.plan
    triggers = plan.triggers.automatic if plan.triggers else ()
    metrics = [t.metric.text for t in triggers]
    calls = [_about(request, metric_commands(plan, metrics)), *monitor_calls(request.analysis)]
    calls += [*metric_calls(plan, metrics), *channel_calls(plan)]
    if plan.regions:
        calls += region_calls(plan.regions)
    return calls, []
