"""The `while` and `until` loops of a piece of bash: what ends them, whether they pause.

Also those in a text for another shell (`ssh host '…'`). A loop over data, or one that counts and
looks at its count, has an end; one that asks a command again and again has none of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from rbdsl.analysis.call_walk import in_characters
from rbdsl.analysis.call_words import plain, words_of
from rbdsl.analysis.calls import calls
from rbdsl.analysis.shell import parsed
from rbdsl.analysis.shell_grammar import walk
from rbdsl.patterns import lazy_pattern
from rbdsl.record import dataclass

if TYPE_CHECKING:
    from tree_sitter import Node

_FOREVER = {
    "while": lazy_pattern(
        r"true|:|\(\(\s*1\s*\)\)|\[+\s*(?:1|true|1 =+ 1|1 -eq 1)\s*\]+|/bin/true"
    ),
    "until": lazy_pattern(r"false|\(\(\s*0\s*\)\)|/bin/false"),
}
_CLOCK = lazy_pattern(r"\bE?P?O?C?H?SECONDS\b|\bdate \+%s|\bdeadline\b|\btimeout\b", re.IGNORECASE)
_OVER_DATA = frozenset(["read", "mapfile", "readarray", "getopts", "shift", "wait", "popd", "next"])
_TESTS = frozenset(["test_command", "compound_statement"])
_LEAVING = frozenset(["break", "exit", "return", "exec", "kill"])
_COUNTING = lazy_pattern(rb"[-+*/]=")
_LOOPING = lazy_pattern(r"\b(?:while|until|select)\b|;;")
_QUOTED = ("raw_string", "string")


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop, by offsets in characters; `begin` is where its body begins.

    - `head`: what it says up to `do`, on one line.
    - `forever`: nothing in it leaves it, ever.
    - `asks`: it goes on until a command says otherwise, and neither counts nor looks at a clock.
    - `polls`: it asks a command anew each time round, counted or not.
    - `reads`: each time round it reads a line of its input.
    - `menu`: it is a `select`, which asks a person.
    - `background`, `limited`: a `&` follows it; it stands in a text that `timeout` runs.
    """

    head: str
    start: int
    begin: int
    end: int
    forever: bool = False
    asks: bool = False
    polls: bool = False
    reads: bool = False
    background: bool = False
    limited: bool = False
    menu: bool = False


@lru_cache(maxsize=4096)
def loops(text: str) -> tuple[Loop, ...]:
    """The loops of a text, in order; of one that is no complete bash those that make sense."""
    if not _LOOPING.search(text):
        return ()
    return tuple(sorted(_loops(text, in_characters(text)), key=lambda loop: loop.start))


def _loops(text: str, place: Callable[[int], int]) -> Iterator[Loop]:
    waiting: list[tuple[Node, bool]] = [(parsed(text), False)]
    while waiting:
        node, background = waiting.pop()
        if node.type == "for_statement" and node.children[0].type == "select":
            head = " ".join((node.text or b"").decode("utf-8", "replace").split(";")[0].split())
            begin, end = place(node.start_byte), place(node.end_byte)
            yield Loop(head, begin, begin, end, menu=True)
        elif node.type == "while_statement" or _has_no_condition(node):
            yield _loop(node, place, background=background)
        elif node.type in _QUOTED and re.search(rb"\b(?:while|until)\b", node.text or b""):
            yield from _in_quotes(text, node, place)
        children = node.children
        for at, child in enumerate(children):
            behind = at + 1 < len(children) and children[at + 1].type == "&"
            waiting.append((child, background or behind))


def _in_quotes(text: str, node: Node, place: Callable[[int], int]) -> Iterator[Loop]:
    """The loops in a quoted text, if a shell runs it."""
    begin, end = place(node.start_byte), place(node.end_byte)
    inside = [call for call in calls(text) if begin <= call.start < end]
    if not inside:
        return
    limited = any(words[0].text == "timeout" for words in inside[0].wrappers)
    for loop in loops(plain(node)):
        yield Loop(
            loop.head,
            min(begin + 1 + loop.start, end),
            min(begin + 1 + loop.begin, end),
            min(begin + 1 + loop.end, end),
            loop.forever,
            loop.asks,
            loop.polls,
            loop.reads,
            loop.background or inside[0].background,
            loop.limited or limited,
        )


def _has_no_condition(node: Node) -> bool:
    """Whether it is `for ((;;))`."""
    return node.type == "c_style_for_statement" and node.child_by_field_name("condition") is None


def _loop(node: Node, place: Callable[[int], int], *, background: bool) -> Loop:
    body = next((c for c in node.children if c.type == "do_group"), None)
    until = body.start_byte if body else node.end_byte
    head = (node.text or b"")[: until - node.start_byte].decode("utf-8", "replace")
    head = " ".join(head.split()).rstrip("; ")
    word, _, condition = head.partition(" ")
    asked = [c for c in node.children[1:] if c.end_byte <= until]
    names = {name for part in asked for name in _programs(part)}
    reads = "read" in names
    data = not _OVER_DATA.isdisjoint(names) or "shift" in _programs(node)
    always = word == "for" or bool(_FOREVER.get(word, _FOREVER["while"]).fullmatch(condition))
    leaves = not _LEAVING.isdisjoint(_programs(body) if body else ())
    bounded = data or _is_counted(node)
    return Loop(
        head,
        place(node.start_byte),
        place(until),
        place(node.end_byte),
        forever=always and not leaves,
        asks=not bounded and (leaves or not always),
        polls=not data and (bool(names - {"test", "["}) or always or _asks_anew(asked)),
        reads=reads,
        background=background,
    )


def _asks_anew(condition: list[Node]) -> bool:
    """Whether a command in the condition gives what it looks at: `[[ $(state) != ready ]]`."""
    return any(node.type == "command_substitution" for part in condition for node in walk(part))


def _programs(node: Node) -> list[str]:
    found = []
    for one in walk(node):
        if one.type == "command":
            name = one.child_by_field_name("name")
            found += [(name.text or b"").decode("utf-8", "replace")] if name else []
    return found


def _is_counted(loop: Node) -> bool:
    """Whether a condition in it looks at what it counts, or at the clock."""
    counted = set()
    tests = []
    for node in walk(loop):
        text = node.text or b""
        if node.type == "variable_assignment" and _adds(node):
            name = node.child_by_field_name("name")
            counted.add((name.text or b"").decode("utf-8", "replace") if name else "")
        elif node.type in ("postfix_expression", "unary_expression") or (
            node.type == "binary_expression" and _COUNTING.search(text)
        ):
            counted.update(re.findall(r"[A-Za-z_]\w*", text.decode("utf-8", "replace"))[:1])
        elif node.type == "command" and (node.text or b"").startswith((b"let", b"test", b"[")):
            words = [word.text for word in words_of(node, int)]
            if words[:1] == ["let"]:
                counted.update(re.findall(r"[A-Za-z_]\w*", " ".join(words[1:]))[:1])
            elif words[:1] in (["test"], ["["]):
                tests.append(" ".join(words))
        if node.type in _TESTS:
            tests.append(text.decode("utf-8", "replace"))
    if any(_CLOCK.search(test) for test in tests):
        return True
    names = {name for name in counted if name}
    return any(re.search(rf"\b{re.escape(name)}\b", test) for name in names for test in tests)


def _adds(assignment: Node) -> bool:
    """Whether what is assigned is a sum: `n=$((n + 1))`, `n=$(expr $n + 1)`, `n+=1`."""
    return any(
        node.type in ("arithmetic_expansion", "+=") or (node.text or b"") == b"expr"
        for node in walk(assignment)
    )
