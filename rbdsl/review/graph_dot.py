"""Draws the order of a plan's phases in DOT, the language of Graphviz.

Solid arrows are `needs`, dashed ones `after`; both also run over phases that a scenario leaves
out. The critical path is drawn thick, points of no return point at what they block.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.results import Analysis, PhaseTime
from rbdsl.model.values import show_ms
from rbdsl.review.graph_scale import Subject, is_critical_link, subject
from rbdsl.review.graph_words import verdict
from rbdsl.review.visible import visible

_CRITICAL = "#c2410c"
_LINE = "#475569"
_LEFT = "\\l"  # ends a line that is set to the left
_ALARM = "#b91c1c"


def draw(analysis: Analysis, scenario: str | None) -> str:
    """The graph of the whole plan, or of the scenario of that name; ends with a newline.

    Raises KeyError where there is no such scenario.
    """
    drawn = subject(analysis, scenario)
    lines = [
        f"digraph {_quoted(analysis.plan.name.text)} {{",
        "  rankdir=LR;",
        f"  label={_label(*_caption(drawn), end=_LEFT)};",
        '  labelloc=t; labeljust=l; bgcolor=white; fontname="Helvetica"; fontsize=12;',
        f'  node [shape=box, style="rounded,filled", fillcolor=white, color="{_LINE}"];',
        '  node [fontname="Helvetica", fontsize=11, margin="0.15,0.08"];',
        f'  edge [color="{_LINE}", arrowsize=0.7, fontname="Helvetica", fontsize=10];',
        *_nodes(drawn),
        *_edges(drawn),
        *_points(drawn),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _caption(drawn: Subject) -> Iterator[str]:
    yield f"{drawn.analysis.plan.title.plain} — {drawn.heading}"
    limits = [f"{limit.name} {verdict(limit, drawn.clock_ms)}" for limit in reversed(drawn.limits)]
    yield "; ".join((f"{show_ms(drawn.clock_ms)} {drawn.clock_name}", *limits))


def _nodes(drawn: Subject) -> Iterator[str]:
    for entry in drawn.timeline:
        facts = f"{show_ms(entry.start_ms)} to {show_ms(entry.finish_ms)}"
        slack = "critical" if entry.critical else f"slack {show_ms(entry.slack_ms)}"
        name = entry.phase.name.text
        label = _label(entry.phase.title.plain, f"{show_ms(entry.budget_ms)}, {facts}", slack)
        yield f"  {_quoted(name)} [{', '.join((f'label={label}', *_look(entry)))}];"


def _look(entry: PhaseTime) -> Iterator[str]:
    if entry.critical and entry.on_clock:
        yield f'color="{_CRITICAL}", penwidth=2.5'
    if not entry.on_clock:
        yield 'style="rounded,dashed"'
    if entry.phase.irreversible:
        yield "peripheries=2"


def _edges(drawn: Subject) -> Iterator[str]:
    for entry in drawn.timeline:
        name = entry.phase.name.text
        needs = {needed.text for needed in entry.phase.needs}
        for before in entry.predecessors:
            style = ["style=solid" if before in needs else "style=dashed"]
            if is_critical_link(drawn.timeline[before], entry):
                style.append(f'color="{_CRITICAL}", penwidth=2.5')
            yield f"  {_quoted(before)} -> {_quoted(name)} [{', '.join(style)}];"


def _points(drawn: Subject) -> Iterator[str]:
    for number, (point, blocked) in enumerate(drawn.blocked, 1):
        # No phase can be called so: names have no blank.
        node = _quoted(f"point {number}")
        label = _label("point of no return", point.title.plain)
        yield f'  {node} [label={label}, shape=octagon, style=filled, color="{_ALARM}"];'
        for name in blocked:
            look = f'color="{_ALARM}", style=dotted, arrowhead=tee, label=blocks'
            yield f"  {node} -> {_quoted(name)} [{look}];"


def _label(*lines: str, end: str = "\\n") -> str:
    """A label of several lines, each made harmless."""
    return '"' + "".join(_escaped(line) + end for line in lines).removesuffix("\\n") + '"'


def _quoted(name: str) -> str:
    return f'"{_escaped(name)}"'


def _escaped(text: str) -> str:
    # `&` starts a character reference in DOT, as in HTML.
    shown = visible(" ".join(text.split()))
    return shown.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
