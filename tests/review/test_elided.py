"""Commands too long for a line, as `rbc diff` shows them: what differs is seen at any width."""

from __future__ import annotations

import random

import pytest

from rbdsl.review.changes.compare import compare
from rbdsl.review.changes.elided import distinct, elided
from rbdsl.review.diff_text import render
from rbdsl.review.page import Page
from rbdsl.review.visible import width
from tests.checking import checked

COMMAND = (
    "kubectl -n shop set image deployment/shop web=registry.example.com/team/shop/web-frontend:3.1.0 "
    "--record --timeout=120s"
)
PLAN = """\
rbplan 1
plan shop "Shop" {
  level 2
  phase back "Back" { budget 5m; step undo "Go back" { timeout 3m; run `COMMAND` } }
}
"""


def lines(old: str, new: str) -> list[str]:
    """The `-` and `+` lines of `rbc diff` where a command became another one."""
    plans = [checked(PLAN.replace("COMMAND", command)) for command in (old, new)]
    text = render([compare(plans[0], plans[1], "a", "a")], Page())
    assert max(map(len, text.splitlines())) <= 80
    return [
        line.strip() for line in text.splitlines() if line.strip()[2:].startswith("kubectl -n shop")
    ]


def test_what_differs_at_the_end_is_seen() -> None:
    old, new = lines(COMMAND, COMMAND.replace("120s", "1200s"))
    assert old.startswith("- kubectl -n shop set")
    assert old.endswith("…--record --timeout=120s")
    assert new.endswith("…--record --timeout=1200s")


def test_what_differs_at_two_places_is_seen() -> None:
    old, new = lines(COMMAND, COMMAND.replace("120s", "1200s").replace("3.1.0", "3.2.0"))
    assert ":3.1.0" in old
    assert ":3.2.0" in new
    assert old.endswith("timeout=120s")
    assert new.endswith("timeout=1200s")


PIECES = ["a", "b", " ", "-", "x" * 30, "日本", "…", "foo=bar", "\u0301", "a "]


@pytest.mark.parametrize("seed", range(40))
def test_no_two_lines_look_the_same(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - texts, no secrets
    one = [chance.choice(PIECES) for _ in range(chance.randint(1, 60))]
    other = list(one)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(other) + 1)
        other[at : at + chance.randint(0, 2)] = [chance.choice(PIECES)] * chance.randint(0, 2)
    texts = ["".join(one), "".join(other), "".join([*other, "a"])]
    columns = chance.randint(32, 92)
    shown = distinct([f"- {texts[0]}", f"+ {texts[1]}", f"+ {texts[2]}"], columns)
    assert max(map(width, shown)) <= columns
    assert len({line[2:] for line in shown}) == len(set(texts))
    both = {elided(texts[0], texts[1], columns), elided(texts[1], texts[0], columns)}
    assert len(both) == len(set(texts[:2]))
