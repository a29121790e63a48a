"""Findings as a Markdown summary, for a review comment or the summary of a job.

A table of all findings, and below it each with its lines of source. Whatever stands in a plan is
inert: no markup, no mention of people, no reference to issues. Long reports are cut, and say so,
because code hosts refuse texts of more than some 60 KB (a comment) or 1 MB (a summary).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from rbdsl.backends.quoting import markdown_code, markdown_fence, markdown_text
from rbdsl.diagnostics import Diagnostic
from rbdsl.review.findings import Findings, has_place, path_of
from rbdsl.review.page import Page
from rbdsl.review.summary import summary
from rbdsl.review.text import render as render_text
from rbdsl.review.visible import visible

ROWS = 100
"""How many findings the table has at most."""

DETAILS = 25
"""How many of them are shown with their source."""

_PAGE = Page(columns=100, wrap=False)
_CODE = re.compile(r"(`[^`]+`)")
_REFERENCE = re.compile(r"[@#!](?=\w)")


def render(findings: Findings) -> str:
    """The summary as the last line of the text format has it, the table, the details."""
    found = findings.diagnostics
    head = summary(found, len(findings.paths), _PAGE)
    parts = [f"**rbc check:** {head}"]
    if found:
        rows = ["| | finding | place |", "|---|---|---|", *map(_row, found[:ROWS])]
        parts += ["\n".join(rows), *_left_out(len(found), ROWS, "in the table")]
        parts += map(_detail, found[:DETAILS])
        parts += _left_out(len(found), DETAILS, "with their source")
    return "\n\n".join(parts) + "\n"


def _left_out(total: int, shown: int, where: str) -> Iterator[str]:
    if total > shown:
        yield f"The first {shown} of {total} are shown {where}."


def _row(diagnostic: Diagnostic) -> str:
    where = path_of(diagnostic)
    if has_place(diagnostic):
        where += f":{diagnostic.span.begin.line}"
    words = f"{diagnostic.severity} {diagnostic.code}"
    return f"| {words} | {_prose(diagnostic.message)} | {markdown_code(where, in_table=True)} |"


def _prose(message: str) -> str:
    """A message with the code in it as code, and everything else as nothing but words."""
    parts = _CODE.split(message)
    return "".join(
        markdown_code(part[1:-1], in_table=True) if number % 2 else _words(part)
        for number, part in enumerate(parts)
    )


def _words(part: str) -> str:
    lead = " " * (part[:1].isspace())
    tail = " " * (part[-1:].isspace() and bool(part.strip()))
    # An empty comment keeps a code host from making a mention or a reference of it.
    return lead + _REFERENCE.sub(r"\g<0><!-- -->", markdown_text(part)) + tail


def _detail(diagnostic: Diagnostic) -> str:
    head = visible(f"{diagnostic.code} {diagnostic.name}: {diagnostic.message}")
    head = _REFERENCE.sub(r"\g<0><!-- -->", html.escape(head, quote=False))
    block = markdown_fence(render_text(diagnostic, _PAGE), "text")
    return f"<details>\n<summary>{head}</summary>\n\n{block}\n\n</details>"
