"""From text to syntax tree, with all syntax errors of the text in one run."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lark import Token, UnexpectedInput

from rbdsl.diagnostics import Diagnostic
from rbdsl.patterns import lazy_pattern
from rbdsl.source import Source
from rbdsl.syntax.errors import BAD_CHARACTER, LANGUAGE_VERSION, TOO_MANY
from rbdsl.syntax.grammar import parser
from rbdsl.syntax.tree import Node, SyntaxTree

if TYPE_CHECKING:
    from lark.parsers.lalr_interactive_parser import InteractiveParser

MOST_ERRORS = 100
"""After so many errors the rest of a file is not looked at."""

_OPENING = frozenset({"LPAR", "LSQB"})
_CLOSING = frozenset({"RPAR", "RSQB"})


def parse(source: Source) -> tuple[SyntaxTree | None, list[Diagnostic]]:
    """The tree of a source, or None and everything that is wrong with its spelling.

    Takes time in proportion to the text. Never raises for any text.
    """
    wrong = _wrong_version(source)
    if wrong is not None:
        return None, [wrong]
    with _collector_frozen():
        interactive = parser().parse_interactive(source.text)
        try:
            tree = SyntaxTree(source, _run(interactive))
        except UnexpectedInput as error:
            return None, _all_errors(source, interactive, error)
    hidden = _hidden_in_comments(tree)
    return (None, hidden) if hidden else (tree, [])


def _run(interactive: InteractiveParser) -> Node:
    """Feeds the parser what is left of the text; line ends between parentheses are left out."""
    state = interactive.parser_state
    feed = state.feed_token
    depth = 0
    after_comma = False
    last: Token | None = None
    for token in interactive.lexer_thread.lex(state):
        kind = token.type
        if kind == "NL":
            if (depth or after_comma) and ";" not in token:
                continue
        elif kind in _OPENING:
            depth += 1
        elif kind in _CLOSING:
            depth -= 1
        after_comma = kind == "COMMA"
        last = token
        feed(token)
    end = Token.new_borrow_pos("$END", "", last) if last is not None else Token("$END", "")
    start: Node = feed(end, is_end=True)
    return next(start.nodes())


_HIDDEN = lazy_pattern("[\u202a-\u202e\u2066-\u2069]")


def _hidden_in_comments(tree: SyntaxTree) -> list[Diagnostic]:
    """Characters that turn the direction of writing: they make a comment show other code.

    In texts and shell the lowering finds them; see CVE-2021-42574.
    """
    if not _HIDDEN.search(tree.source.text):
        return []
    return [
        BAD_CHARACTER.at(
            tree.source.span(comment.start + found.start(), comment.start + found.end()),
            f"the invisible character U+{ord(found[0]):04X} can't stand in a comment",
            hint="remove it: what follows it is shown in another order than it is read",
        )
        for comment in tree.comments()
        for found in _HIDDEN.finditer(comment.text)
    ]


def _all_errors(
    source: Source, interactive: InteractiveParser, error: UnexpectedInput
) -> list[Diagnostic]:
    """Reports an error, goes on behind it, and so on to the end of the text."""
    from rbdsl.syntax.recovery import Recovery  # only a text with errors needs it

    recovery = Recovery(source, interactive)
    found: list[Diagnostic] = []
    while True:
        diagnostic, go_on = recovery.handle(error)
        if diagnostic is not None:
            found.append(diagnostic)
        if not go_on:
            return found
        if len(found) >= MOST_ERRORS:
            found.append(
                TOO_MANY.at(
                    found[-1].span,
                    f"more than {MOST_ERRORS} syntax errors; what follows was not looked at",
                )
            )
            return found
        try:
            _run(interactive)
        except UnexpectedInput as following:
            error = following
        else:
            return found


def _wrong_version(source: Source) -> Diagnostic | None:
    """A file has to begin with `rbplan 1`: said first, because nothing else makes sense then."""
    at = _first_character(source.text)
    line = re.split(r"[\r\n#;]", source.text[at : at + 200], maxsplit=1)[0]
    words = line.split()
    span = source.span(at, at + max(len(line.rstrip()), 1 if at < len(source.text) else 0))
    if not words or words[0] != "rbplan":
        return LANGUAGE_VERSION.at(
            span,
            "a plan begins with the version of its language",
            hint="write `rbplan 1` in the first line",
        )
    if words[1:] != ["1"]:
        given = " ".join(words[1:])
        return LANGUAGE_VERSION.at(
            span,
            f"language version `{given}` is not known to this compiler"
            if given
            else "the version of the language is missing",
            hint="write `rbplan 1`; a newer version needs a newer rbc",
        )
    return None


def _first_character(text: str) -> int:
    """The offset of the first thing that is neither blank nor comment."""
    at = 0
    while at < len(text):
        if text[at] == "#":
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        elif text[at].isspace() or text[at] == ";":
            at += 1
        else:
            return at
    return at


@contextmanager
def _collector_frozen() -> Iterator[None]:
    """Without the cyclic collector, which would walk the growing tree again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
