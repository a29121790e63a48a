"""Draws a plan for a terminal: a timeline with bars, then its times, scenarios and regions.

No line is wider than asked for (80 columns unless told, at least 60), whatever the titles are;
control characters are made visible.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rbdsl.analysis.results import Analysis, PhaseTime, RegionTime
from rbdsl.model.steps import Gate
from rbdsl.model.values import show_ms
from rbdsl.review.graph_scale import Subject, subject, ticks, verdict
from rbdsl.review.palette import Palette
from rbdsl.review.visible import cells, visible, width


@dataclass(frozen=True, slots=True)
class Marks:
    """The characters of a drawing, one column each (`ellipsis` and `arrow` may be longer)."""

    critical: str
    other: str
    off_clock: str
    slack: str
    sla: str
    target: str
    pointer: str
    ellipsis: str
    arrow: str


BOX = Marks("█", "▒", "░", "·", "│", "┊", "▶", "…", "→")
ASCII = Marks("#", "=", "-", ".", "|", ":", ">", "..", "->")

_LABEL = 15
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
    lines = [*chart.heading(), "", *chart.bars(), "", *chart.facts()]
    if chart.subject.scenario:
        lines += chart.scenario()
    else:
        lines += [*chart.regions(), *chart.scenarios()]
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
        yield self.paint.faint(head + self._axis())
        for entry in self.subject.timeline:
            title = self._fit(entry.phase.title.plain, self.title)
            title += " " * (self.title - width(title))
            numbers = f"{show_ms(entry.budget_ms):>{self.budget}}  "
            numbers += f"{self._slack(entry):>{self.slack}}"
            pointer = self.marks.pointer if entry.critical else " "
            yield f"{pointer} {title}  {numbers}  {self._bar(entry)}"
        if self.subject.shown_limits:
            yield self.paint.faint(" " * self.left + self._limit_names())
        yield self.paint.faint("  " + "   ".join(self._legend()))

    def facts(self) -> Iterator[str]:
        line, drawn = self.subject.timeline, self.subject
        yield from self._wrapped("critical path", self._path(line.critical_path))
        sums = [show_ms(line[name].budget_ms) for name in line.critical_path]
        if len(sums) > 1:
            terms = [f"{term} +" for term in sums[:-1]]
            yield from self._wrapped("", [*terms, sums[-1], f"= {show_ms(line.total_ms)}"])
        yield self._fact(drawn.clock_name, self.paint.strong(show_ms(drawn.clock_ms)))
        on_clock = drawn.clock_ms == line.clock_ms
        if on_clock and line.clock_path != line.critical_path[: len(line.clock_path)]:
            yield from self._wrapped("", self._path(line.clock_path))
        for limit in reversed(drawn.limits):
            text = verdict(limit, drawn.clock_ms)
            missed = drawn.clock_ms > limit.length_ms
            label = f"SLA of level {drawn.analysis.policy.number}"
            yield self._fact(
                label if limit.name == "SLA" else limit.name,
                self._alarm(limit.name, text) if missed else self.paint.good(text),
            )
        aside = [
            f"{entry.phase.name} ({show_ms(entry.budget_ms)})"
            for entry in line
            if not entry.on_clock
        ]
        if aside:
            yield from self._wrapped("off the clock", _commas(aside))
        worst = f"worst case {show_ms(line.worst_total_ms)}"
        if line.worst_clock_ms != line.worst_total_ms:
            worst += f" ({show_ms(line.worst_clock_ms)} on the clock)"
        yield self._fact("in all", f"{show_ms(line.total_ms)}, {worst}")
        for point, blocked in drawn.blocked:
            yield from self._wrapped(
                "no return", [f"{point.name}", "blocks", *_commas(list(blocked))]
            )

    def regions(self) -> Iterator[str]:
        analysis = self.subject.analysis
        block = analysis.plan.regions
        if block is None or not analysis.regions:
            return
        yield ""
        whole = f"{show_ms(analysis.whole_ms)} in all, worst case "
        yield self._fact("regions", whole + show_ms(analysis.worst_whole_ms) + " with the gates")
        wave = 0
        for part in block.entries:
            if isinstance(part, Gate):
                limit = f", up to {show_ms(part.timeout.ms)}" if part.timeout else ""
                room = self.columns - _LABEL - 2 - len(limit)
                yield self._fact("  gate", self._fit(part.title.plain, room) + limit)
            else:
                yield from self._wave([r for r in analysis.regions if r.wave == wave])
                wave += 1

    def scenarios(self) -> Iterator[str]:
        results = self.subject.analysis.scenarios
        if not results:
            return
        room = max(10, self.columns - 46)
        label = min(max(width(visible(r.scenario.name.text)) for r in results), room)
        yield ""
        yield self.paint.faint(f"{'scenario':{label + 2}}  {'in all':>8}  {'on the clock':>12}")
        for result in results:
            name = self._fit(result.scenario.name.text, label)
            times = f"{show_ms(result.timeline.total_ms):>8}  "
            times += f"{show_ms(result.timeline.clock_ms):>12}"
            row = f"  {name:{label}}  {times}  "
            blockers = ", ".join(point.name.text for point in result.blocked_by)
            past = f"blocked past {blockers}" if blockers else ""
            yield row + self._fit(past, self.columns - width(row))

    def scenario(self) -> Iterator[str]:
        result = self.subject.scenario
        if result is None:
            return
        entries = result.timeline.phases
        running = set(result.timeline.names)
        left_out = [p.name.text for p in self.subject.analysis.plan.phases]
        left_out = [name for name in left_out if name not in running]
        partial = [
            f"{entry.phase.name} ({len(entry.steps)} of {len(entry.phase.steps)} steps)"
            for entry in entries
            if len(entry.steps) < len(entry.phase.steps)
        ]
        for label, words in (
            ("leaves out", left_out),
            ("runs in part", partial),
            ("skips checks", list(result.skipped_checks)),
        ):
            if words:
                yield from self._wrapped(label, _commas(words))

    def _wave(self, regions: list[RegionTime]) -> Iterator[str]:
        first = regions[0]
        words = _commas([region.region for region in regions])
        times = f"{show_ms(first.start_ms)} to {show_ms(first.finish_ms)}"
        words += [f"({times},", f"{show_ms(first.clock_ms)} on the clock)"]
        yield from self._wrapped(f"  wave {first.wave + 1}", words)

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

    def _slack(self, entry: PhaseTime) -> str:
        return "-" if entry.critical else show_ms(entry.slack_ms)

    def _alarm(self, name: str, text: str) -> str:
        return self.paint.removed(text) if name == "SLA" else self.paint.strong(text)

    def _path(self, names: Sequence[str]) -> list[str]:
        return [f"{name} {self.marks.arrow}" for name in names[:-1]] + list(names[-1:])

    def _fact(self, label: str, text: str) -> str:
        return f"{self.paint.faint(f'{label:{_LABEL}}')}  {text}"

    def _wrapped(self, label: str, words: Iterable[str]) -> Iterator[str]:
        """Words in lines behind a label."""
        room = self.columns - _LABEL - 2
        line = ""
        for word in (self._fit(word, room) for word in words):
            if line and width(line) + 1 + width(word) > room:
                yield self._fact(label, line)
                label, line = "", word
            else:
                line = f"{line} {word}" if line else word
        if line:
            yield self._fact(label, line)

    def _fit(self, text: str, room: int) -> str:
        """A text made harmless, shortened where it is wider than the room."""
        shown = visible(" ".join(text.split()))
        if width(shown) <= room:
            return shown
        kept, used = [], len(self.marks.ellipsis)
        for cell in cells(shown):
            used += cell.width
            if used > room:
                break
            kept.append(cell.text)
        return "".join(kept).rstrip() + self.marks.ellipsis


def _commas(words: list[str]) -> list[str]:
    return [f"{word}," for word in words[:-1]] + words[-1:]


def _ascii(text: str) -> str:
    """Only ASCII: `·` of the heading becomes `-`, other characters their code point."""
    text = text.replace("·", "-")
    return text.encode("ascii", "backslashreplace").decode("ascii")
