"""What bash a plan holds: does it parse, what does it call, which lines must stay where they are.

tree-sitter is a second opinion on bash, not bash itself, so it is asked in the strictest way: a
text is sound only if, put into a function, it is that function's body and nothing else. What bash
refuses and tree-sitter lets pass is looked for in addition.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from rbdsl.analysis.commands import BUILTINS, command_names
from rbdsl.analysis.shell_grammar import parse, walk
from rbdsl.analysis.shell_oddities import oddities
from rbdsl.patterns import lazy_pattern
from rbdsl.source import Position

if TYPE_CHECKING:
    from tree_sitter import Node

    from rbdsl.model.values import Shell

_OPENING = b"f() {\n"
_CLOSING = b"\n}\n"
_LITERAL = frozenset(["string", "raw_string", "ansi_c_string", "translated_string"])
_ASSIGNED = lazy_pattern(rb"(?:^|[\s;])\w+\+?=")
_MOST_REPAIRS = 100
_SHORT = 10_000
"""Characters of a text whose tree is kept: several questions are asked of it."""
_HEREDOC = frozenset(["heredoc_body", "heredoc_end"])


def syntax_problem(shell: Shell) -> Position | None:
    """Where a shell text of the plan is no complete bash, as a line and column of that text.

    None where it can stand as the body of a function. Reported are also texts that would parse
    and yet swallow what comes after them: an open here-document, a backslash at the end.
    """
    return problem_in(shell.text)


@lru_cache(maxsize=4096)
def problem_in(text: str) -> Position | None:
    """The same for a text by itself."""
    if "\0" in text:
        return _place(text, text.index("\0"))
    root, source = _with_line_ends(_OPENING + text.encode("utf-8", "replace") + _CLOSING)
    problems = [_first_error(root)] if root.has_error else oddities(root, source, len(_OPENING) - 2)
    first = root.children[0]
    if first.type != "function_definition":
        problems.append(len(_OPENING))
    elif first.end_byte != len(source) - 1:
        problems.append(first.end_byte - 1)
    if not problems and text.endswith("\\"):
        problems.append(len(source) - len(_CLOSING) - 1)
    return _position(min(problems), source, text) if problems else None


def is_empty(text: str) -> bool:
    """Whether there is no command in it, only comments or blanks: no body of a function."""
    root = parsed(text.replace("\\\n", ""))
    return all(node.type == "comment" for node in root.children)


@lru_cache(maxsize=4096)
def fixed_lines(text: str) -> frozenset[int]:
    """The lines (from 0) that begin inside of a string or here-document: never indent these."""
    if "\n" not in text:
        return frozenset()
    fixed: set[int] = set()
    encoded = text.encode("utf-8", "replace")
    for node in walk(parsed(text)):
        first = encoded.count(b"\n", 0, node.start_byte)
        last = encoded.count(b"\n", 0, node.end_byte)
        if node.type in _LITERAL:
            fixed.update(range(first + 1, last + 1))
        elif node.type in _HEREDOC:
            fixed.update(range(first, last + 1))
        elif node.type == "command_substitution":
            # Code inside of a string: what is literal in it comes later in the walk.
            fixed.difference_update(range(first + 1, last + 1))
    return frozenset(fixed)


@lru_cache(maxsize=4096)
def commands_of(text: str) -> tuple[str, ...]:
    """The commands that a text needs, sorted: also those behind `sudo`, `timeout`, `bash -c` ….

    Left out are builtins, functions of the text itself, and what it looks for before it uses it.
    """
    return tuple(sorted(command_names(parsed(text)) | set(_expanded(text))))


def _expanded(text: str) -> Iterator[str]:
    """The programs that arrays and variables stand for, and those that these are wrapped in."""
    from rbdsl.analysis.calls import calls
    from rbdsl.analysis.expansions import may_expand

    if not may_expand(text):
        return
    for call in calls(text):
        for words in (*call.wrappers, call.words):
            first = words[0]
            name = first.text
            if first.written is None or call.where:
                continue  # it stands where it is called
            if re.fullmatch(r"[\w./+-]+", name) and name not in BUILTINS:
                yield name


def parsed(text: str) -> Node:
    """The root of the syntax tree of a text; its rows are not to be relied on, its bytes are."""
    return _kept(text) if len(text) <= _SHORT else _read(text)


@lru_cache(maxsize=128)
def _kept(text: str) -> Node:
    return _read(text)


def _read(text: str) -> Node:
    return _with_line_ends(text.encode("utf-8", "replace"))[0]


def _with_line_ends(source: bytes) -> tuple[Node, bytes]:
    """The root of a tree that has all ends of lines, and the bytes that it is of.

    tree-sitter-bash 0.25 takes the line behind a pipe of three parts for more arguments of the
    last one, where that line has a redirection, and the line behind two assignments (`a=0 b=0`) for
    the command that they are made for. Such an end of a line is read as `;` then.
    """
    root = parse(source)
    if b"\n" not in source or not (source.count(b"|") > 1 or _assigns_twice(source)):
        return root, source
    data = bytearray(source)
    for _ in range(_MOST_REPAIRS):
        swallowed = _swallowed_line_end(root, data)
        if swallowed is None:
            break
        data[swallowed] = ord(";")
        root = parse(bytes(data))
    return root, bytes(data)


def _assigns_twice(source: bytes) -> bool:
    """Whether a line may hold two assignments."""
    lines = source.split(b"\n") if source.count(b"=") > 1 else []
    return any(line.count(b"=") > 1 and len(_ASSIGNED.findall(line)) > 1 for line in lines)


def _swallowed_line_end(root: Node, data: bytearray) -> int | None:
    """The byte of a line end between two words of one command."""
    for node in walk(root):
        if node.type != "command" or b"\n" not in data[node.start_byte : node.end_byte]:
            continue
        for word, following in pairwise(node.children):
            at = data.find(b"\n", word.end_byte, following.start_byte)
            documents = (word.type, following.type)
            if at < 0 or any(kind.startswith("here") for kind in documents):
                continue
            if data[at - 1 : at] != b"\\":
                return word.start_byte - 1 if word.type == "comment" else at
    return None


def _first_error(root: Node) -> int:
    """The byte of the first place that the parser could make nothing of."""
    places = [
        n.start_byte + (len(n.text or b"") - len((n.text or b"").lstrip()))
        for n in walk(root)
        if n.is_missing or (n.is_error and n.start_byte > 0)
    ]
    return min(places, default=len(_OPENING))


def _position(byte: int, source: bytes, text: str) -> Position:
    """The line and column in the text of a byte of the source that was parsed."""
    before = source[len(_OPENING) : max(byte, len(_OPENING))].decode("utf-8", "ignore")
    return _place(text, min(len(before), len(text)))


def _place(text: str, offset: int) -> Position:
    line = text.count("\n", 0, offset) + 1
    return Position(line, offset - (text.rfind("\n", 0, offset) + 1) + 1)
