"""Findings in the Reviewdog Diagnostic Format, one object with all of them.

Places count from 1, columns in bytes of UTF-8, and the end is outside; facts: reviewdog's
`proto/rdf`. A fix becomes one suggestion, which replaces the stretch from its first to its last
edit.
"""

from __future__ import annotations

import json

from rbdsl.diagnostics import Diagnostic, Edit, Fix, Severity
from rbdsl.review.findings import Findings, has_place, inserted, lines_of, path_of
from rbdsl.source import Source, Span

_SEVERITIES = {
    Severity.ERROR: "ERROR",
    Severity.WARNING: "WARNING",
    Severity.INFO: "INFO",
    Severity.PEDANTIC: "INFO",
}


def render(findings: Findings) -> str:
    """The object, with a newline at its end; characters beyond ASCII are escaped."""
    found = [_diagnostic(diagnostic) for diagnostic in findings.diagnostics]
    return json.dumps({"source": {"name": "rbc"}, "diagnostics": found}, indent=2) + "\n"


def _diagnostic(diagnostic: Diagnostic) -> dict[str, object]:
    location: dict[str, object] = {"path": path_of(diagnostic)}
    if has_place(diagnostic):
        location["range"] = _range(diagnostic.span)
    code = {"value": diagnostic.code}
    if diagnostic.url:
        code["url"] = diagnostic.url
    found: dict[str, object] = {
        "message": "\n".join(lines_of(diagnostic)),
        "location": location,
        "severity": _SEVERITIES[diagnostic.severity],
        "code": code,
    }
    if diagnostic.fix and diagnostic.fix.edits:
        found["suggestions"] = [_suggestion(diagnostic.fix)]
    return found


def _suggestion(fix: Fix) -> dict[str, object]:
    edits = sorted(fix.edits, key=lambda edit: edit.span.start)
    source = edits[0].span.source
    whole = source.span(edits[0].span.start, max(edit.span.end for edit in edits))
    return {"range": _range(whole), "text": _replacement(source, edits)}


def _replacement(source: Source, edits: list[Edit]) -> str:
    parts: list[str] = []
    at = edits[0].span.start
    for edit in edits:
        parts += [source.text[at : edit.span.start], inserted(edit)]
        at = edit.span.end
    return "".join(parts)


def _range(span: Span) -> dict[str, dict[str, int]]:
    return {
        "start": _position(span.source, span.start),
        "end": _position(span.source, span.end),
    }


def _position(source: Source, offset: int) -> dict[str, int]:
    line, column = source.position(offset)
    before = source.text[offset - column + 1 : offset]
    return {"line": line, "column": len(before.encode("utf-8", "surrogatepass")) + 1}
