"""The last lines of a report for people: how much was found, and what of it can be mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rbdsl.diagnostics import Diagnostic, Severity
from rbdsl.review.page import Page


def summary(diagnostics: Iterable[Diagnostic], plans: int, page: Page) -> str:
    """The last line: how many findings of each severity in how many files."""
    counts = Counter(d.severity for d in diagnostics)
    files = f"{plans} file{'s' * (plans != 1)}"
    if not counts:
        return page.look.good("nothing to report") + f" in {files}"
    parts = [
        page.look.severity(severity, _count(counts[severity], severity))
        for severity in Severity
        if counts[severity]
    ]
    listed = " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
    return f"{listed} in {files}"


def mendable(diagnostics: Iterable[Diagnostic]) -> str:
    """How many findings can be mended by machine, for a line of its own; "" where none can."""
    fixes = [d.fix.safe for d in diagnostics if d.fix]
    safe, unsafe = fixes.count(True), fixes.count(False)
    parts = [f"{safe} can be mended with --fix"] if safe else []
    if unsafe:
        more = f"{unsafe} more" if safe else f"{unsafe} can be mended"
        parts.append(f"{more} with --fix --unsafe-fixes, to be looked at")
    return ", ".join(parts)


def _count(number: int, severity: Severity) -> str:
    word = {Severity.INFO: "note", Severity.PEDANTIC: "pedantic remark"}.get(severity, severity)
    return f"{number} {word}{'s' * (number != 1)}"
