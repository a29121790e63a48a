"""Findings as JSON: an array of objects, places counted from 1 in characters.

    {"code": "RB301", "name": "sla-exceeded", "severity": "error", "message": "…",
     "path": "plans/api.rbplan",
     "range": {"start": {"line": 1, "column": 1}, "end": {"line": 1, "column": 9}},
     "hint": "…" or null, "labels": [{"text": "…", "path": "…", "range": {…}}], "notes": ["…"]}

Where there is one, `"url": "…"` is where the finding is explained, and `"fix": {"description": "…",
"safe": true, "edits": [{"range": {…}, "text": "…"}]}` mends it. The end of a range is behind its
last character. Keys may be added, never removed or changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from rbdsl.diagnostics import Diagnostic, Fix
from rbdsl.review.findings import inserted
from rbdsl.source import Span


def render(diagnostics: Iterable[Diagnostic]) -> str:
    """The array, with a newline at its end; characters beyond ASCII are escaped."""
    return json.dumps([as_object(d) for d in diagnostics], indent=2) + "\n"


def as_object(diagnostic: Diagnostic) -> dict[str, object]:
    """One finding."""
    found: dict[str, object] = {
        "code": diagnostic.code,
        "name": diagnostic.name,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "path": diagnostic.span.source.path,
        "range": _range(diagnostic.span),
        "hint": diagnostic.hint,
        "labels": [
            {"text": label.text, "path": label.span.source.path, "range": _range(label.span)}
            for label in diagnostic.labels
        ],
        "notes": list(diagnostic.notes),
    }
    if diagnostic.url is not None:
        found["url"] = diagnostic.url
    if diagnostic.fix is not None:
        found["fix"] = _fix(diagnostic.fix)
    return found


def _fix(fix: Fix) -> dict[str, object]:
    edits = [{"range": _range(edit.span), "text": inserted(edit)} for edit in fix.edits]
    return {"description": fix.description, "safe": fix.safe, "edits": edits}


def _range(span: Span) -> dict[str, dict[str, int]]:
    start, end = span.begin, span.finish
    return {
        "start": {"line": start.line, "column": start.column},
        "end": {"line": end.line, "column": end.column},
    }
