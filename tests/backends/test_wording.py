from __future__ import annotations

import pytest

from rbdsl.backends.wording import listed, numbers_in_ranges, spoken, spoken_range
from rbdsl.model.values import Duration
from rbdsl.source import Source

SPAN = Source("x", "").span(0, 0)
MINUTE, HOUR = 60_000, 3_600_000


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (0, "0 seconds"),
        (500, "500 milliseconds"),
        (1000, "1 second"),
        (MINUTE, "1 minute"),
        (2 * MINUTE, "2 minutes"),
        (90_000, "1 minute 30 seconds"),
        (HOUR, "1 hour"),
        (25 * HOUR + 1000, "25 hours 1 second"),
        (-MINUTE, "-1 minute"),
    ],
)
def test_durations_in_words(ms: int, words: str) -> None:
    assert spoken(ms) == words


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (0, 5 * MINUTE, "0-5 minutes"),
        (15 * MINUTE, 30 * MINUTE, "15-30 minutes"),
        (30 * MINUTE, None, "30+ minutes"),
        (15 * MINUTE, HOUR, "15 minutes - 1 hour"),
        (HOUR, 24 * HOUR, "1-24 hours"),
        (0, MINUTE, "0-1 minute"),
        (30_000, MINUTE, "30 seconds - 1 minute"),
        (0, None, "0+ minutes"),
    ],
)
def test_ranges_as_the_seed_writes_them(start: int, end: int | None, words: str) -> None:
    later = None if end is None else Duration(end, SPAN)
    assert spoken_range(Duration(start, SPAN), later) == words


@pytest.mark.parametrize(
    ("numbers", "words"),
    [([], ""), ([3], "3"), ([1, 2], "1-2"), ([1, 4, 5, 6, 8], "1, 4-6, 8")],
)
def test_numbers_in_ranges(numbers: list[int], words: str) -> None:
    assert numbers_in_ranges(numbers) == words


@pytest.mark.parametrize(
    ("words", "text"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (list("abc"), "a, b and c")],
)
def test_lists(words: list[str], text: str) -> None:
    assert listed(words) == text
