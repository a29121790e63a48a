"""Loops that wait for something, give up after some tries, and end as if it had come.

In: a text. Out: the stretches of the heads of such loops, by offsets in characters: nothing in the
loop fails, and nothing behind it looks again. Also those in a text for another shell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from rbdsl.analysis.call_walk import in_characters
from rbdsl.analysis.call_words import plain
from rbdsl.analysis.calls import calls
from rbdsl.analysis.shell import parsed
from rbdsl.analysis.shell_grammar import walk
from rbdsl.patterns import lazy_pattern

if TYPE_CHECKING:
    from tree_sitter import Node

_LOOPS = frozenset(["for_statement", "c_style_for_statement", "while_statement"])
_TEXTS = frozenset(["string", "raw_string", "heredoc_body"])
_PAUSES = frozenset(["sleep", "usleep"])
_ENDS = frozenset(["exit", "return", "exec", "kill", "false"])
_SPEAKING = frozenset(["echo", "printf", "sleep", "usleep", ":", "true", "date", "logger", "log"])
_TESTING = frozenset(["test", "["])
_FAILING = lazy_pattern(rb"(?i)fail|die|abort|fatal|error|panic|giveup|give_up")
_TRIES = lazy_pattern(
    rb"\{\d+\.\.\d+(?:\.\.\d+)?\}|\$\(\s*seq\b[^)]*\)|`\s*seq\b[^`]*`|(?:\d+\s*){2,}"
)
_COUNTS = lazy_pattern(rb"\(\(|-(?:lt|le|gt|ge|eq|ne)\b|\bSECONDS\b")
_NEXT = 12
"""So many statements behind a loop are looked at, so that it stays linear."""
_INTERESTING = lazy_pattern(r"\bsleep\b")


@lru_cache(maxsize=1024)
def given_up(text: str) -> tuple[tuple[int, int], ...]:
    """Where each of these loops begins, and where its body does."""
    if not _INTERESTING.search(text) or "done" not in text:
        return ()
    return tuple(sorted(_found(text, parsed(text), in_characters(text))))


def _found(text: str, root: Node, place: Callable[[int], int]) -> Iterator[tuple[int, int]]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type in _LOOPS and _gives_up(node) and not _is_looked_at(node):
            body = next(c for c in node.children if c.type == "do_group")
            yield place(node.start_byte), place(body.start_byte)
        elif node.type in _TEXTS and b"sleep" in (node.text or b"") and not _is_looked_at(node):
            yield from _in_text(text, node, place)
        waiting.extend(node.children)


def _in_text(text: str, node: Node, place: Callable[[int], int]) -> Iterator[tuple[int, int]]:
    """The loops in a quoted text or a here-document, if a shell runs it."""
    begin, end = place(node.start_byte), place(node.end_byte)
    if not any(begin <= call.start < end for call in calls(text)):
        return
    document = node.type == "heredoc_body"
    inner = text[begin:end] if document else plain(node)
    for start, stop in given_up(inner):
        shift = begin if document else begin + 1
        yield min(shift + start, end), min(shift + stop, end)


def _gives_up(loop: Node) -> bool:
    """Whether a loop asks for something a number of times, and may end without it."""
    body = next((c for c in loop.children if c.type == "do_group"), None)
    if body is None:
        return False
    commands = _names(body)
    head = (loop.text or b"")[: body.start_byte - loop.start_byte]
    asked = commands if loop.type != "while_statement" else [*commands, *_names(loop)]
    if (
        _PAUSES.isdisjoint(commands)
        or not _ENDS.isdisjoint(commands)
        or any(_FAILING.search(name.encode()) for name in commands)
        or set(asked) <= _SPEAKING | {"break", "continue"}
    ):
        return False
    if any(_flags(node) for node in walk(body)) or any(map(_is_test, body.children)):
        return False
    if loop.type == "for_statement":
        return "break" in commands and _TRIES.search(head) is not None and not _ends_asking(body)
    counted = _COUNTS.search(head) is not None
    if loop.type == "c_style_for_statement":
        return "break" in commands and not _ends_asking(body)
    asks = any(name not in _SPEAKING | _TESTING for name in _names_before(loop, body))
    if asks:  # it ends when the answer comes, or by the count
        return counted if "break" not in commands else _COUNTS.search(body.text or b"") is not None
    return counted and "break" in commands and not _ends_asking(body)


def _is_test(node: Node) -> bool:
    """Whether a statement by itself ends the shell where the count is over: `[ "$i" -lt 6 ]`."""
    text = node.text or b""
    if node.type == "compound_statement":
        return text.startswith(b"((")
    return node.type == "test_command" or (node.type == "command" and text.startswith(b"test "))


def _flags(node: Node) -> bool:
    """Whether it notes that the answer has come: `ready=1`, `ok=true`."""
    if node.type != "variable_assignment":
        return False
    name, _, value = (node.text or b"").decode("utf-8", "replace").partition("=")
    return re.fullmatch(r"[\"']?(?:1|0|true|yes|ok|y|false|no)[\"']?", value) is not None and (
        name not in ("i", "n", "try", "attempt")
    )


def _ends_asking(body: Node) -> bool:
    """Whether the last command of a round is the one that asks: its failure may be the status."""
    inner = [c for c in body.children if c.is_named and c.type != "comment"]
    return bool(inner) and inner[-1].type == "list"


def _names_before(loop: Node, body: Node) -> list[str]:
    """The programs in the condition of a loop."""
    return [
        name
        for child in loop.children
        if child.end_byte <= body.start_byte
        for name in _names(child)
    ]


def _is_looked_at(node: Node) -> bool:
    """Whether the status of a statement is asked for, or something behind it looks or fails."""
    child, parent = node, node.parent
    while parent is not None and parent.type != "function_definition":
        if parent.type in ("list", "pipeline", "negated_command", "command_substitution"):
            return True
        if parent.type in ("if_statement", "elif_clause", "while_statement"):
            opening = next((c for c in parent.children if c.type in ("then", "do_group")), None)
            if opening is not None and child.start_byte < opening.start_byte:
                return True
        if parent.type not in ("if_statement", "case_statement", "string") and any(
            _looks(other) for other in islice(_behind(child), _NEXT)
        ):
            return True
        child, parent = parent, parent.parent
    return False


def _behind(node: Node) -> Iterator[Node]:
    """The statements behind one, in the same list."""
    following = node.next_named_sibling
    while following is not None:
        yield following
        following = following.next_named_sibling


def _looks(statement: Node) -> bool:
    """Whether a later statement may notice that the wait was in vain."""
    if statement.type in ("else_clause", "elif_clause"):
        return False
    for node in walk(statement):
        if node.type in ("test_command", "if_statement", "case_statement"):
            return True
        if node.type == "compound_statement" and (node.text or b"").startswith(b"(("):
            return True
    if re.search(rb"\brollout status\b|\b(?:kubectl|oc|aws)\b[^\n]* wait\b", statement.text or b""):
        return True
    names = set(_names(statement))
    return not names.isdisjoint(_ENDS | _TESTING | _LOOKERS) or any(
        _FAILING.search(name.encode()) for name in names
    )


_LOOKERS = frozenset(
    "curl wget nc pg_isready grep jq diff cmp mysqladmin systemctl dig nslookup".split()  # noqa: SIM905
)
"""Programs that ask: a second time they fail where what was waited for has not come."""


def _names(node: Node) -> list[str]:
    found = []
    for one in walk(node):
        name = one.child_by_field_name("name") if one.type == "command" else None
        if name is not None:
            found.append((name.text or b"").decode("utf-8", "replace").rpartition("/")[2])
    return found
