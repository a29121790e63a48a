"""Leaves out what ShellCheck says of a line of which a rule says the same, with more to it.

A rule knows the plan, and what the mistake means for a rollback; to read the same fact twice would
only be noise. Nor is SC2087 said of a here-document whose author chose what is filled in here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from rbdsl.diagnostics import Diagnostic
from rbdsl.source import Source

SAME_FACT = {
    "SC2016": frozenset(["RB899"]),  # a value that is meant, in single quotes
    "SC2030": frozenset(["RB996"]),  # a variable that is set in a part of a pipe
    "SC2031": frozenset(["RB996"]),  # … and read behind it
    "SC2095": frozenset(["RB825"]),  # `ssh` that eats the lines of the loop around it
    "SC2154": frozenset(["RB890", "RB894"]),  # a variable that nothing sets
    "SC2317": frozenset(["RB940"]),  # a command that is never reached
    "SC2155": frozenset(["RB845"]),  # a failure that a declaration hides
}
"""Codes of ShellCheck, each with the rules that state the same fact."""
_BY_LABELS = frozenset(["RB940", "RB996"])
"""Rules whose fact is told at the places that their labels point at."""
_DOCUMENT = "SC2087"
_FILLED_IN = "RB991"


def said_once(
    by_rules: Iterable[Diagnostic], by_shellcheck: Sequence[Diagnostic]
) -> list[Diagnostic]:
    """What ShellCheck found, but for what a rule has reported on the same line.

    Left out is also what the rules judge better, whatever they found.
    """
    said = {
        (found.code, found.span.source, line)
        for found in by_rules
        if found.code == _FILLED_IN or any(found.code in rules for rules in SAME_FACT.values())
        for line in _told_at(found)
    }
    return [
        found
        for found in by_shellcheck
        if not _is_judged(found)
        and not (found.code == _DOCUMENT and _is_chosen(found, said))
        and not any(
            (code, found.span.source, found.span.begin.line) in said
            for code in SAME_FACT.get(found.code, ())
        )
    ]


def _told_at(found: Diagnostic) -> Iterator[int]:
    yield found.span.begin.line
    if found.code in _BY_LABELS:
        for label in found.labels:
            yield from range(label.span.begin.line, label.span.finish.line + 1)


def _is_judged(found: Diagnostic) -> bool:
    """Whether rules know more of it, and have looked.

    Whether a folder's name may be empty they see across the plan (RB874); and the counter of a
    loop that only tries again need not be used.
    """
    return found.code == "SC2115" or (found.code == "SC2034" and found.span.text == "for")


def _is_chosen(found: Diagnostic, said: set[tuple[str, Source, int]]) -> bool:
    """Whether a here-document has values only, or something escaped: then it is meant to be filled.

    What stands in it and asks for the host is RB991's, at its own line.
    """
    lines = found.span.source.text.splitlines()
    first, end = found.span.begin.line, found.span.text.strip("'\"\\-<")
    last = next((at for at, x in enumerate(lines[first:], first) if x.strip() == end), len(lines))
    document = "\n".join(lines[first:last])
    if any((_FILLED_IN, found.span.source, at) in said for at in range(first, last + 1)):
        return True
    return "\\$" in document or not re.search(r"\$\(|`", document)
