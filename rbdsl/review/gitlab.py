"""Findings as a GitLab code quality report, which a merge request shows at their lines.

An array of `description`, `check_name`, `fingerprint`, `severity` and `location`; facts:
docs.gitlab.com, "Code Quality", custom tools. The fingerprint tells GitLab which findings are new.
"""

from __future__ import annotations

import json
from hashlib import sha256

from rbdsl.diagnostics import Diagnostic, Severity
from rbdsl.review.findings import Findings, lines_of, path_of
from rbdsl.review.fingerprint import fingerprints

_SEVERITIES = {
    Severity.ERROR: "critical",
    Severity.WARNING: "major",
    Severity.INFO: "minor",
    Severity.PEDANTIC: "info",
}


def render(findings: Findings) -> str:
    """The array, with a newline at its end; characters beyond ASCII are escaped."""
    known = fingerprints(findings.diagnostics)
    issues = [_issue(d, mark) for d, mark in zip(findings.diagnostics, known, strict=True)]
    return json.dumps(issues, indent=2) + "\n"


def _issue(diagnostic: Diagnostic, mark: str) -> dict[str, object]:
    path = path_of(diagnostic)
    identity = f"{path}\0{mark}".encode("utf-8", "surrogatepass")
    return {
        "description": f"{diagnostic.code}: " + "\n".join(lines_of(diagnostic)),
        "check_name": diagnostic.code,
        "fingerprint": sha256(identity).hexdigest(),
        "severity": _SEVERITIES[diagnostic.severity],
        "location": {
            "path": path,
            "lines": {
                "begin": diagnostic.span.begin.line,
                "end": diagnostic.span.finish.line,
            },
        },
    }
