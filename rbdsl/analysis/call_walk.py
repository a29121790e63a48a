"""The walk through a syntax tree of bash that finds the calls, with what holds around them.

Of each node is carried along what is true for the commands in it: asking a node for its parent
would be a search from the root.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rbdsl.analysis.call_outcome import Strictness, of_shell
from rbdsl.analysis.call_states import NOTHING, Places, below, redirections
from rbdsl.analysis.call_words import assigned, data_of, documents_of, words_of
from rbdsl.analysis.calls import Call
from rbdsl.analysis.expansions import NONE, expansions
from rbdsl.analysis.nested import inside, is_shell

if TYPE_CHECKING:
    from tree_sitter import Node

_DEEPEST = 4
"""Texts in texts that are looked into: `ssh host "sudo sh -c '…'"` has two."""


def calls_in(
    text: str, place: Places = lambda offset: offset, around: Call | None = None, depth: int = 0
) -> Iterator[Call]:
    """The calls of a text. `place` maps an offset in it to one in the outermost text."""
    from rbdsl.analysis.shell import parsed

    characters = in_characters(text)
    root = parsed(text)
    known = expansions(text, root, lambda byte: place(characters(byte)))
    waiting: list[tuple[Node, Call]] = [(root, around or NOTHING)]
    while waiting:
        node, state = waiting.pop()
        if node.type == "command":
            words = words_of(node, lambda byte: place(characters(byte)))
            words += state.words if words else ()
            own = (*state.redirections, *redirections(node, characters, place))
            if words and known is not NONE:
                words = () if state.function in known.wrapping else known.of(words)
            if words:
                given = (*state.given, *data_of(node))
                call = replace(
                    state,
                    words=words,
                    start=words[0].start,
                    end=max([place(characters(node.end_byte)), *(w.end for w in state.words)]),
                    redirections=own,
                    given=given,
                    documents=(*state.documents, *documents_of(node, characters, place)),
                    environment=(*state.environment, *assigned(node)),
                )
                yield from of_call(call, depth)
            state = replace(state, words=(), given=(), redirections=(), documents=(), holder="word")
        waiting.extend(reversed(below(node, state, characters, place)))


def of_call(call: Call, depth: int = 0) -> Iterator[Call]:
    """A call, and those that it makes: of the text behind `bash -c`, on a host, in a container."""
    for found, text, place in inside(call):
        if text is None:
            yield found
        elif depth < _DEEPEST:
            kept = found.documents if is_shell(text) else ()  # `ssh host bash -s <<'END'`
            around = replace(found, words=(), documents=kept, strictness=_inside(found))
            yield from calls_in(text, place, around, depth + 1)


def _inside(call: Call) -> Strictness:
    """The strictness of a text that a call has run; `eval` runs it in the same shell."""
    if call.program in ("eval", "trap"):
        return call.strictness
    return replace(of_shell(call.words), of=call.start)


def in_characters(text: str) -> Places:
    """From a byte of the text to a character of it."""
    if text.isascii():
        return int
    data = text.encode("utf-8", "replace")
    offsets, at = [0] * (len(data) + 1), -1
    for byte, value in enumerate(data):
        at += (value & 0xC0) != 0x80
        offsets[byte] = at
    offsets[len(data)] = at + 1
    return lambda byte: offsets[min(byte, len(data))]
