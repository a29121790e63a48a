"""`# rbc: allow RB306 "why"`: takes out the findings that a plan allows by name.

The comment stands at the end of the line that the finding is about, or on a line of its own above
it; `allow-file` is about the whole file. The reason is mandatory. A comment that allows nothing, or
that allows what no plan may, is itself a finding, which can't be allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from rbdsl.diagnostics import Diagnostic, Edit, Fix, Suppressed
from rbdsl.record import dataclass
from rbdsl.rules.evidence.rb910_unused_suppression import CODE as UNUSED_SUPPRESSION
from rbdsl.rules.evidence.rb911_bad_suppression import CODE as BAD_SUPPRESSION
from rbdsl.rules.evidence.rb912_forbidden_suppression import CODE as FORBIDDEN_SUPPRESSION
from rbdsl.rules.suppression_faults import KINDS, fault
from rbdsl.rules.suppression_places import comments
from rbdsl.source import Source, Span

_MARK = "rbc:"
_COMMENT = r"#[ \t]*(?P<mark>(?i:rbc)):[ \t]*(?P<kind>[\w-]*)(?P<rest>[^\n]*)"
_REST = (
    r"[ \t]+(?P<codes>(?:RB\d{3}|SC\d{4})(?:[ \t]*,[ \t]*(?:RB\d{3}|SC\d{4}))*)"
    r'(?P<reason>[ \t]+"[^"]*[^"\s][^"]*")?(?:[ \t]*""|[ \t]*"\s*")?[ \t\r]*'
)
_ALONE = r"^\s*(#|$)"


@dataclass(frozen=True, slots=True)
class Suppression:
    """What one comment allows: a code at a line (from 1), or in the whole file (`line` None).

    `span` is the whole comment, `place` the code in it, `alone` whether it is the only one.
    """

    code: str
    line: int | None
    span: Span
    place: Span
    alone: bool
    reason: str


class Judged(NamedTuple):
    """What is to be reported, and what comments allow."""

    reported: list[Diagnostic]
    suppressed: list[Suppressed]


def suppress(
    found: Iterable[Diagnostic],
    source: Source,
    suppressible: Callable[[str], bool | None],
    shells: Sequence[Span] = (),
    looked_for: Callable[[str], bool] = bool,
) -> Judged:
    """The findings without those that comments allow, and with those about the comments.

    `suppressible` tells whether a code may be allowed, None where there is no such code;
    `looked_for` whether a finding of it would be among these, so that a comment can be called
    unused. Only the comments of `source`, the file in question, are judged: a module serves other
    plans too. In `shells` what looks like a comment may be data, so that there it is not safe to
    remove one.
    """
    found = list(found)
    sources = dict.fromkeys([source, *(d.span.source for d in found)])
    read = [_read(text, suppressible) for text in sources if _MARK in text.text.lower()]
    if not read:
        return Judged(found, [])
    allowed = [entry for entries, _ in read for entry in entries]
    problems = [problem for _, reported in read for problem in reported]
    kept: list[Diagnostic] = []
    suppressed: list[Suppressed] = []
    for diagnostic in found:
        reason = next((e.reason for e in allowed if _covers(e, diagnostic)), None)
        if reason is None:
            kept.append(diagnostic)
        else:
            suppressed.append(Suppressed(diagnostic, reason))
    judgeable = [e for e in allowed if looked_for(e.code)]
    unused = [e for e in judgeable if not any(_covers(e, d) for d in found)]
    judged = [*problems, *(_unused(entry, shells) for entry in unused)]
    return Judged([*kept, *(d for d in judged if d.span.source is source)], suppressed)


def allowances(
    source: Source, suppressible: Callable[[str], bool | None]
) -> tuple[Suppression, ...]:
    """What the comments of a text allow, in order, whether or not there is something to allow."""
    return tuple(_read(source, suppressible)[0]) if _MARK in source.text.lower() else ()


def _covers(entry: Suppression, diagnostic: Diagnostic) -> bool:
    if entry.code != diagnostic.code or entry.span.source is not diagnostic.span.source:
        return False
    return entry.line is None or entry.line == diagnostic.span.begin.line


def _read(
    source: Source, suppressible: Callable[[str], bool | None]
) -> tuple[list[Suppression], list[Diagnostic]]:
    """What the comments of a text allow, and what is wrong with them."""
    allowed: list[Suppression] = []
    problems: list[Diagnostic] = []
    for comment in comments(source.text, _COMMENT):
        span = source.span(comment.start(), comment.end())
        mark, kind = comment["mark"], comment["kind"]
        if mark != _MARK[:-1] and kind.lower() not in KINDS:
            continue
        rest = re.fullmatch(_REST, comment["rest"])
        if rest is None or not rest["reason"] or mark != _MARK[:-1] or kind not in KINDS:
            problems.append(fault(span, mark, kind, comment["rest"]))
            continue
        line = None if kind == "allow-file" else _line_meant(source, span)
        reason = rest["reason"].strip()[1:-1]
        codes = list(re.finditer(r"RB\d{3}|SC\d{4}", rest["codes"]))
        for found in codes:
            code, at = found[0], comment.start("rest") + rest.start("codes") + found.start()
            refusal = _refusal(span, code, suppressible)
            if refusal:
                problems.append(refusal)
            else:
                place = source.span(at, at + len(code))
                allowed.append(Suppression(code, line, span, place, len(codes) == 1, reason))
    return allowed, problems


def _line_meant(source: Source, span: Span) -> int:
    """The line of a comment behind a statement, else the next line with a statement on it."""
    number = span.begin.line
    if source.line(number)[: span.begin.column - 1].strip():
        return number
    last = len(source.line_starts)
    while number < last and re.match(_ALONE, source.line(number)):
        number += 1
    return number


def _refusal(
    span: Span, code: str, suppressible: Callable[[str], bool | None]
) -> Diagnostic | None:
    verdict = suppressible(code)
    if verdict is None:
        return BAD_SUPPRESSION.at(span, f"there is no rule `{code}`", hint="see `rbc rules`")
    if not verdict:
        return FORBIDDEN_SUPPRESSION.at(
            span,
            f"`{code}` can't be allowed: it holds for every plan of this language and level",
            hint="mend what it reports, and remove this comment",
        )
    return None


def _unused(entry: Suppression, shells: Sequence[Span]) -> Diagnostic:
    where = "in this file" if entry.line is None else "here"
    what = "remove the comment" if entry.alone else f"remove `{entry.code}` from the comment"
    removed = _whole(entry.span) if entry.alone else _one_of_several(entry)
    return UNUSED_SUPPRESSION.at(
        entry.span,
        f"`{entry.code}` is allowed, and not reported {where}",
        hint=what,
        fix=Fix(what, (Edit(removed, ""),), safe=not _may_be_data(entry.span, shells)),
    )


def _may_be_data(comment: Span, shells: Sequence[Span]) -> bool:
    """Whether it stands in shell (it may be in a here-document) or in a text of several lines."""
    source, at = comment.source, comment.start
    in_shell = any(s.source is source and s.start <= at < s.end for s in shells)
    return in_shell or source.text.count('"""', 0, at) % 2 == 1


def _whole(comment: Span) -> Span:
    """The comment with the blanks before it, and with its line where nothing else is on it."""
    source, text = comment.source, comment.source.text
    begin = source.line_starts[comment.begin.line - 1]
    start = begin + len(text[begin : comment.start].rstrip(" \t"))
    end = comment.start + len(comment.text.rstrip("\r"))
    if start == begin:
        ending = re.compile(r"\r?\n?").match(text, end)
        end = ending.end() if ending else end
    return source.span(start, end)


def _one_of_several(entry: Suppression) -> Span:
    """The code with the comma behind it, or with the one before it where it is the last."""
    text, place = entry.place.source.text, entry.place
    behind = re.compile(r"[ \t]*,[ \t]*").match(text, place.end)
    if behind:
        return place.source.span(place.start, behind.end())
    before = text[entry.span.start : place.start].rstrip(" \t,")
    return place.source.span(entry.span.start + len(before), place.end)
