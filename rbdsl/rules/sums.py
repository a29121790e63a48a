"""Times as sums: the phases of a path with their budgets, and what they add up to."""

from __future__ import annotations

from collections.abc import Iterable

from rbdsl.analysis.results import Timeline
from rbdsl.model.values import show_ms

_MOST = 12
"""So many terms or names are spelled out; of more than that the middle is left out."""

_ENDS = 4


def budget_sum(timeline: Timeline, path: Iterable[str]) -> str:
    """`3m + 1m + 1m = 5m` for the phases of a path; one phase alone is just `3m`."""
    budgets = [timeline[name].budget_ms for name in path]
    return _sum([show_ms(ms) for ms in budgets], sum(budgets))


def named_sum(timeline: Timeline, path: Iterable[str]) -> str:
    """`stop 1m + database 3m = 4m` for the phases of a path."""
    entries = [timeline[name] for name in path]
    parts = [f"{entry.phase.name} {show_ms(entry.budget_ms)}" for entry in entries]
    return _sum(parts, sum(entry.budget_ms for entry in entries))


def named_worst_sum(timeline: Timeline, path: Iterable[str]) -> str:
    """The same over the worst cases of the phases."""
    entries = [timeline[name] for name in path]
    parts = [f"{entry.phase.name} {show_ms(entry.worst_ms)}" for entry in entries]
    return _sum(parts, sum(entry.worst_ms for entry in entries))


def listed(names: Iterable[str], last: str = "and") -> str:
    """Names in backticks, as in a sentence: `a`, `b` and `c`."""
    quoted = shortened([f"`{name}`" for name in names])
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"


def counted(number: int, noun: str) -> str:
    """`1 step`, `2 steps`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _sum(parts: list[str], total: int) -> str:
    shown = shortened(parts)
    return f"{' + '.join(shown)} = {show_ms(total)}" if len(parts) > 1 else parts[0]


def shortened(parts: list[str]) -> list[str]:
    """The first and the last few of many parts, and between them how many are left out."""
    if len(parts) <= _MOST:
        return parts
    return [*parts[:_ENDS], f"({len(parts) - 2 * _ENDS} more)", *parts[-_ENDS:]]
