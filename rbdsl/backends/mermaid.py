"""Draws a plan in Mermaid: its timeline as a gantt chart, its order as a flowchart.

Both render on a code host. Every title is written in character references, so that no text of a
plan can end a label, and colours are only set on lines, so that light and dark pages work.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.results import Analysis, PhaseTime, Timeline
from rbdsl.model.plan import PointOfNoReturn
from rbdsl.model.values import show_ms

_HARMLESS = frozenset(" (),.–/")
_TICKS = ((20 * 60_000, "1minute"), (120 * 60_000, "5minute"), (720 * 60_000, "1hour"))
"""How far apart the ticks of the axis are, for a drawing up to that many milliseconds."""
_AN_HOUR_MS = 3_600_000
_A_DAY_MS = 24 * _AN_HOUR_MS


def mermaid_text(value: object) -> str:
    """A text for a label: letters, digits and a few harmless signs as they are, else `#NN;`."""
    line = " ".join(str(value).split())
    return "".join(c if c.isalnum() or c in _HARMLESS else f"#{ord(c)};" for c in line)


def phase_label(analysis: Analysis, entry: PhaseTime) -> str:
    """`Phase 3 – Database Rollback`, numbered in order of declaration, not yet escaped."""
    number = analysis.phase_number(entry.phase.name.text)
    return f"Phase {number} – {entry.phase.title.plain}"


def gantt(analysis: Analysis, timeline: Timeline | None = None) -> str:
    """A timeline (the whole plan's unless told) as a gantt chart, without a newline at its end.

    Phases of the critical path are marked as such. The SLA and the target are milestones.
    Times are minutes and seconds since the decision.
    """
    line = timeline or analysis.timeline
    start = _clock_start(analysis, line)
    width = max(line.total_ms, start + analysis.sla_ms)
    lines = [
        "gantt",
        f"    title {mermaid_text(analysis.plan.title)}",
        "    dateFormat YYYY-MM-DDTHH:mm:ss.SSS",
        f"    axisFormat {'%M:%S' if width < _AN_HOUR_MS else '%H:%M'}",
    ]
    ticks = [tick for upto, tick in _TICKS if width <= upto]
    lines += [f"    tickInterval {tick}" for tick in ticks[:1]]
    for title, on_clock in (("On the SLA clock", True), ("Off the clock", False)):
        entries = [entry for entry in line.phases if entry.on_clock is on_clock]
        if entries:
            lines.append(f"    section {title}")
            lines += [_bar(analysis, entry) for entry in entries]
    lines.append("    section Limits")
    region = " per region" if start else ""
    policy = analysis.policy
    limits = {"SLA": policy.sla_ms}
    if policy.target_ms != policy.sla_ms:  # a policy without a target has that of its SLA
        limits = {"Target": policy.target_ms, **limits}
    for name, limit in limits.items():
        words = f"{name} {show_ms(limit)}{region}"
        lines.append(f"    {words} :milestone, {name.lower()}, {_moment(start + limit)}, 0s")
    return "\n".join(lines)


def _clock_start(analysis: Analysis, line: Timeline) -> int:
    """When the SLA clock starts: at the decision, or where the region's own phases begin."""
    if not (analysis.regions and analysis.policy.per_region):
        return 0
    return min((e.start_ms for e in line.phases if not e.phase.run_once), default=0)


def _bar(analysis: Analysis, entry: PhaseTime) -> str:
    label = mermaid_text(f"{phase_label(analysis, entry)} ({show_ms(entry.budget_ms)})")
    words = [_node(analysis, entry), _moment(entry.start_ms), f"{entry.budget_ms}ms"]
    return f"    {label} :{', '.join((['crit'] if entry.critical else []) + words)}"


def _moment(ms: int) -> str:
    days, rest = divmod(ms, _A_DAY_MS)
    hours, rest = divmod(rest, _AN_HOUR_MS)
    minutes, rest = divmod(rest, 60_000)
    seconds, millis = divmod(rest, 1000)
    day = f"2000-01-{min(days, 30) + 1:02}T"
    return f"{day}{hours:02}:{minutes:02}:{seconds:02}.{millis:03}"


def _node(analysis: Analysis, entry: PhaseTime) -> str:
    return f"p{analysis.phase_number(entry.phase.name.text)}"


def flowchart(analysis: Analysis, timeline: Timeline | None = None) -> str:
    """The order of the phases of a timeline (the whole plan's unless told), without a newline.

    Thick arrows are `needs`, thin ones `after` (also over phases that are left out); points of no
    return point at what they block.
    """
    line = timeline or analysis.timeline
    lines = ["flowchart TB", "    decision([Decision])", *_nodes(analysis, line)]
    if any(entry.on_clock for entry in line.phases):
        lines.append("    verified([The SLA clock stops])")
    lines += _arrows(analysis, line)
    lines += _points(analysis, line)
    lines += [
        "    classDef critical stroke:#c62828,stroke-width:3px",
        "    classDef point stroke:#e65100,stroke-width:2px,stroke-dasharray:6 3",
        "    classDef offclock stroke-dasharray:3 3",
    ]
    for name, members in (
        ("critical", [e for e in line.phases if e.critical]),
        ("offclock", [e for e in line.phases if not e.on_clock]),
    ):
        if members:
            lines.append(f"    class {','.join(_node(analysis, e) for e in members)} {name}")
    return "\n".join(lines)


def _nodes(analysis: Analysis, line: Timeline) -> Iterator[str]:
    for entry in line.phases:
        title = mermaid_text(phase_label(analysis, entry))
        facts = [show_ms(entry.budget_ms)]
        facts.append("critical" if entry.critical else f"slack {show_ms(entry.slack_ms)}")
        if not entry.on_clock:
            facts.append("off the clock")
        if entry.phase.irreversible:
            facts.append("irreversible")
        yield f'    {_node(analysis, entry)}["{title}<br/>{mermaid_text(", ".join(facts))}"]'


def _arrows(analysis: Analysis, line: Timeline) -> Iterator[str]:
    for entry in line.phases:
        node = _node(analysis, entry)
        needs = {name.text for name in entry.phase.needs}
        if not entry.predecessors:
            yield f"    decision --> {node}"
        for name in entry.predecessors:
            arrow = "==>" if name in needs else "-->"
            yield f"    {_node(analysis, line[name])} {arrow} {node}"
    on_clock = [e for e in line.phases if e.on_clock]
    inner = {name for e in on_clock for name in e.predecessors}
    for entry in on_clock:
        if entry.phase.name.text not in inner:
            yield f"    {_node(analysis, entry)} --> verified"


def _points(analysis: Analysis, line: Timeline) -> Iterator[str]:
    for number, point in enumerate(analysis.plan.points_of_no_return, 1):
        blocked = [e for e in line.phases if e.phase.name.text in _blocks(point)]
        if blocked:
            label = mermaid_text(f"Point of no return: {point.title.plain}")
            yield f'    n{number}{{{{"{label}"}}}}'
            for entry in blocked:
                yield f"    n{number} -. blocks .-x {_node(analysis, entry)}"
            yield f"    class n{number} point"


def _blocks(point: PointOfNoReturn) -> set[str]:
    return {name.text for name in point.blocks}
