"""The words of a command node, its redirections, and what it is given to read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from rbdsl.analysis.calls import Redirection, Word
from rbdsl.analysis.commands import NOT_WORDS
from rbdsl.patterns import lazy_pattern

if TYPE_CHECKING:
    from tree_sitter import Node

SAYING = frozenset(["echo", "printf"])
_STATEMENT = lazy_pattern(r"[;\n]")
_REFERENCE = lazy_pattern(r"\$\{(\w+)\}")
_EXPANDED = frozenset(
    ["simple_expansion", "expansion", "command_substitution", "arithmetic_expansion",
     "process_substitution"]
)  # fmt: skip
_NO_WORDS = frozenset(
    ["file_descriptor", "file_redirect", "herestring_redirect", "heredoc_start", "heredoc_body",
     "heredoc_end", "pipeline", "list", "comment"]
)  # fmt: skip
_QUOTED = ("string", "raw_string", "ansi_c_string", "translated_string")


def words_of(node: Node, place: Callable[[int], int]) -> tuple[Word, ...]:
    """The words of a command; what is assigned before it and redirected is none."""
    return tuple(
        _word(
            child.children[0] if child.type == "command_name" and child.children else child, place
        )
        for child in node.children
        if child.is_named and child.type not in NOT_WORDS and not _is_optional(child)
    )


def words_behind(node: Node, place: Callable[[int], int]) -> tuple[Word, ...]:
    """The words of a command that stand behind its redirections: `kubectl 2>/dev/null get pods`.

    The grammar has them in the nodes of the redirections, of a redirected statement.
    """
    return tuple(
        _word(child, place)
        for redirect in node.children
        for child in _more_words(redirect)
        if not _is_optional(child)
    )


def _more_words(redirect: Node) -> Iterator[Node]:
    targets = 1 if redirect.type == "file_redirect" else 0
    for child in redirect.children:
        if child.type == "ERROR":
            return
        if redirect.type == "heredoc_redirect" and child.type == "file_redirect":
            yield from _more_words(child)
        if not child.is_named or child.type in _NO_WORDS:
            continue
        if targets:
            targets -= 1
        elif child.has_error and child.children:
            yield child.children[0]  # `<<END word >file`: all of it is one word there
            return
        elif redirect.type in ("file_redirect", "heredoc_redirect"):
            yield child


def assigned(node: Node) -> tuple[str, ...]:
    """The names of the variables that are assigned before a command, for it alone."""
    names = (
        child.child_by_field_name("name")
        for child in node.children
        if child.type == "variable_assignment"
    )
    return tuple((name.text or b"").decode("utf-8", "replace") for name in names if name)


def _word(node: Node, place: Callable[[int], int]) -> Word:
    return Word(
        plain(node),
        place(node.start_byte),
        place(node.end_byte),
        literal=not _is_expanded(node),
        quoted=node.type in _QUOTED,
        escaped=node.type == "string" and b"\\" in (node.text or b""),
    )


def _is_expanded(node: Node) -> bool:
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.type in _EXPANDED:
            return True
        waiting.extend(one.children)
    return False


def _is_optional(node: Node) -> bool:
    """Whether it is `${name:+…}`, which stands for an option or for nothing."""
    return node.type == "expansion" and b":+" in (node.text or b"")


def plain(node: Node) -> str:
    """A word without its quotes."""
    text = (node.text or b"").decode("utf-8", "replace")
    match node.type:
        case "string" | "raw_string":
            found = text[1:-1]
        case "concatenation":
            found = "".join(plain(child) for child in node.children)
        case "word":
            found = re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)
        case _:
            found = text
    return _REFERENCE.sub(r"$\1", found)


def redirection(node: Node, place: Callable[[int], int]) -> Redirection | None:
    """A `file_redirect` node; None for one without a target (`2>&-`)."""
    descriptor, operator, target = None, "", None
    for child in node.children:
        if child.type == "file_descriptor":
            text = (child.text or b"").decode("utf-8", "replace")
            descriptor = int(text) if text.isdigit() else None
        elif child.is_named:
            target = target or child
        else:
            operator = child.type
    if target is None:
        return None
    if descriptor is None:
        descriptor = 0 if operator.startswith("<") else 1
    return Redirection(operator, descriptor, _word(target, place))


def data_of(node: Node) -> tuple[str, ...]:
    """The statements of the here-documents and here-strings of a node."""
    return tuple(_data(node))


def _data(node: Node) -> Iterator[str]:
    for child in node.children:
        if child.type == "herestring_redirect":
            for word in child.children:
                yield from statements(plain(word)) if word.is_named else ()
        elif child.type == "heredoc_redirect":
            for body in child.children:
                if body.type == "heredoc_body":
                    yield from statements((body.text or b"").decode("utf-8", "replace"))


def documents_of(
    node: Node, characters: Callable[[int], int], place: Callable[[int], int]
) -> tuple[Word, ...]:
    """The here-documents of a node as they are written; one with `$` in it is not literal."""
    found = [child for child in node.children if child.type == "heredoc_redirect"]
    words = []
    for redirect in found:
        parts = {child.type: child for child in redirect.children}
        body, mark = parts.get("heredoc_body"), parts.get("heredoc_start")
        if body is None or mark is None:
            continue
        start, text = body.start_byte, body.text or b""
        if len(found) == 1:  # a backslash at its beginning is not in the node of the body
            whole = redirect.text or b""
            line = whole.find(b"\n", mark.end_byte - redirect.start_byte) + 1
            start = redirect.start_byte + line
            text = whole[line : body.end_byte - redirect.start_byte]
        words.append(
            Word(
                text.decode("utf-8", "replace"),
                place(characters(start)),
                place(characters(body.end_byte)),
                literal=not _is_expanded(body),
            )
        )
    return tuple(words)


def said(node: Node) -> tuple[str, ...]:
    """The statements that `echo …` says to the next stage of a pipe."""
    if node.type != "command":
        return ()
    words = [word.text for word in words_of(node, int)]
    return statements(" ".join(words[1:])) if words[:1] and words[0] in SAYING else ()


def statements(text: str) -> tuple[str, ...]:
    """The statements of a text in another language (SQL, Redis): by lines and semicolons."""
    return tuple(" ".join(part.split()) for part in _STATEMENT.split(text) if part.strip())
