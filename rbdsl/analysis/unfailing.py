"""Texts that end with 0 whatever the commands in them come to: `ask || true`, `if ask; then … fi`.

Also those that can fail only where the answer is taken, and then do nothing about what it says:
`x="$(ask)"; if [ "$x" != 1 ]; then echo "not 1"; fi`.

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
from rbdsl.analysis.calls import calls
from rbdsl.analysis.empty_checks import empty
from rbdsl.analysis.held_by_failure import held_by_failure, held_without_answer
from rbdsl.analysis.judged import is_judged
from rbdsl.analysis.own_answers import own_answer
from rbdsl.analysis.shell import parsed
from rbdsl.analysis.statuses import SURE, Reading
from rbdsl.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tree_sitter import Node

    from rbdsl.analysis.calls import Call
    from rbdsl.model.proof import Check
    from rbdsl.model.steps import Expectation

_MAY_BE = re.compile(
    r"\|\||&|\b(?:if|for|case|set|export|local|declare|readonly|typeset|exit|return)\b"
    r"|^\s*(?:echo|printf|true|:|sleep|date|logger)\b|-\w*c\b|\bssh\b"
)
WHATEVER = "passes whatever it finds"
HINT_TO_FAIL = (
    "compare its output, leave out what takes the failure of the command (`|| true`), or ask first"
)
_TAKES = frozenset(
    ["variable_assignment", "variable_assignments", "declaration_command", "function_definition"]
)
_JUDGES = frozenset(["if_statement", "case_statement", "list"])
_TAKING = SURE | {"set", "mapfile", "readarray"}


@dataclass(frozen=True, slots=True)
class Question:
    """A command whose failure changes nothing: its name, and where it stands in the text."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """`cannot_fail`: the text ends with 0. `lost`: the first failure in it that goes for nothing;
    None where there is none, because nothing is asked. A text that ends where it gets no answer,
    and with 0 for every answer, has one, too.
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
    if outcome.fails:
        return Verdict(cannot_fail=False)
    if outcome.ends:
        return Verdict(cannot_fail=False, lost=_question(text, _judged_in_vain(root.children)))
    return Verdict(cannot_fail=True, lost=_question(text, reading.asked or reading.told))


def always_holds(expectation: Expectation) -> bool:
    """Whether an expectation is met whatever the state is, or where nothing answers.

    What is compared is not, unless the text answers itself (`ask || echo ok`), or the matcher
    holds for every answer.
    """
    if is_judged(expectation):
        return own_answer(expectation) is not None
    text = expectation.shell.text
    return verdict(text).cannot_fail or empty(calls(text)) is not None


def always_passes(check: Check, beside: Sequence[Check] = ()) -> str | None:
    """How a check passes of which no expectation has to be missed, for a message; else None.

    `beside` are all checks of the verification, its own among them: what one of them can't ask
    fails another.
    """
    if not check.expectations:
        return None
    if all(always_holds(e) and not own_answer(e) for e in check.expectations):
        return WHATEVER
    every = beside or (check,)
    if all(always_holds(e) or _holds_unasked(e, every) for e in check.expectations):
        return "passes also where nothing can be asked"
    return None


def _holds_unasked(expectation: Expectation, checks: Sequence[Check]) -> bool:
    """Whether an expectation holds where its question gets no answer, and nothing tells."""

    def beside(program: str) -> Iterable[Call]:
        asked = (e.shell.text for check in checks for e in check.expectations)
        return (call for text in asked for call in calls(text) if call.program == program)

    text = expectation.shell.text
    own = calls(text)
    if any(held_without_answer(text, own, beside)):
        return True
    if is_judged(expectation):
        return False
    return any(found.surely for found in held_by_failure(text, own, beside))


def _judged_in_vain(nodes: Sequence[Node]) -> Node | None:
    """What is asked of the answers that are taken before, if nothing comes of it."""
    statements = [node for node in nodes if node.is_named and node.type != "comment"]
    if not statements or not all(map(_only_takes, statements[:-1])):
        return None
    last = statements[-1]
    if last.type == "for_statement":
        body = next(child for child in last.children if child.type == "do_group")
        return _judged_in_vain(body.children)
    bare = last.children[0] if last.type == "redirected_statement" else last
    if bare.type not in _JUDGES:
        return None
    reading = Reading()
    outcome = reading.of_all([last], Strictness(), 0)
    if outcome.fails or outcome.ends:
        return None
    return bare if bare.type == "case_statement" else reading.asked


def _only_takes(node: Node) -> bool:
    """Whether a statement keeps an answer, or says something, and judges nothing."""
    if node.type == "command":
        name = node.child_by_field_name("name")
        return name is not None and (name.text or b"").decode("utf-8", "replace") in _TAKING
    return node.type in _TAKES


def _question(text: str, node: Node | None) -> Question | None:
    if node is None:
        return None
    place = in_characters(text)
    start, end = place(node.start_byte), place(node.end_byte)
    return Question(text[start:end].split(maxsplit=1)[0].rpartition("/")[2], start, end)
