"""Says durations, ranges and numbers in words, as the documents for people want them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rbdsl.model.values import Duration

_UNITS = (("hour", 3_600_000), ("minute", 60_000), ("second", 1000), ("millisecond", 1))


def spoken(ms: int) -> str:
    """Milliseconds in words: `2 minutes`, `1 minute 30 seconds`, `0 seconds`, `-1 minute`."""
    if ms < 0:
        return f"-{spoken(-ms)}"
    words = []
    for unit, size in _UNITS:
        count, ms = divmod(ms, size)
        if count:
            words.append(plural(count, unit))
    return " ".join(words) or "0 seconds"


def spoken_range(start: Duration, end: Duration | None) -> str:
    """A stretch of time: `0-5 minutes`, `15 minutes - 1 hour`, `30+ minutes`."""
    if end is None:
        unit, size = _whole_unit(start.ms)
        return f"{start.ms // size}+ {unit}s"
    unit, size = _whole_unit(end.ms)
    if start.ms % size == 0 and (start.ms == 0 or _whole_unit(start.ms)[0] == unit):
        return f"{start.ms // size}-{plural(end.ms // size, unit)}"
    return f"{spoken(start.ms)} - {spoken(end.ms)}"


def _whole_unit(ms: int) -> tuple[str, int]:
    """The largest unit that the time is a whole number of."""
    return next((u for u in _UNITS if ms >= u[1] and ms % u[1] == 0), ("minute", 60_000))


def plural(count: int, noun: str) -> str:
    """`1 phase`, `2 phases`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def listed(words: Iterable[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`; empty for none."""
    items = list(words)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def numbers_in_ranges(numbers: Sequence[int]) -> str:
    """Ascending numbers, neighbours joined: `1, 4-8`."""
    runs: list[list[int]] = []
    for value in numbers:
        if runs and value == runs[-1][-1] + 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    return ", ".join(str(r[0]) if len(r) == 1 else f"{r[0]}-{r[-1]}" for r in runs)
