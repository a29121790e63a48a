"""What ShellCheck answers, and what that means in the plan: the finding, its place, its mend.

Pure: `read_output` takes what the program printed, `diagnostics` the scripts that it was asked
about. Nothing here raises but `read_output`, for what is no output of ShellCheck.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from rbdsl.analysis.shellcheck import Script
from rbdsl.analysis.shellcheck_codes import (
    MENTIONED,
    SEVERITIES,
    STOPPED,
    UNPARSED,
    WIKI,
    shown,
)
from rbdsl.diagnostics import Diagnostic, Edit, Fix
from rbdsl.model.values import Shell
from rbdsl.source import Span


class Place(NamedTuple):
    """A stretch of a script: lines and columns from 1, in characters, the end outside."""

    line: int
    column: int
    end_line: int
    end_column: int


class Comment(NamedTuple):
    """One finding of ShellCheck in one script; `edits` is its mend, as stretches and new texts."""

    code: int
    level: str
    message: str
    place: Place
    edits: tuple[tuple[Place, str], ...] = ()


Answers = Mapping[str, Sequence[Comment]]
"""What ShellCheck says of scripts, by their text."""


def read_output(output: str) -> dict[str, list[Comment]]:
    """The findings of `shellcheck --format=json1` by the name of the file that they are in.

    Raises ValueError for anything else.
    """
    import json

    try:
        found: dict[str, list[Comment]] = {}
        for entry in json.loads(output)["comments"]:
            edits = (entry.get("fix") or {}).get("replacements", ())
            comment = Comment(
                entry["code"],
                entry["level"],
                entry["message"],
                _place(entry),
                tuple((_place(edit), edit["replacement"]) for edit in edits),
            )
            found.setdefault(entry["file"], []).append(comment)
    except (KeyError, TypeError, AttributeError) as problem:
        raise ValueError(f"not the output of ShellCheck: {problem!r}") from problem
    return found


def _place(entry: Mapping[str, Any]) -> Place:
    return Place(entry["line"], entry["column"], entry["endLine"], entry["endColumn"])


def diagnostics(made: Iterable[Script], answers: Answers) -> Iterator[Diagnostic]:
    """The findings in their places in the plan; those about what no plan holds are left out."""
    for item in made:
        for comment in _telling(answers[item.text]):
            span = _span(item, comment.place)
            if span is None:
                continue
            code = shown(comment.code)
            yield Diagnostic(
                code,
                "shellcheck",
                SEVERITIES[comment.level],
                comment.message.removesuffix("."),
                span,
                fix=_fix(item, comment),
                url=WIKI + code,
            )


def _telling(comments: Sequence[Comment]) -> Sequence[Comment]:
    """Where ShellCheck gave up on a piece, the one finding that says where, and no cascade."""
    if STOPPED.isdisjoint(comment.code for comment in comments):
        return comments
    errors = [c for c in comments if c.level == "error" and c.code not in (MENTIONED, UNPARSED)]
    return (errors or [c for c in comments if c.code == UNPARSED])[:1]


def _span(item: Script, place: Place) -> Span | None:
    """The span in the plan, at least a character long; None for a place in no piece.

    ShellCheck counts columns in characters, a tab as one of them, and reports places behind the
    last line, too: those are at the end of the piece.
    """
    last = len(item.shell.offsets)
    line = item.origins[place.line - 1] if place.line <= len(item.origins) else last + 1
    if not line:
        return None
    start = _offset(item.shell, line, place.column)
    end = _offset(item.shell, line + place.end_line - place.line, place.end_column)
    whole = item.shell.span
    if end <= start:
        end = min(start + 1, whole.end)
    return Span(whole.source, min(start, end - 1), end)


@lru_cache(maxsize=8)
def _lines(text: str) -> list[str]:
    return text.split("\n")


def _offset(shell: Shell, line: int, column: int) -> int:
    lines = _lines(shell.text)
    if line > len(lines):
        line, column = len(lines), len(lines[-1]) + 1
    return shell.locate(line, min(column, len(lines[line - 1]) + 1))


def _fix(item: Script, comment: Comment) -> Fix | None:
    """ShellCheck's mend, where it can be made in the plan as it is: unsafe, as it may do more."""
    edits: list[Edit] = []
    for place, text in comment.edits:
        first, last = (
            item.origins[n - 1] if n <= len(item.origins) else 0
            for n in (place.line, place.end_line)
        )
        if not first or not last or "`" in text or "\n" in text:
            return None
        start = _offset(item.shell, first, place.column)
        end = _offset(item.shell, last, place.end_column)
        edits.append(Edit(Span(item.shell.span.source, start, end), text))
    edits.sort(key=lambda edit: (edit.span.start, edit.span.end))
    apart = all(a.span.end <= b.span.start for a, b in pairwise(edits))
    distinct = len({edit.span.start for edit in edits}) == len(edits)
    if not edits or not apart or not distinct:
        return None
    return Fix("as ShellCheck proposes", tuple(edits), safe=False)
