"""What stands for the words of a command in the same text: an array of options, a variable that
holds a command, a function that only passes its arguments on.

`k=(kubectl --context prod -n shop)`, then `"${k[@]}" get pods`, is a call of kubectl. What is
assigned twice, or made of something else than words, is left as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rbdsl.analysis.call_words import words_of
from rbdsl.analysis.calls import Word
from rbdsl.patterns import lazy_pattern
from rbdsl.record import dataclass

if TYPE_CHECKING:
    from tree_sitter import Node

_ALL = lazy_pattern(r"\$\{(\w+)\[[@*]\]\}")
_BARE = lazy_pattern(r"\$(\w+)")
_SIGNS = ("[@]}", "[*]}", "$@", "$*")
_HELD = lazy_pattern(
    r"^[ \t]*(?:local[ \t]+|readonly[ \t]+)?\w+=(?:\"[^\" ]* [^\"]*\"|'[^' ]* [^']*')", re.MULTILINE
)
_DEEPEST = 4
_MOST = 200
"""Words that a command may come to; nobody writes as many."""


@dataclass(frozen=True, slots=True)
class Expansions:
    """What arrays, variables and functions of a text stand for.

    The words of a function hold `$@` where its arguments go. `wrapping` are the functions whose
    own command is no call by itself, as all that call them are looked at.
    """

    arrays: Mapping[str, tuple[Word, ...]]
    held: Mapping[str, tuple[Word, ...]]
    functions: Mapping[str, tuple[Word, ...]]
    wrapping: frozenset[str] = frozenset()

    def of(self, words: tuple[Word, ...]) -> tuple[Word, ...]:
        """The words of a command with all that is known put in its place."""
        for _ in range(_DEEPEST):
            found = tuple(self._once(words))
            if found == words or not 0 < len(found) <= _MOST:
                break
            words = found
        return words

    def _once(self, words: tuple[Word, ...]) -> Iterator[Word]:
        first, rest = words[0], words[1:]
        body = self.functions.get(first.text) if first.literal and not first.quoted else None
        if body is None:
            yield from self._put(words)
            return
        for word in body:
            if word.text in ("$@", "$*"):
                yield from self._put(rest)
            else:
                yield _at(word, first)

    def _put(self, words: Sequence[Word]) -> Iterator[Word]:
        for word in words:
            found = None
            if match := _ALL.fullmatch(word.text):
                found = self.arrays.get(match[1])
            elif not word.quoted and (match := _BARE.fullmatch(word.text)):
                found = self.held.get(match[1])
            if found is None:
                yield word
            else:
                yield from (_at(one, word) for one in found)


NONE = Expansions({}, {}, {})


def may_expand(text: str) -> bool:
    """Whether it is worth a look: most texts have none of it."""
    return any(sign in text for sign in _SIGNS) or _HELD.search(text) is not None


def expansions(text: str, root: Node, place: Callable[[int], int]) -> Expansions:
    """What the arrays, variables and functions of a text stand for; see the class."""
    if not may_expand(text):
        return NONE
    found = _Finding(place)
    found.walk(root)
    arrays = {n: tuple(w) for n, w in found.arrays.items() if found.assigned.get(n, 0) <= 1}
    held = {n: w for n, w in found.held.items() if found.assigned.get(n, 0) == 1}
    functions = {n: w for n, w in found.functions.items() if found.defined.count(n) == 1}
    called = found.called & functions.keys()
    return Expansions(arrays, held, functions, frozenset(called))


class _Finding:
    """What the walk has found so far."""

    def __init__(self, place: Callable[[int], int]) -> None:
        self._place = place
        self.arrays: dict[str, list[Word]] = {}
        self.held: dict[str, tuple[Word, ...]] = {}
        self.assigned: dict[str, int] = {}
        self.functions: dict[str, tuple[Word, ...]] = {}
        self.defined: list[str] = []
        self.called: set[str] = set()

    def walk(self, root: Node) -> None:
        waiting = [root]
        while waiting:
            node = waiting.pop()
            match node.type:
                case "variable_assignment":
                    self._of_assignment(node)
                case "for_statement":
                    self._counts(node.child_by_field_name("variable"))
                case "function_definition":
                    self._of_function(node)
                case "command":
                    name = node.child_by_field_name("name")
                    self.called.add(_text(name) if name else "")
            waiting.extend(reversed(node.children))

    def _counts(self, node: Node | None) -> None:
        if node is not None:
            self.assigned[_text(node)] = self.assigned.get(_text(node), 0) + 1

    def _of_assignment(self, node: Node) -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None or name.type != "variable_name":
            return
        adds = any(child.type == "+=" for child in node.children)
        if not adds:
            self._counts(name)
        if value is None:
            return
        if value.type == "array":
            self.arrays.setdefault(_text(name), []).extend(words_of(value, self._place))
        elif adds:
            self.assigned[_text(name)] = 2
        elif value.type in ("string", "raw_string", "word"):
            plain = [child for child in value.children if child.type not in ('"', "string_content")]
            if not plain and node.parent is not None and node.parent.type != "command":
                self.held[_text(name)] = self._words(value)

    def _words(self, value: Node) -> tuple[Word, ...]:
        begin, end = self._place(value.start_byte), self._place(value.end_byte)
        text = _text(value)
        inner = text[1:-1] if value.type != "word" else text
        return tuple(Word(part, begin, end) for part in inner.split())

    def _of_function(self, node: Node) -> None:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is None or body is None:
            return
        self.defined.append(_text(name))
        statements = [child for child in body.children if child.is_named]
        if body.type != "compound_statement" or [s.type for s in statements] != ["command"]:
            return
        words = words_of(statements[0], self._place)
        passes = [word for word in words[1:] if word.text in ("$@", "$*")]
        if len(passes) == 1 and words[0].text != _text(name):
            self.functions[_text(name)] = words


def _at(word: Word, other: Word) -> Word:
    """A word where another one stands that means it."""
    own = word.written or (word.start, word.end)
    return replace(word, start=other.start, end=other.end, written=own)


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
