"""Findings as workflow commands, which GitHub shows at their lines in a pull request.

    ::error file=a.rbplan,line=3,col=20,title=RB304 claimed-time-differs::the plan claims 6m …

GitHub shows ten annotations of each kind for a step and drops the others without a word. Where
there are more, the tenth says so, and all that are left out stand in the log as plain lines.
Facts: docs.github.com, "Workflow commands for GitHub Actions"; the runner takes a line for a
command that begins with `::` behind blanks, or has `##[` anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Diagnostic, Severity
from rbdsl.review import concise
from rbdsl.review.findings import Findings, has_place, lines_of, path_of
from rbdsl.review.page import Page
from rbdsl.review.summary import summary
from rbdsl.review.visible import visible

SHOWN = 10
"""How many annotations of a kind GitHub shows for one step."""

_KINDS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
    Severity.PEDANTIC: "notice",
}


def render(findings: Findings) -> str:
    """The annotations kind by kind, the worst first, and what is left out; then the summary."""
    lines: list[str] = []
    for kind in dict.fromkeys(_KINDS.values()):
        lines += _of_kind(kind, [d for d in findings.diagnostics if _KINDS[d.severity] == kind])
    lines.append(summary(findings.diagnostics, len(findings.paths), Page(wrap=False)))
    return "".join(line + "\n" for line in lines)


def _of_kind(kind: str, found: list[Diagnostic]) -> Iterator[str]:
    room = len(found) if len(found) <= SHOWN else SHOWN - 1
    for diagnostic in found[:room]:
        yield f"::{kind} {_properties(diagnostic)}::{_data(chr(10).join(lines_of(diagnostic)))}"
    left = found[room:]
    if left:
        words = f"{len(left)} more of this kind are in the log: GitHub shows {SHOWN} for each step"
        yield f"::{kind} title=rbc::{_data(words)}"
        yield from ("- " + concise.line(d).replace("##[", "# #[") for d in left)


def _properties(diagnostic: Diagnostic) -> str:
    start, end = diagnostic.span.begin, diagnostic.span.finish
    found: dict[str, object] = {"file": path_of(diagnostic)}
    if has_place(diagnostic):
        found |= {"line": start.line, "endLine": end.line, "col": start.column}
        if start.line == end.line:
            found["endColumn"] = end.column
    found["title"] = f"{diagnostic.code} {diagnostic.name}"
    return ",".join(f"{name}={_property(str(value))}" for name, value in found.items())


def _data(text: str) -> str:
    """The text of a command; only `%` and line ends mean something there."""
    shown = "\n".join(visible(line) for line in text.split("\n"))
    return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
