"""Findings as one line each, as compilers write them: `path:line:column: error[RB304] message`."""

from __future__ import annotations

from rbdsl.diagnostics import Diagnostic
from rbdsl.review.findings import Findings, has_place
from rbdsl.review.visible import visible


def render(findings: Findings) -> str:
    """The lines in order, and nothing else: no finding is an empty text."""
    return "".join(line(diagnostic) + "\n" for diagnostic in findings.diagnostics)


def line(diagnostic: Diagnostic) -> str:
    """One finding; the place of a file that could not be read is its path alone."""
    start = diagnostic.span.begin
    place = visible(diagnostic.span.source.path)
    if has_place(diagnostic):
        place += f":{start.line}:{start.column}"
    mark = "" if diagnostic.fix is None else f" [{'' if diagnostic.fix.safe else 'unsafe '}fix]"
    return f"{place}: {diagnostic.severity}[{diagnostic.code}] {visible(diagnostic.message)}{mark}"
