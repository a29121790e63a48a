"""The part of PLAN.md that is computed: phase times, totals against the SLA, regions."""

from __future__ import annotations

from rbdsl.analysis.results import Analysis, PhaseTime, Timeline
from rbdsl.backends.quoting import markdown_code as code
from rbdsl.backends.quoting import markdown_text as md
from rbdsl.backends.wording import listed, numbers_in_ranges, plural, spoken
from rbdsl.model.plan import PointOfNoReturn
from rbdsl.model.values import show_ms
from rbdsl.record import dataclass


@dataclass(frozen=True, slots=True)
class TimeRow:
    """One phase in the table of computed times."""

    number: int
    title: str
    waits_for: str
    start: str
    finish: str
    budget: str
    budget_words: str
    worst: str
    slack: str
    clock: str


@dataclass(frozen=True, slots=True)
class RegionView:
    """A region, when it is reached, and its own time."""

    name: str
    wave: int
    start: str
    finish: str
    clock: str


def rows(analysis: Analysis) -> list[TimeRow]:
    """The phases of the whole plan in order of declaration."""
    ordered = sorted(analysis.timeline.phases, key=lambda e: _number(analysis, e))
    return [_row(analysis, entry) for entry in ordered]


def _number(analysis: Analysis, entry: PhaseTime) -> int:
    return analysis.phase_number(entry.phase.name.text)


def _row(analysis: Analysis, entry: PhaseTime) -> TimeRow:
    before = sorted(analysis.phase_number(name) for name in entry.predecessors)
    return TimeRow(
        number=_number(analysis, entry),
        title=md(entry.phase.title),
        waits_for=numbers_in_ranges(before) or "–",
        start=show_ms(entry.start_ms),
        finish=show_ms(entry.finish_ms),
        budget=show_ms(entry.budget_ms),
        budget_words=spoken(entry.budget_ms),
        worst=show_ms(entry.worst_ms),
        slack="critical" if entry.critical else show_ms(entry.slack_ms),
        clock="yes" if entry.on_clock else "no",
    )


def totals(analysis: Analysis) -> list[tuple[str, str]]:
    """Total, SLA, target and buffer as pairs of label and inert Markdown."""
    line, policy = analysis.timeline, analysis.policy
    clock = analysis.slowest_clock_ms
    made = [
        ("Total Time", f"{spoken(line.total_ms)}{' in one region' if analysis.regions else ''}")
    ]
    if clock != line.total_ms:
        made.append(("Time on the SLA Clock", f"{spoken(clock)}{_left_out(analysis)}"))
    made += [
        ("SLA", f"{sla_words(analysis)} (Level {policy.number})"),
        ("Buffer", margin(policy.sla_ms - clock)),
        *_target(analysis, clock),
        *_worst(analysis),
        ("Critical Path", _path(analysis, line)),
    ]
    if analysis.regions:
        made.append(("All Regions", f"{spoken(analysis.whole_ms)}, without waiting at gates"))
    return made


def _left_out(analysis: Analysis) -> str:
    """The phases that the clock doesn't count."""
    plan, per_region = analysis.plan, bool(analysis.regions) and analysis.policy.per_region
    numbers = [
        analysis.phase_number(p.name.text)
        for p in plan.phases
        if p.off_clock or (per_region and p.run_once)
    ]
    noun = "Phase" if len(numbers) == 1 else "Phases"
    return f" (without {noun} {numbers_in_ranges(numbers)})" if numbers else ""


def margin(ms: int) -> str:
    """A buffer in words, or by how much the limit is missed."""
    return spoken(ms) if ms >= 0 else f"none: {spoken(-ms)} over the SLA"


def _against(limit_ms: int, actual_ms: int) -> str:
    rest = limit_ms - actual_ms
    return f"missed by {spoken(-rest)}" if rest < 0 else "met"


def _worst(analysis: Analysis) -> list[tuple[str, str]]:
    """What may come of the time on the clock; nothing where nothing limits it."""
    worst = analysis.timeline.worst_clock_ms
    if not worst:
        return []
    if worst < analysis.timeline.clock_ms:
        return [("Time Limits", f"stop the run after {spoken(worst)} on the SLA clock")]
    over = worst - analysis.sla_ms
    against = f"{spoken(over)} over the SLA" if over > 0 else "within the SLA"
    return [("Worst Case on the SLA Clock", f"{spoken(worst)} ({against})")]


def _path(analysis: Analysis, line: Timeline) -> str:
    steps = [
        f"Phase {analysis.phase_number(name)} ({show_ms(line[name].budget_ms)})"
        for name in line.critical_path
    ]
    return f"{' → '.join(steps)} = {show_ms(line.total_ms)}" if steps else "no phases"


def sla_words(analysis: Analysis) -> str:
    """`15 minutes`, or `10 minutes per region`."""
    return spoken(analysis.sla_ms) + (" per region" if analysis.policy.per_region else "")


def _target(analysis: Analysis, clock: int) -> list[tuple[str, str]]:
    words = target_words(analysis)
    return [("Target", f"{words} ({_against(analysis.policy.target_ms, clock)})")] if words else []


def target_words(analysis: Analysis) -> str:
    """As `sla_words`, for the target; "" where the policy has none."""
    if analysis.policy.target_ms == analysis.policy.sla_ms:
        return ""
    return spoken(analysis.policy.target_ms) + (" per region" if analysis.policy.per_region else "")


def regions(analysis: Analysis) -> list[RegionView]:
    """Every region, in the order of the waves."""
    return [
        RegionView(
            name=code(r.region),
            wave=r.wave + 1,
            start=show_ms(r.start_ms),
            finish=show_ms(r.finish_ms),
            clock=show_ms(r.clock_ms),
        )
        for r in analysis.regions
    ]


def summary(analysis: Analysis, findings: int) -> str:
    """The plan's times and findings in one sentence, as inert Markdown."""
    clock, sla = analysis.slowest_clock_ms, analysis.sla_ms
    region = " in each region" if analysis.policy.per_region and analysis.regions else ""
    verdict = (
        f"{spoken(sla - clock)} inside of its SLA of {spoken(sla)}"
        if clock <= sla
        else f"{spoken(clock - sla)} over its SLA of {spoken(sla)}"
    )
    said = "no findings" if not findings else f"[{plural(findings, 'finding')}](#findings)"
    points = "".join(f" {_past(analysis, p)}" for p in analysis.plan.points_of_no_return)
    return f"Takes {spoken(clock)} on the SLA clock{region}, {verdict}; {said}.{points}"


def _past(analysis: Analysis, point: PointOfNoReturn) -> str:
    """What is left past a point of no return, in a sentence."""
    ways = [f"“{md(r.scenario.title)}”" for r in analysis.scenarios if point not in r.blocked_by]
    if not {name.text for name in point.blocks} & set(analysis.timeline.names):
        ways.insert(0, "the whole plan")
    if point.forward_fix:
        ways.append("the forward fix")
    return f"Past “{md(point.title)}” there is left: {listed(ways, 'or') or 'nothing'}."
