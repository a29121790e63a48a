"""The part of PLAN.md on partial rollbacks: what each rolls back, and its computed time."""

from __future__ import annotations

from rbdsl.analysis.results import Analysis, ScenarioResult, Timeline
from rbdsl.backends.markdown_prose import prose, remark
from rbdsl.backends.quoting import markdown_code as code
from rbdsl.backends.quoting import markdown_text as md
from rbdsl.backends.wording import listed, numbers_in_ranges, spoken
from rbdsl.record import dataclass


@dataclass(frozen=True, slots=True)
class ScenarioView:
    """A partial rollback with its computed time."""

    title: str
    rollback: str
    time: str
    use_when: str
    note: str
    command: str
    detail: tuple[str, ...]


def _time(analysis: Analysis, line: Timeline) -> str:
    """The whole time of a timeline, and what of it is on the SLA clock."""
    said = spoken(line.total_ms)
    if analysis.regions:
        return f"{said} in one region"
    if line.clock_ms == line.total_ms:
        return said
    return f"{said} ({spoken(line.clock_ms)} on the SLA clock)"


def whole(analysis: Analysis) -> ScenarioView:
    """The whole plan, as a scenario among the others."""
    line = analysis.timeline
    return ScenarioView(
        title="The whole plan",
        rollback=phases_of(analysis, line),
        time=_time(analysis, line),
        use_when="",
        note="",
        command="./rollback.sh",
        detail=(),
    )


def scenarios(analysis: Analysis) -> list[ScenarioView]:
    """The partial rollbacks, in the order of the plan."""
    return [_scenario(analysis, result) for result in analysis.scenarios]


def phases_of(analysis: Analysis, line: Timeline) -> str:
    """`Phases 1, 4-8`."""
    numbers = sorted(analysis.phase_number(name) for name in line.names)
    noun = "Phase" if len(numbers) == 1 else "Phases"
    return f"{noun} {numbers_in_ranges(numbers)}" if numbers else "no phases"


def _scenario(analysis: Analysis, result: ScenarioResult) -> ScenarioView:
    scenario, line = result.scenario, result.timeline
    only = f"{listed(md(n) for n in scenario.only)} only, " if scenario.only else ""
    return ScenarioView(
        title=md(scenario.title),
        rollback=f"{only}{phases_of(analysis, line)}",
        time=_time(analysis, line),
        use_when=remark(scenario.use_when) if scenario.use_when else "",
        note=prose(scenario.note) if scenario.note else "",
        command=f"./rollback.sh --scenario {scenario.name}",
        detail=tuple(_scenario_detail(analysis, result)),
    )


def _scenario_detail(analysis: Analysis, result: ScenarioResult) -> list[str]:
    made = []
    if result.scenario.only:
        steps = [md(step.title) for entry in result.timeline.phases for step in entry.steps]
        made.append(f"**Steps**: {', '.join(steps) or 'none'}")
    if result.blocked_by:
        points = listed(md(point.title) for point in result.blocked_by)
        made.append(f"**Impossible past**: {points}")
    elif analysis.plan.points_of_no_return:
        made.append("**Past the point of no return**: still possible")
    if result.skipped_checks:
        made.append(
            f"**Checks left out**: {listed(_check(analysis, n) for n in result.skipped_checks)}"
        )
    return made


def _check(analysis: Analysis, name: str) -> str:
    verification = analysis.plan.verification
    checks = verification.checks if verification else ()
    return next((md(c.title) for c in checks if c.name.text == name), code(name))
