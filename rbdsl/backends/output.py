"""What goes into a backend, and what comes out: the border between the compiler and targets."""

from __future__ import annotations

from rbdsl.analysis.results import Analysis
from rbdsl.diagnostics import Diagnostic
from rbdsl.record import dataclass


@dataclass(frozen=True, slots=True)
class InputFile:
    """A source that the plan was compiled from; the path is relative to the plan's folder."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class EmitRequest:
    """All that a backend may use.

    `inputs[0]` is the plan itself. `plan_sha256` identifies the plan with all it imports.
    `diagnostics` are the findings (no errors among them), for targets that show them.
    `version` is the compiler's.
    """

    analysis: Analysis
    inputs: tuple[InputFile, ...]
    plan_sha256: str
    diagnostics: tuple[Diagnostic, ...]
    version: str


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A generated file: path below `build/<plan>/` with `/`, its text (LF), its mode."""

    path: str
    text: str
    executable: bool = False
