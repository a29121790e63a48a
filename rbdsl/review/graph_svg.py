"""Draws a plan as a picture: a timeline with bars, arrows between them, SLA and target as lines.

The SVG stands alone (no script, no font, no link), follows the light or dark scheme of the page
where the viewer supports it, and tells its content to screen readers. All texts are escaped.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.results import Analysis, PhaseTime
from rbdsl.model.values import show_ms
from rbdsl.review.graph_scale import Limit, Subject, is_critical_link, subject, ticks
from rbdsl.review.graph_svg_parts import STYLE, number, octagon, safe, text_at
from rbdsl.review.graph_svg_regions import draw_regions
from rbdsl.review.graph_words import fitted, phase_facts, verdict, worst_words
from rbdsl.review.visible import visible

_NAMED = 'xmlns="http://www.w3.org/2000/svg"'
_WIDTH = 960
_MARGIN = 28
_LEFT = 300  # where the time begins
_RIGHT = _WIDTH - 44  # where it ends
_HEAD = 112  # above the first bar
_ROW = 36
_BAR = 20


def draw(analysis: Analysis, scenario: str | None) -> str:
    """The picture of the whole plan, or of the scenario of that name; ends with a newline.

    Raises KeyError where there is no such scenario.
    """
    return "\n".join(_Picture(subject(analysis, scenario)).lines()) + "\n"


class _Picture:
    def __init__(self, drawn: Subject) -> None:
        self.drawn = drawn
        self.entries = drawn.timeline.phases
        self.rows = {entry.phase.name.text: row for row, entry in enumerate(self.entries)}
        self.bottom = _HEAD + max(1, len(self.entries)) * _ROW

    def lines(self) -> list[str]:
        body = [
            *self._title(),
            *self._grid(),
            *self._limits(),
            *self._arrows(),
            *self._bars(),
            *self._summary(),
        ]
        foot = self.bottom + 84
        if not self.drawn.scenario:
            regions = list(draw_regions(self.drawn.analysis, foot, _MARGIN, _LEFT, _RIGHT))
            if regions:
                body += regions
                foot += 56 + len(self.drawn.analysis.regions) * 24
        title = f"{self.drawn.analysis.plan.title.plain}, {self.drawn.heading}"
        size = f'viewBox="0 0 {_WIDTH} {foot}" width="{_WIDTH}" height="{foot}"'
        inner = f'width="{_WIDTH - 1}" height="{foot - 1}"'
        return [
            f'<svg {_NAMED} {size} role="img" aria-labelledby="title desc">',
            f'<title id="title">{safe(title)}</title>',
            f'<desc id="desc">{safe(" ".join(self._description()))}</desc>',
            f"<style>{STYLE}</style>",
            f'<rect class="ground" x=".5" y=".5" {inner} rx="12"/>',
            *body,
            "</svg>",
        ]

    def _description(self) -> Iterator[str]:
        for entry in self.entries:
            yield f"{entry.phase.title.plain}: {phase_facts(entry)}."
        yield f"{show_ms(self.drawn.clock_ms)} {self.drawn.clock_name}."
        for limit in self.drawn.limits:
            yield f"{limit.name} {verdict(limit, self.drawn.clock_ms)}."
        for point, names in self.drawn.blocked:
            yield f"Past the point of no return {point.title.plain}: not {', '.join(names)}."

    def _title(self) -> Iterator[str]:
        heading = visible(self.drawn.heading)
        title = fitted(self.drawn.analysis.plan.title.plain, 74)
        yield text_at(_MARGIN, 38, title, "title")
        yield text_at(_MARGIN, 60, heading, "faint")
        x: float = _RIGHT
        for style, meaning in reversed(list(self._legend())):
            x -= len(meaning) * 5.8
            yield text_at(x, 60, meaning, "small faint")
            x -= 16
            if style == "point":
                yield octagon(x, 54)
            else:
                shape = 'y="50" width="11" height="11" rx="3"'
                yield f'<rect class="{style}" x="{number(x)}" {shape}/>'
            x -= 16

    def _legend(self) -> Iterator[tuple[str, str]]:
        if any(e.critical and e.on_clock for e in self.entries):
            yield "critical", "critical"
        if any(not e.critical for e in self.entries):
            yield "other", "with slack"
        if any(not e.on_clock for e in self.entries):
            yield "off", "off the clock"
        if self.drawn.blocked:
            yield "point", "blocked past a point of no return"

    def _grid(self) -> Iterator[str]:
        for row in range(0, len(self.entries), 2):
            y = _HEAD + row * _ROW
            yield f'<rect class="row" x="1" y="{y}" width="{_WIDTH - 2}" height="{_ROW}"/>'
        for tick in ticks(self.drawn.horizon_ms, 10):
            x = self._x(tick)
            yield f'<path class="grid" d="M{x} {_HEAD - 6}V{self.bottom}"/>'
            yield text_at(x, _HEAD - 12, show_ms(tick), "tick", anchor="middle")

    def _limits(self) -> Iterator[str]:
        edge = float("inf")
        for limit in reversed(self.drawn.shown_limits):
            x, label = self._x(limit.at_ms), f"{limit.name} {show_ms(limit.length_ms)}"
            style = limit.name.lower()
            yield f'<path class="{style}" d="M{x} {_HEAD - 6}V{self.bottom + 6}"/>'
            at = min(float(x), edge)
            anchor = "end" if at > _RIGHT - 30 or edge < float("inf") else "middle"
            yield text_at(at, self.bottom + 20, label, f"small strong {style}text", anchor=anchor)
            edge = at - len(label) * 7 - 10

    def _arrows(self) -> Iterator[str]:
        links = [
            (self.drawn.timeline[before], entry)
            for entry in self.entries
            for before in entry.predecessors
        ]
        # Those of the critical path lie above the others.
        for before, entry in sorted(links, key=lambda link: is_critical_link(*link)):
            needs = {needed.text for needed in entry.phase.needs}
            style = "needs" if before.phase.name.text in needs else "after"
            link = " link" if is_critical_link(before, entry) else ""
            yield self._arrow(before, entry, style + link)

    def _arrow(self, before: PhaseTime, entry: PhaseTime, style: str) -> str:
        """From the right end of one bar, then down onto the left end of the other."""
        end, start = self._left(before) + self._length(before), self._left(entry)
        x = start + min(9.0, self._length(entry) / 2)
        top = self._top(entry) - 1
        y = self._top(before) + _BAR / 2
        head = "headlink" if style.endswith("link") else "head"
        return (
            f'<path class="{style}" d="M{number(end)} {number(y)}H{number(x)}V{number(top - 4)}"/>'
            f'<path class="{head}" d="M{number(x)} {number(top)}l-3.5 -6h7z"/>'
        )

    def _bars(self) -> Iterator[str]:
        blocked = {name for _, names in self.drawn.blocked for name in names}
        for entry in self.entries:
            x, y, length = self._left(entry), self._top(entry), self._length(entry)
            style = "critical" if entry.critical else "other"
            middle = y + _BAR / 2 + 4.5
            yield "<g>"
            tip = f"{entry.phase.title.plain}: {phase_facts(entry)}"
            yield f"<title>{safe(tip)}</title>"
            yield text_at(_MARGIN, middle, fitted(entry.phase.title.plain, 30), "")
            if entry.phase.name.text in blocked:
                yield octagon(_MARGIN - 15, middle - 7)
            budget = show_ms(entry.budget_ms)
            yield text_at(_LEFT - 16, middle, budget, "faint", anchor="end")
            shape = (
                f'x="{number(x)}" y="{number(y)}" width="{number(length)}" height="{_BAR}" rx="5"'
            )
            if not entry.on_clock:
                # What lies below must not show through.
                yield f'<rect class="on" {shape}/>'
            yield f'<rect class="{style if entry.on_clock else "off"}" {shape}/>'
            if entry.slack_ms:
                end = self._x(entry.finish_ms + entry.slack_ms)
                start = f"M{number(x + length + 5)} {number(y + _BAR / 2)}"
                yield f'<path class="slack" d="{start}H{end}"/>'
            yield "</g>"

    def _summary(self) -> Iterator[str]:
        line, drawn = self.drawn.timeline, self.drawn
        y = self.bottom + 50
        # One text in parts, so that the viewer and not a guess sets them side by side.
        parts = [f'<tspan class="strong">{show_ms(drawn.clock_ms)} {drawn.clock_name}</tspan>']
        for limit in reversed(drawn.limits):
            words = safe(f"{limit.name} {verdict(limit, drawn.clock_ms)}")
            parts.append(
                f'<tspan class="{_outcome(limit, drawn.clock_ms)}" dx="22">{words}</tspan>'
            )
        yield f'<text x="{_MARGIN}" y="{y}">{"".join(parts)}</text>'
        worst = worst_words(line.total_ms, line.worst_total_ms)
        rest = ", ".join((f"{show_ms(line.total_ms)} in all", *worst))
        yield text_at(_RIGHT, y, rest, "faint", anchor="end")

    def _x(self, at_ms: int) -> str:
        return number(_LEFT + at_ms / self.drawn.horizon_ms * (_RIGHT - _LEFT))

    def _left(self, entry: PhaseTime) -> float:
        return float(self._x(entry.start_ms)) + 1

    def _length(self, entry: PhaseTime) -> float:
        return max(3.0, float(self._x(entry.finish_ms)) - self._left(entry) - 1)

    def _top(self, entry: PhaseTime) -> float:
        return _HEAD + self.rows[entry.phase.name.text] * _ROW + (_ROW - _BAR) / 2


def _outcome(limit: Limit, clock_ms: int) -> str:
    if clock_ms <= limit.length_ms:
        return "kept"
    return "missed strong" if limit.name == "SLA" else "late"
