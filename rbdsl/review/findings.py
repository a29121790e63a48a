"""What a run has to report, as every format takes it, and the sentences that several of them share.

A format is a module with `render(findings) -> str`: pure, and inert for whatever stands in a plan.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from rbdsl.diagnostics import Diagnostic, Edit, Severity, Suppressed
from rbdsl.record import dataclass
from rbdsl.source import Source


@dataclass(frozen=True, slots=True)
class Findings:
    """The findings in order of place, what was not reported, and the files that were looked at.

    `strict` says that warnings count as failures too, as they do for the exit code.
    """

    diagnostics: tuple[Diagnostic, ...]
    suppressed: tuple[Suppressed, ...] = ()
    paths: tuple[str, ...] = ()
    strict: bool = False

    def fails(self, diagnostic: Diagnostic) -> bool:
        """Whether the finding makes the run fail."""
        worst = {Severity.ERROR, Severity.WARNING} if self.strict else {Severity.ERROR}
        return diagnostic.severity in worst


def path_of(diagnostic: Diagnostic) -> str:
    """The path of a finding's file, as `normalised` has it."""
    return normalised(diagnostic.span.source)


def normalised(source: Source) -> str:
    """The path of a source without `./`, as review systems compare paths."""
    return posixpath.normpath(source.path)


def has_place(diagnostic: Diagnostic) -> bool:
    """Whether a line can be named: not in a file that could not be read."""
    return bool(diagnostic.span.source.text)


def lines_of(diagnostic: Diagnostic) -> Iterator[str]:
    """The message, the texts of the labels on its place, the facts and the hint, line by line."""
    yield diagnostic.message
    yield from (label.text for label in diagnostic.labels if label.span == diagnostic.span)
    for note in diagnostic.notes:
        yield from note.splitlines()
    if diagnostic.hint is not None:
        yield f"hint: {diagnostic.hint}"


def inserted(edit: Edit) -> str:
    """The text of an edit with the line ends of the file that it is for."""
    text = edit.text.replace("\r\n", "\n")
    return text.replace("\n", "\r\n") if "\r\n" in edit.span.source.text else text
