"""The lines under the timeline of the text drawing: times, limits, scenarios, regions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rbdsl.analysis.results import RegionTime
from rbdsl.model.steps import Gate
from rbdsl.model.values import show_ms
from rbdsl.review.graph_scale import Subject
from rbdsl.review.graph_text_marks import Marks
from rbdsl.review.graph_words import fitted, verdict, worst_words
from rbdsl.review.palette import Palette
from rbdsl.review.visible import visible, width

_LABEL = 15


class Facts:
    """Writes what a drawing cannot show, in lines of at most `columns`."""

    def __init__(self, drawn: Subject, marks: Marks, columns: int, palette: Palette) -> None:
        self.subject = drawn
        self.marks = marks
        self.columns = columns
        self.paint = palette

    def lines(self) -> Iterator[str]:
        """Everything about what is drawn."""
        yield from self._times()
        if self.subject.scenario:
            yield from self._scenario()
        else:
            yield from self._regions()
            yield from self._scenarios()

    def _times(self) -> Iterator[str]:
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
        whole = ", ".join(
            (show_ms(line.total_ms), *worst_words(line.total_ms, line.worst_total_ms))
        )
        if line.worst_clock_ms != line.worst_total_ms:
            whole += f" ({show_ms(line.worst_clock_ms)} on the clock)"
        yield self._fact("in all", whole)
        for point, blocked in drawn.blocked:
            yield from self._wrapped(
                "no return", [f"{point.name}", "blocks", *_commas(list(blocked))]
            )

    def _regions(self) -> Iterator[str]:
        analysis = self.subject.analysis
        block = analysis.plan.regions
        if block is None or not analysis.regions:
            return
        yield ""
        words = worst_words(analysis.whole_ms, analysis.worst_whole_ms)
        parts = [f"{show_ms(analysis.whole_ms)} in all", *(f"{w} with the gates" for w in words)]
        yield self._fact("regions", ", ".join(parts))
        wave = 0
        for part in block.entries:
            if isinstance(part, Gate):
                limit = f", up to {show_ms(part.timeout.ms)}" if part.timeout else ""
                room = self.columns - _LABEL - 2 - len(limit)
                yield self._fact("  gate", self._fit(part.title.plain, room) + limit)
            else:
                yield from self._wave([r for r in analysis.regions if r.wave == wave])
                wave += 1

    def _scenarios(self) -> Iterator[str]:
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

    def _scenario(self) -> Iterator[str]:
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
        return fitted(text, room, self.marks.ellipsis)


def _commas(words: list[str]) -> list[str]:
    return [f"{word}," for word in words[:-1]] + words[-1:]
