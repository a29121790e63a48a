"""Findings as people read them: a headline, the source with marks, facts, a hint.

error[RB304]: scenario `data_only` claims 8m and takes 9m
   --> plans/api.rbplan:212:12
    |
212 |     claims 8m
    |            ^^ 1m short
    = critical path: database 3m + cache 1m + …
hint: write `claims 9m`
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from rbdsl.diagnostics import Diagnostic
from rbdsl.review.page import Page
from rbdsl.review.snippet import Mark, draw, last_line
from rbdsl.review.visible import visible
from rbdsl.source import Source, Span


def render(diagnostic: Diagnostic, page: Page) -> str:
    """One finding, without a newline at its end."""
    look = page.look

    def paint(text: str) -> str:
        return look.severity(diagnostic.severity, text)

    groups = _by_source(_marks(diagnostic))
    gutter = max((len(str(last_line(marks))) for _, marks in groups), default=1)
    rows = _headline(diagnostic, page)
    for index, (source, marks) in enumerate(groups):
        where = diagnostic.span if index == 0 else marks[0].span
        arrow = "-->" if index == 0 else ":::"
        rows.append(f"{'':{gutter}}{look.frame(arrow)} {_place(where)}")
        if source.text:
            rows += draw(source, marks, gutter=gutter, columns=page.columns, paint=paint, look=look)
    for note in diagnostic.notes:
        for number, line in enumerate(note.splitlines() or [""]):
            sign = "=" if number == 0 else " "
            lead = f"{'':{gutter}} {sign} "
            begin, *more = _prose(line, page, lead, " " * len(lead))
            rows += [begin.replace(sign, look.frame(sign), 1), *more]
    if diagnostic.url is not None:
        rows.append(f"{'':{gutter}} {look.frame('=')} {diagnostic.url}")
    hint = _hint(diagnostic)
    if hint is not None:
        begin, *more = _prose(hint, page, "hint: ", "      ")
        rows += [look.good("hint:") + begin.removeprefix("hint:"), *more]
    return "\n".join(rows)


def _hint(diagnostic: Diagnostic) -> str | None:
    """How to mend it, marked where rbc can do it."""
    if diagnostic.fix is None:
        return diagnostic.hint
    mark = "fix" if diagnostic.fix.safe else "unsafe fix"
    return f"{diagnostic.hint or diagnostic.fix.description} [{mark}]"


def _headline(diagnostic: Diagnostic, page: Page) -> list[str]:
    head = f"{diagnostic.severity}[{diagnostic.code}]"
    begin, *more = _prose(diagnostic.message, page, f"{head}: ", "  ")
    look = page.look
    colored = look.severity(diagnostic.severity, head) + look.strong(begin.removeprefix(head))
    return [colored, *map(look.strong, more)]


def _place(span: Span) -> str:
    """`path:line:column`, or the path alone of a source that could not be read."""
    path = visible(span.source.path)
    return f"{path}:{span.begin.line}:{span.begin.column}" if span.source.text else path


def _prose(text: str, page: Page, lead: str, indent: str) -> list[str]:
    """A text behind its lead, on as many lines as the page needs."""
    whole = lead + visible(text)
    if not page.wrap:
        return [whole]
    return textwrap.wrap(
        whole,
        max(page.columns, 40),
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    ) or [whole]


def _marks(diagnostic: Diagnostic) -> list[Mark]:
    """The main place with the texts of the labels on it, then the other labels."""
    own = [label.text for label in diagnostic.labels if label.span == diagnostic.span]
    others = [label for label in diagnostic.labels if label.span != diagnostic.span]
    return [
        Mark(diagnostic.span, "; ".join(own), main=True),
        *(Mark(label.span, label.text, main=False) for label in others),
    ]


def _by_source(marks: Sequence[Mark]) -> list[tuple[Source, list[Mark]]]:
    """The marks by source, in the order in which the sources come."""
    groups: dict[Source, list[Mark]] = {}
    for mark in marks:
        groups.setdefault(mark.span.source, []).append(mark)
    return list(groups.items())
