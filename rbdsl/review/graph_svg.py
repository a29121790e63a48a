"""Draws a plan as a picture: a timeline with bars, arrows between them, SLA and target as lines.

The SVG stands alone (no script, no font, no link), follows the light or dark scheme of the page
where the viewer supports it, and tells its content to screen readers. All texts are escaped.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from rbdsl.analysis.results import Analysis, PhaseTime
from rbdsl.model.steps import Gate
from rbdsl.model.values import show_ms
from rbdsl.review.graph_scale import (
    Limit,
    Subject,
    is_critical_link,
    phase_facts,
    subject,
    ticks,
    verdict,
)
from rbdsl.review.visible import cells, visible, width

_NAMED = 'xmlns="http://www.w3.org/2000/svg"'
_WIDTH = 960
_MARGIN = 28
_LEFT = 300  # where the time begins
_RIGHT = _WIDTH - 44  # where it ends
_HEAD = 112  # above the first bar
_ROW = 36
_BAR = 20

# Plain classes and no custom properties, which some renderers do not know.
_STYLE = """\
text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;fill:#0f172a}
.ground{fill:#ffffff;stroke:#e2e8f0}
.title{font-size:19px;font-weight:600}
.faint,.tick{fill:#64748b}
.tick,.small{font-size:11px}
.strong{font-weight:600}
.grid{stroke:#e2e8f0}
.row{fill:#f8fafc}
.critical{fill:#ea580c}
.other{fill:#3b82f6}
.off{fill:#94a3b8;fill-opacity:.25;stroke:#94a3b8;stroke-dasharray:4 3}
.slack{stroke:#3b82f6;stroke-width:2;stroke-dasharray:1 4;stroke-linecap:round}
.after,.needs{fill:none;stroke:#94a3b8;stroke-width:1.5}
.after{stroke-dasharray:4 3}
.link{stroke:#ea580c}
.head{fill:#94a3b8}
.headlink{fill:#ea580c}
.sla{stroke:#dc2626;stroke-width:1.5}
.target{stroke:#ca8a04;stroke-width:1.5;stroke-dasharray:5 4}
.slatext,.missed{fill:#dc2626}
.targettext{fill:#a16207}
.kept{fill:#15803d}
.late{fill:#ca8a04}
.on{fill:#ffffff}
.gate{fill:#ca8a04}
.point{fill:#dc2626}
@media (prefers-color-scheme:dark){
text{fill:#e2e8f0}
.ground{fill:#0f172a;stroke:#334155}
.faint,.tick{fill:#94a3b8}
.grid{stroke:#1e293b}
.row{fill:#131d31}
.critical{fill:#f97316}
.other{fill:#60a5fa}
.slack{stroke:#60a5fa}
.after,.needs{stroke:#64748b}
.link{stroke:#f97316}
.head{fill:#64748b}
.headlink{fill:#f97316}
.sla{stroke:#f87171}
.slatext,.missed{fill:#f87171}
.target{stroke:#facc15}
.targettext{fill:#facc15}
.kept{fill:#4ade80}
.late{fill:#facc15}
.on{fill:#0f172a}
}"""


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
            regions = list(_regions(self.drawn.analysis, foot))
            if regions:
                body += regions
                foot += 56 + len(self.drawn.analysis.regions) * 24
        title = f"{self.drawn.analysis.plan.title.plain}, {self.drawn.heading}"
        size = f'viewBox="0 0 {_WIDTH} {foot}" width="{_WIDTH}" height="{foot}"'
        inner = f'width="{_WIDTH - 1}" height="{foot - 1}"'
        return [
            f'<svg {_NAMED} {size} role="img" aria-labelledby="title desc">',
            f'<title id="title">{_safe(title)}</title>',
            f'<desc id="desc">{_safe(" ".join(self._description()))}</desc>',
            f"<style>{_STYLE}</style>",
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
        title = _fit(self.drawn.analysis.plan.title.plain, 74)
        yield _text(_MARGIN, 38, title, "title")
        yield _text(_MARGIN, 60, heading, "faint")
        x: float = _RIGHT
        for style, meaning in reversed(list(self._legend())):
            x -= len(meaning) * 5.8
            yield _text(x, 60, meaning, "small faint")
            x -= 16
            if style == "point":
                yield _octagon(x, 54)
            else:
                yield f'<rect class="{style}" x="{_n(x)}" y="50" width="11" height="11" rx="3"/>'
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
            yield _text(x, _HEAD - 12, show_ms(tick), "tick", anchor="middle")

    def _limits(self) -> Iterator[str]:
        edge = float("inf")
        for limit in reversed(self.drawn.shown_limits):
            x, label = self._x(limit.at_ms), f"{limit.name} {show_ms(limit.length_ms)}"
            style = limit.name.lower()
            yield f'<path class="{style}" d="M{x} {_HEAD - 6}V{self.bottom + 6}"/>'
            at = min(float(x), edge)
            anchor = "end" if at > _RIGHT - 30 or edge < float("inf") else "middle"
            yield _text(at, self.bottom + 20, label, f"small strong {style}text", anchor=anchor)
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
            f'<path class="{style}" d="M{_n(end)} {_n(y)}H{_n(x)}V{_n(top - 4)}"/>'
            f'<path class="{head}" d="M{_n(x)} {_n(top)}l-3.5 -6h7z"/>'
        )

    def _bars(self) -> Iterator[str]:
        blocked = {name for _, names in self.drawn.blocked for name in names}
        for entry in self.entries:
            x, y, length = self._left(entry), self._top(entry), self._length(entry)
            style = "critical" if entry.critical else "other"
            middle = y + _BAR / 2 + 4.5
            yield "<g>"
            tip = f"{entry.phase.title.plain}: {phase_facts(entry)}"
            yield f"<title>{_safe(tip)}</title>"
            yield _text(_MARGIN, middle, _fit(entry.phase.title.plain, 30), "")
            if entry.phase.name.text in blocked:
                yield _octagon(_MARGIN - 15, middle - 7)
            budget = show_ms(entry.budget_ms)
            yield _text(_LEFT - 16, middle, budget, "faint", anchor="end")
            shape = f'x="{_n(x)}" y="{_n(y)}" width="{_n(length)}" height="{_BAR}" rx="5"'
            if not entry.on_clock:
                # What lies below must not show through.
                yield f'<rect class="on" {shape}/>'
            yield f'<rect class="{style if entry.on_clock else "off"}" {shape}/>'
            if entry.slack_ms:
                end = self._x(entry.finish_ms + entry.slack_ms)
                yield f'<path class="slack" d="M{_n(x + length + 5)} {_n(y + _BAR / 2)}H{end}"/>'
            yield "</g>"

    def _summary(self) -> Iterator[str]:
        line, drawn = self.drawn.timeline, self.drawn
        y = self.bottom + 50
        # One text in parts, so that the viewer and not a guess sets them side by side.
        parts = [f'<tspan class="strong">{show_ms(drawn.clock_ms)} {drawn.clock_name}</tspan>']
        for limit in reversed(drawn.limits):
            words = _safe(f"{limit.name} {verdict(limit, drawn.clock_ms)}")
            parts.append(
                f'<tspan class="{_outcome(limit, drawn.clock_ms)}" dx="22">{words}</tspan>'
            )
        yield f'<text x="{_MARGIN}" y="{y}">{"".join(parts)}</text>'
        rest = f"{show_ms(line.total_ms)} in all, worst case {show_ms(line.worst_total_ms)}"
        yield _text(_RIGHT, y, rest, "faint", anchor="end")

    def _x(self, at_ms: int) -> str:
        return _n(_LEFT + at_ms / self.drawn.horizon_ms * (_RIGHT - _LEFT))

    def _left(self, entry: PhaseTime) -> float:
        return float(self._x(entry.start_ms)) + 1

    def _length(self, entry: PhaseTime) -> float:
        return max(3.0, float(self._x(entry.finish_ms)) - self._left(entry) - 1)

    def _top(self, entry: PhaseTime) -> float:
        return _HEAD + self.rows[entry.phase.name.text] * _ROW + (_ROW - _BAR) / 2


def _regions(analysis: Analysis, top: int) -> Iterator[str]:
    """The whole run over all regions: one bar each, a diamond for every gate."""
    block = analysis.plan.regions
    if block is None or not analysis.regions:
        return
    horizon = max(analysis.whole_ms, 1)

    def at(time_ms: int) -> float:
        return _LEFT + time_ms / horizon * (_RIGHT - _LEFT)

    yield f'<path class="grid" d="M{_MARGIN} {top - 6}H{_RIGHT}"/>'
    yield _text(_MARGIN, top + 18, "Regions", "strong")
    whole = f"{show_ms(analysis.whole_ms)} in all, worst case {show_ms(analysis.worst_whole_ms)}"
    yield _text(_RIGHT, top + 18, f"{whole} with the gates", "faint", anchor="end")
    y = top + 32
    for region in analysis.regions:
        x = at(region.start_ms)
        length = max(3.0, at(region.finish_ms) - x)
        span = f"{show_ms(region.start_ms)} to {show_ms(region.finish_ms)}"
        yield _text(_MARGIN, y + 13, _fit(f"wave {region.wave + 1}: {region.region}", 36), "")
        yield "<g>"
        yield f"<title>{_safe(region.region)}: {span}</title>"
        yield (f'<rect class="other" x="{_n(x)}" y="{y}" width="{_n(length)}" height="18" rx="5"/>')
        if length > len(span) * 6 + 8:
            yield _text(x + length / 2, y + 13, span, "small on", anchor="middle")
        yield "</g>"
        y += 24
    wave, y = -1, top + 32
    for part in block.entries:
        if isinstance(part, Gate):
            ends = [r.finish_ms for r in analysis.regions if r.wave == wave]
            x = at(ends[0] if ends else analysis.regions[0].start_ms)
            yield _diamond(x, y - 3, part)
        else:
            wave += 1
            y += 24 * len(part.regions)


def _octagon(x: float, y: float) -> str:
    """A stop sign of ten pixels: the phase is blocked past a point of no return."""
    return f'<path class="point" d="M{_n(x)} {_n(y)}l3 -3h4l3 3v4l-3 3h-4l-3 -3z"/>'


def _diamond(x: float, y: float, gate: Gate) -> str:
    limit = f", up to {show_ms(gate.timeout.ms)}" if gate.timeout else ""
    return (
        f"<g><title>gate {_safe(gate.title.plain)}{limit}</title>"
        f'<path class="gate" d="M{_n(x)} {_n(y - 7)}l7 7l-7 7l-7 -7z"/></g>'
    )


def _n(value: float) -> str:
    """A coordinate, short and the same everywhere."""
    return f"{value:.1f}".removesuffix(".0")


def _text(x: float | str, y: float, text: str, style: str, *, anchor: str = "start") -> str:
    place = f'x="{x if isinstance(x, str) else _n(x)}" y="{_n(y)}"'
    named = f' class="{style}"' if style else ""
    side = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f"<text {place}{named}{side}>{_safe(text)}</text>"


def _safe(text: str) -> str:
    """A text without what XML cannot hold, escaped."""
    return escape(visible(" ".join(text.split())))


def _fit(text: str, room: int) -> str:
    shown = visible(" ".join(text.split()))
    if width(shown) <= room:
        return shown
    kept, used = "", 1
    for cell in cells(shown):
        used += cell.width
        if used > room:
            break
        kept += cell.text
    return kept.rstrip() + "…"


def _outcome(limit: Limit, clock_ms: int) -> str:
    if clock_ms <= limit.length_ms:
        return "kept"
    return "missed strong" if limit.name == "SLA" else "late"
