"""The commands of a piece of bash taken apart: program, words, options, found in its syntax tree.

A text in quotes is one word, without them; `${name}` is written `$name`. Commands behind a wrapper
(`sudo`, `timeout` …), in the text of `bash -c` and of `ssh host` are found too. What a program gets
from a here-document, or by `echo … |`, is a word of it, statement by statement.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from rbdsl.analysis.commands import NOT_WORDS, SHELLS, behind
from rbdsl.analysis.options import Option, split
from rbdsl.record import dataclass

if TYPE_CHECKING:
    from tree_sitter import Node

_SAYING = frozenset(["echo", "printf"])
_STATEMENT = re.compile(r"[;\n]")
_REFERENCE = re.compile(r"\$\{(\w+)\}")
_DEEPEST = 3
"""Texts in texts that are looked into: `ssh host "sudo sh -c '…'"` has two."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """A call of a program: what it is told to do, and how; both as far as can be told apart.

    `where` is the host that `ssh` runs it on, empty without.
    """

    program: str
    words: tuple[str, ...]
    options: tuple[Option, ...] = ()
    where: str = ""

    def has(self, option: str) -> bool:
        """Whether it has an option of that name, with or without a value."""
        return any(name == option for name, _ in self.options)


@lru_cache(maxsize=4096)
def invocations(text: str) -> tuple[Invocation, ...]:
    """Every command of a text, in order."""
    return tuple(_in_text(text, "", 0))


def _in_text(text: str, where: str, depth: int) -> Iterator[Invocation]:
    if depth > _DEEPEST:
        return
    from rbdsl.analysis.shell import parsed

    for words, given in _commands(parsed(text)):
        for invocation in _of_words(words, where, depth):
            yield invocation
            for statement in given:
                more = (*invocation.words, statement)
                yield Invocation(invocation.program, more, invocation.options, where)


def _commands(root: Node) -> Iterator[tuple[list[str], tuple[str, ...]]]:
    """The words of every command in order, and the statements that it is given to read.

    Of each node is known what it reads, and whether its output goes into a file: asking a node for
    its parent would be a search from the root.
    """
    waiting: list[tuple[Node, tuple[str, ...], bool]] = [(root, (), False)]
    while waiting:
        node, given, filed = waiting.pop()
        children = node.children
        if node.type == "command":
            words = _words(children)
            if filed or words[:1] == [] or words[0] not in _SAYING:
                yield words, (*given, *_here_strings(children))
            given = ()
        elif node.type == "redirected_statement":
            given = (*given, *_bodies(children))
            filed = filed or any(child.type == "file_redirect" for child in children)
        elif node.type == "pipeline":
            given = (*given, *_said(children[0]))
            waiting.append((children[-1], given, filed))
            waiting.extend((child, (), False) for child in reversed(children[:-1]))
            continue
        elif node.type != "heredoc_redirect":
            given, filed = (), False
        waiting.extend((child, given, filed) for child in reversed(children))


def _of_words(words: Sequence[str], where: str, depth: int) -> Iterator[Invocation]:
    rest = list(words)
    for _ in range(_DEEPEST):  # `sudo timeout 5 nice …`
        inner = [word for word in behind(rest[0], rest[1:]) if word is not None] if rest else []
        if not inner:
            break
        rest = inner
    if not rest:
        return
    program = rest[0]
    name = program.rpartition("/")[2]
    if name in SHELLS:
        code = _behind_c(rest)
        if code is not None:
            yield from _in_text(code, where, depth + 1)
            return
    called, options = split(name, rest[1:])
    if name == "ssh" and len(called) > 1:
        yield from _in_text(" ".join(called[1:]), called[0], depth + 1)
        return
    yield Invocation(program, called, options, where)


def _behind_c(words: Sequence[str]) -> str | None:
    """The text of `bash -c text`, or None."""
    for option, text in itertools.pairwise(words):
        if re.fullmatch(r"-[a-z]*c[a-z]*", option):
            return text
    return None


def _words(children: Sequence[Node]) -> list[str]:
    found = []
    for child in children:
        if child.is_named and child.type not in NOT_WORDS and not _is_optional(child):
            inner = child.type == "command_name" and child.children
            found.append(_plain(child.children[0] if inner else child))
    return found


def _is_optional(node: Node) -> bool:
    """Whether it is `${name:+…}`, which stands for an option or for nothing."""
    return node.type == "expansion" and b":+" in (node.text or b"")


def _plain(node: Node) -> str:
    """A word without its quotes."""
    text = (node.text or b"").decode("utf-8", "replace")
    match node.type:
        case "string" | "raw_string":
            plain = text[1:-1]
        case "concatenation":
            plain = "".join(_plain(child) for child in node.children)
        case "word":
            plain = re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)
        case _:
            plain = text
    return _REFERENCE.sub(r"$\1", plain)


def _said(first: Node) -> Iterator[str]:
    """The statements that the first command of a pipe says to the last one."""
    words = _words(first.children) if first.type == "command" else []
    if words[:1] and words[0] in _SAYING:
        yield from _statements(" ".join(words[1:]))


def _here_strings(children: Sequence[Node]) -> Iterator[str]:
    for child in children:
        if child.type == "herestring_redirect":
            for word in child.children:
                yield from _statements(_plain(word)) if word.is_named else ()


def _bodies(children: Sequence[Node]) -> Iterator[str]:
    """The statements of here-documents."""
    for redirect in children:
        if redirect.type == "heredoc_redirect":
            for body in redirect.children:
                if body.type == "heredoc_body":
                    yield from _statements((body.text or b"").decode("utf-8", "replace"))


def _statements(text: str) -> Iterator[str]:
    for statement in _STATEMENT.split(text):
        if statement.strip():
            yield " ".join(statement.split())
