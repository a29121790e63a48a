"""`# rbc: allow RB306 "why"`: takes out the findings that a plan allows by name.

The comment stands at the end of the line that the finding is about, or on a line of its own above
it; `allow-file` is about the whole file. The reason is mandatory. A comment that allows nothing, or
that allows what no plan may, is itself a finding, which can't be allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from rbdsl.diagnostics import Diagnostic, closest
from rbdsl.record import dataclass
from rbdsl.rules.evidence.rb910_unused_suppression import CODE as UNUSED_SUPPRESSION
from rbdsl.rules.evidence.rb911_bad_suppression import CODE as BAD_SUPPRESSION
from rbdsl.rules.evidence.rb912_forbidden_suppression import CODE as FORBIDDEN_SUPPRESSION
from rbdsl.source import Source, Span

_MARK = "rbc:"
_COMMENT = r"#[ \t]*rbc:[ \t]*(?P<kind>[\w-]*)(?P<rest>[^\n]*)"
_REST = (
    r"[ \t]+(?P<codes>RB\d{3}(?:[ \t]*,[ \t]*RB\d{3})*)"
    r'(?P<reason>[ \t]+"[^"]*[^"\s][^"]*")?(?:[ \t]*""|[ \t]*"\s*")?[ \t\r]*'
)
_ALONE = r"^\s*(#|$)"


@dataclass(frozen=True, slots=True)
class Suppression:
    """What one comment allows: a code at a line (from 1), or in the whole file (`line` None)."""

    code: str
    line: int | None
    span: Span


def suppress(
    found: Iterable[Diagnostic], source: Source, suppressible: Callable[[str], bool | None]
) -> list[Diagnostic]:
    """The findings without those that comments allow, and with those about the comments.

    `suppressible` tells whether a code may be allowed, None where there is no such code. Only the
    comments of `source`, the plan, are judged: a module serves other plans too.
    """
    found = list(found)
    sources = dict.fromkeys([source, *(d.span.source for d in found)])
    comments = [_read(text, suppressible) for text in sources if _MARK in text.text]
    if not comments:
        return found
    allowed = [entry for entries, _ in comments for entry in entries]
    problems = [problem for _, reported in comments for problem in reported]
    kept = [d for d in found if not any(_covers(entry, d) for entry in allowed)]
    unused = [e for e in allowed if not any(_covers(e, d) for d in found)]
    judged = [*problems, *map(_unused, unused)]
    return [*kept, *(d for d in judged if d.span.source is source)]


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
    for comment in re.finditer(_COMMENT, source.text):
        span = source.span(comment.start(), comment.end())
        rest = re.fullmatch(_REST, comment["rest"])
        problem = _problem(span, comment["kind"], rest)
        if problem or not rest:
            problems.extend([problem] if problem else [])
            continue
        line = None if comment["kind"] == "allow-file" else _line_meant(source, span)
        for code in re.findall(r"RB\d{3}", rest["codes"]):
            refusal = _refusal(span, code, suppressible)
            if refusal:
                problems.append(refusal)
            else:
                allowed.append(Suppression(code, line, span))
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


def _problem(span: Span, kind: str, rest: re.Match[str] | None) -> Diagnostic | None:
    if kind not in ("allow", "allow-file"):
        known = closest(kind, ("allow", "allow-file")) or "allow"
        return BAD_SUPPRESSION.at(
            span, f"`rbc: {kind}` means nothing", hint=f"did you mean `rbc: {known}`?"
        )
    if rest is None:
        return BAD_SUPPRESSION.at(
            span, "this allows nothing", hint=f'write `# rbc: {kind} RB306 "why it is right here"`'
        )
    if not rest["reason"]:
        return BAD_SUPPRESSION.at(
            span,
            f"`{rest['codes']}` is to be allowed without a reason",
            hint=f'say why: `# rbc: {kind} {rest["codes"]} "why it is right here"`',
        )
    return None


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


def _unused(entry: Suppression) -> Diagnostic:
    where = "in this file" if entry.line is None else "here"
    return UNUSED_SUPPRESSION.at(
        entry.span,
        f"`{entry.code}` is allowed, and not reported {where}",
        hint="remove the comment",
    )
