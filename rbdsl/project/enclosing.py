"""What a finding is about, told by names and words and not by line numbers.

`Enclosing(source).of(span)` is the way to the statement (`phase back / step undo`) and its text, or
of shell the command line without comments, with every run of blanks as one. Moving or indenting
lines changes neither.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

from rbdsl.record import dataclass
from rbdsl.source import Source, Span

if TYPE_CHECKING:
    from rbdsl.syntax.tree import Node

_LONGEST = 200
_GOES_ON = re.compile(r"(\\|\||&&)[ \t\r]*$")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement: `head` is where its block begins, or its end; `parent` an index, or -1."""

    start: int
    head: int
    end: int
    path: tuple[str, ...]
    parent: int


class Enclosing:
    """The statements of one source, which is parsed when the first one is asked for."""

    def __init__(self, source: Source) -> None:
        """See the class."""
        self._source = source
        self._shells: list[tuple[int, int]] = []

    def of(self, span: Span) -> tuple[str, str]:
        """The way to what the span is in, and the text that it is about."""
        statements, starts = self._statements
        index = bisect_right(starts, span.start) - 1
        while index >= 0 and statements[index].end <= span.start:
            index = statements[index].parent
        if index < 0:
            return "", normalised(self._lines(span, 0, len(self._source.text)))
        found = statements[index]
        shell = self._shell(span.start)
        if shell is not None:
            text = _without_comments(self._lines(span, *shell))
        elif span.start < found.head:
            text = self._source.text[found.start : found.head]
        else:
            text = span.text
        return " / ".join(found.path), normalised(text)

    @cached_property
    def _statements(self) -> tuple[list[Statement], list[int]]:
        from rbdsl.syntax.parser import parse

        tree, _ = parse(self._source)
        statements: list[Statement] = []
        waiting: list[tuple[Node, tuple[str, ...], int]] = []
        if tree is not None:
            waiting.append((tree.root, (), -1))
        while waiting:
            block, path, parent = waiting.pop()
            inner = []
            for node in block.nodes():
                owner, body = _body(node)
                own = (*path, _name(owner)) if body and owner.kind != "plan" else path
                head = body.start if body else node.end
                statements.append(Statement(node.start, head, node.end, own, parent))
                self._shells += _shells(node, head)
                if body:
                    inner.append((body, own, len(statements) - 1))
            waiting += reversed(inner)
        order = sorted(range(len(statements)), key=lambda i: statements[i].start)
        place = {old: new for new, old in enumerate(order)} | {-1: -1}
        found = [
            Statement(s.start, s.head, s.end, s.path, place[s.parent])
            for s in (statements[i] for i in order)
        ]
        self._shells.sort()
        return found, [statement.start for statement in found]

    def _shell(self, offset: int) -> tuple[int, int] | None:
        """The stretch of the shell that an offset is in, without its backquotes."""
        index = bisect_right(self._shells, (offset, len(self._source.text))) - 1
        if index < 0 or self._shells[index][1] <= offset:
            return None
        start, end = self._shells[index]
        text = self._source.text[start:end]
        inner = text.strip("`")
        start += text.index(inner)
        return start, start + len(inner)

    def _lines(self, span: Span, first: int, last: int) -> str:
        """The lines that a span touches, with those that they go on from and in, in a stretch."""
        text = self._source.text
        start, end = max(span.start, first), min(max(span.end, span.start), last)
        while True:
            start = max(text.rfind("\n", first, start) + 1, first)
            before = text[max(text.rfind("\n", first, max(start - 1, first)) + 1, first) : start]
            if start <= first or not _GOES_ON.search(before.rstrip("\n")):
                break
            start -= 1
        while True:
            stop = text.find("\n", max(end - 1, start), last)
            end = last if stop < 0 else stop
            line = text[text.rfind("\n", first, end) + 1 : end]
            if end >= last or not _GOES_ON.search(line):
                break
            end += 2
        return re.sub(r"\\[ \t\r]*\n", " ", text[start:end])


def _without_comments(shell: str) -> str:
    """A command line without what stands behind `#`; of a line that is nothing else all of it."""
    if "#" not in shell:
        return shell
    from rbdsl.analysis.normalised import normalised as without_comments

    return without_comments(shell) or shell


def normalised(text: str) -> str:
    """A text with every run of blanks as one; of a long one the beginning and its hash."""
    text = " ".join(text.split())
    if len(text) <= _LONGEST:
        return text
    from hashlib import sha256

    digest = sha256("".join(text.split()).encode("utf-8", "backslashreplace")).hexdigest()
    return f"{text[: _LONGEST - 50].rstrip()} … sha256:{digest[:16]}"


def _body(node: Node) -> tuple[Node, Node | None]:
    """The block of a statement, with what owns it: in `ensure step …` that is the step."""
    from rbdsl.syntax.tree import Node

    last = node.children[-1]
    while isinstance(last, Node):
        if last.kind.endswith("_block"):
            return node, last
        node, last = last, last.children[-1]
    return node, None


def _name(node: Node) -> str:
    """`phase back`: the first word of a statement with its name, where it has one."""
    from rbdsl.syntax.tree import Token

    words = [child for child in node.children if isinstance(child, Token)]
    name = next((str(word) for word in words[1:] if word.type == "NAME"), "")
    return f"{words[0]} {name}".strip() if words else node.kind


def _shells(node: Node, head: int) -> list[tuple[int, int]]:
    """The stretches of shell in a statement, without those in its block."""
    found = []
    waiting = [node]
    while waiting:
        for child in waiting.pop().nodes():
            if child.start >= head:
                continue
            if child.kind == "shell":
                found.append((child.start, child.end))
            else:
                waiting.append(child)
    return found
