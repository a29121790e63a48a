"""Draws a plan for a terminal: a timeline with bars, then its times, scenarios and regions.

No line is wider than asked for (80 columns unless told, at least 60), whatever the titles are;
control characters are made visible.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.results import Analysis, PhaseTime
from rbdsl.model.values import show_ms
from rbdsl.review.graph_scale import Subject, subject, ticks
from rbdsl.review.graph_text_facts import Facts
from rbdsl.review.graph_text_marks import BOX, Marks
from rbdsl.review.graph_words import fitted
from rbdsl.review.palette import Palette
from rbdsl.review.visible import visible, width

_MOST_TITLE = 30


def draw(
    analysis: Analysis,
    scenario: str | None,
    *,
    marks: Marks = BOX,
    columns: int = 80,
    palette: Palette | None = None,
) -> str:
    """The drawing of the whole plan, or of the scenario of that name; ends with a newline.

    Raises KeyError where there is no such scenario.
    """
    chart = _Chart(subject(analysis, scenario), marks, max(columns, 60), palette or Palette())
    facts = Facts(chart.subject, marks, chart.columns, chart.paint)
    lines = [*chart.heading(), "", *chart.bars(), "", *facts.lines()]
    text = "\n".join(line.rstrip() for line in lines) + "\n"
    return text if marks is BOX else _ascii(text)


class _Chart:
    def __init__(self, drawn: Subject, marks: Marks, columns: int, palette: Palette) -> None:
        self.subject = drawn
        self.marks = marks
        self.columns = columns
        self.paint = palette
        entries = drawn.timeline.phases
        titles = [width(visible(e.phase.title.plain)) for e in entries]
        self.title = max(5, min(max(titles, default=0), _MOST_TITLE, columns - 46))
        self.budget = max(6, *(len(show_ms(e.budget_ms)) for e in entries), 6)
        self.slack = max(5, *(len(self._slack(e)) for e in entries), 5)
        # pointer, title, budget and slack, with two blanks between them
        self.left = 2 + self.title + 2 + self.budget + 2 + self.slack + 2
        self.room = columns - self.left

    def heading(self) -> Iterator[str]:
        right = visible(self.subject.heading)
        title = self._fit(self.subject.analysis.plan.title.plain, self.columns - width(right) - 2)
        gap = self.columns - width(title) - width(right)
        yield self.paint.strong(title) + " " * gap + self.paint.faint(right)

    def bars(self) -> Iterator[str]:
        if not self.subject.timeline.phases:
            yield "  no phases"
            return
        head = f"  {'phase':{self.title}}  {'budget':>{self.budget}}  {'slack':>{self.slack}}  "
        yield self.paint.faint((head + self._axis()).rstrip())
        for entry in self.subject.timeline:
            title = self._fit(entry.phase.title.plain, self.title)
            title += " " * (self.title - width(title))
            numbers = f"{show_ms(entry.budget_ms):>{self.budget}}  "
            numbers += f"{self._slack(entry):>{self.slack}}"
            pointer = self.marks.pointer if entry.critical else " "
            yield f"{pointer} {title}  {numbers}  {self._bar(entry)}"
        if self.subject.shown_limits:
            yield self.paint.faint((" " * self.left + self._limit_names()).rstrip())
        yield self.paint.faint("  " + "   ".join(self._legend()))

    def _bar(self, entry: PhaseTime) -> str:
        row = [" "] * self.room
        drawn = self.subject
        for limit in drawn.shown_limits:
            row[self._column(limit.at_ms)] = getattr(self.marks, limit.name.lower())
        start, end = self._column(entry.start_ms), self._column(entry.finish_ms)
        start = min(start, self.room - 1)
        end = max(end, start + 1)
        late = self._column(entry.finish_ms + entry.slack_ms)
        for at in range(end, late):
            row[at] = self.marks.slack
        mark = self.marks.critical if entry.critical else self.marks.other
        bar = (self.marks.off_clock if not entry.on_clock else mark) * (end - start)
        if entry.critical and entry.on_clock:
            bar = self.paint.strong(bar)
        return "".join(row[:start]) + bar + "".join(row[end:])

    def _legend(self) -> Iterator[str]:
        entries = self.subject.timeline.phases
        for mark, meaning, used in (
            (self.marks.critical, "critical", any(e.critical and e.on_clock for e in entries)),
            (self.marks.other, "not critical", any(not e.critical for e in entries)),
            (self.marks.off_clock, "off the clock", any(not e.on_clock for e in entries)),
            (self.marks.slack, "slack", any(e.slack_ms for e in entries)),
        ):
            if used:
                yield f"{mark} {meaning}"

    def _axis(self) -> str:
        row = [" "] * self.room
        free = 0
        for tick in ticks(self.subject.horizon_ms, max(2, self.room // 6)):
            label = show_ms(tick)
            at = self._column(tick)
            if tick and at + len(label) > self.room:
                at = self.room - len(label)
            if at >= free:
                row[at : at + len(label)] = label
                free = at + len(label) + 1
        return "".join(row)

    def _limit_names(self) -> str:
        row = [" "] * self.room
        end = self.room
        for limit in reversed(self.subject.shown_limits):
            label = f"{limit.name} {show_ms(limit.length_ms)}"
            at = min(self._column(limit.at_ms), end - len(label))
            if at >= 0:
                row[at : at + len(label)] = label
                end = at - 2
        return "".join(row)

    def _column(self, at_ms: int) -> int:
        """The column of a time: 0 up to the last one."""
        share = (at_ms * (self.room - 1) * 2 + self.subject.horizon_ms) // (
            self.subject.horizon_ms * 2
        )
        return min(share, self.room - 1)

    def _fit(self, text: str, room: int) -> str:
        return fitted(text, room, self.marks.ellipsis)

    def _slack(self, entry: PhaseTime) -> str:
        return "-" if entry.critical else show_ms(entry.slack_ms)


def _ascii(text: str) -> str:
    """Only ASCII: `·` of the heading becomes `-`, other characters their code point."""
    text = text.replace("·", "-")
    return text.encode("ascii", "backslashreplace").decode("ascii")
