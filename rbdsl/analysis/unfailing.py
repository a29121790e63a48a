"""Texts that end with 0 whatever the commands in them come to: `ask || true`, `if ask; then … fi`.

In: a text, as it stands in a plan, where a step's own shell ends at its first failure (`ask; true`
can fail). Out: whether it can't fail, and which question is the first whose failure is lost.
Fooled by a program that never fails, and by one that a `trap` of its own ends.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from rbdsl.analysis.call_outcome import Strictness
from rbdsl.analysis.call_walk import in_characters
from rbdsl.analysis.shell import parsed
from rbdsl.analysis.statuses import Reading
from rbdsl.record import dataclass

if TYPE_CHECKING:
    from tree_sitter import Node

    from rbdsl.model.proof import Check
    from rbdsl.model.steps import Expectation

_MAY_BE = re.compile(
    r"\|\||&|\b(?:if|for|case|set|export|local|declare|readonly|typeset|exit|return)\b"
    r"|^\s*(?:echo|printf|true|:|sleep|date|logger)\b|-\w*c\b|\bssh\b"
)


@dataclass(frozen=True, slots=True)
class Question:
    """A command whose failure changes nothing: its name, and where it stands in the text."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """`cannot_fail`: the text ends with 0. `lost`: the first failure in it that goes for nothing;
    None where there is none, because nothing is asked.
    """

    cannot_fail: bool
    lost: Question | None = None


@lru_cache(maxsize=2048)
def verdict(text: str) -> Verdict:
    """Whether a text can fail."""
    if not _MAY_BE.search(text):
        return Verdict(cannot_fail=False)
    root = parsed(text)
    if root.has_error:
        return Verdict(cannot_fail=False)
    reading = Reading()
    outcome = reading.of_all(root.children, Strictness(), 0)
    if outcome.fails or outcome.ends:
        return Verdict(cannot_fail=False)
    return Verdict(cannot_fail=True, lost=_question(text, reading.asked))


def always_holds(expectation: Expectation) -> bool:
    """Whether an expectation is met whatever the state is; what is compared is not."""
    return expectation.matcher is None and verdict(expectation.shell.text).cannot_fail


def always_passes(check: Check) -> bool:
    """Whether no expectation of a check can be missed."""
    return bool(check.expectations) and all(map(always_holds, check.expectations))


def _question(text: str, node: Node | None) -> Question | None:
    if node is None:
        return None
    place = in_characters(text)
    start, end = place(node.start_byte), place(node.end_byte)
    return Question(text[start:end].split(maxsplit=1)[0].rpartition("/")[2], start, end)
