"""What was found in files, taken together: what is to be reported, and the exit code."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from rbdsl.diagnostics import Diagnostic, Severity, Suppressed
from rbdsl.project.files import shown_path
from rbdsl.record import dataclass
from rbdsl.review.findings import Findings
from rbdsl.rules.names.rb297_bad_baseline import CODE as BAD_BASELINE
from rbdsl.rules.names.rb298_bad_configuration import CODE as BAD_CONFIGURATION
from rbdsl.syntax.errors import UNREADABLE_SOURCE

if TYPE_CHECKING:
    from rbdsl.compiler import Checked
    from rbdsl.project.configuration import Config

_UNUSABLE = frozenset(code.id for code in (UNREADABLE_SOURCE, BAD_CONFIGURATION, BAD_BASELINE))


@dataclass(frozen=True, slots=True)
class Outcome:
    """One file: what is reported, and the checked plan where it could be read.

    `shown` is the path that findings name, `suppressed` what comments of the plan allow, `accepted`
    what a baseline takes out. `config` are the settings that were applied, None where they are
    broken.
    """

    path: Path
    diagnostics: tuple[Diagnostic, ...]
    checked: Checked | None = None
    shown: str = ""
    suppressed: tuple[Suppressed, ...] = ()
    config: Config | None = None
    accepted: tuple[Diagnostic, ...] = ()


def findings(outcomes: Iterable[Outcome]) -> list[Diagnostic]:
    """What is reported of all files; faults of a module that several of them use come once.

    The files come as they were given, the findings of each by their places in it: some of those in
    a module are known from one plan that uses it, some from another.
    """
    found: dict[object, Diagnostic] = {}
    files: dict[str, int] = {}
    for outcome in outcomes:
        for diagnostic in outcome.diagnostics:
            found.setdefault((diagnostic.sort_key, diagnostic.hint), diagnostic)
            files.setdefault(diagnostic.span.source.path, len(files))
    return sorted(found.values(), key=lambda d: (files[d.span.source.path], d.sort_key))


def gathered(outcomes: Iterable[Outcome], stale: Iterable[Diagnostic] = ()) -> Findings:
    """What is to be reported of all files and of their baselines; what is allowed comes once."""
    outcomes = list(outcomes)
    suppressed = {
        entry.diagnostic.sort_key: entry for outcome in outcomes for entry in outcome.suppressed
    }
    for outcome in outcomes:
        for found in outcome.accepted:
            entry = Suppressed(found, "accepted by the baseline", in_source=False)
            suppressed.setdefault(found.sort_key, entry)
    return Findings(
        (*findings(outcomes), *stale),
        tuple(suppressed.values()),
        tuple(outcome.shown or shown_path(outcome.path) for outcome in outcomes),
        any_strict(outcomes),
    )


def exit_code(diagnostics: Iterable[Diagnostic], *, strict: bool) -> int:
    """2 where a source or a setting could not be read, 1 for findings, 0 for none that count."""
    found = list(diagnostics)
    if not found:
        return 0
    from rbdsl.analysis.policy_tables import BAD_POLICY

    unusable = (d for d in found if d.code in _UNUSABLE or d.code == BAD_POLICY.id)
    if any(d.severity is Severity.ERROR for d in unusable):
        return 2
    counting = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return int(any(d.severity in counting for d in found))


def verdict(outcomes: Iterable[Outcome]) -> int:
    """The exit code of all files, each as strict as its configuration or the command line."""
    return max(
        (
            exit_code(o.diagnostics, strict=o.config is not None and o.config.strict.value)
            for o in outcomes
        ),
        default=0,
    )


def any_strict(outcomes: Iterable[Outcome]) -> bool:
    """Whether the command line, or the configuration of one of the files, is strict."""
    return any(o.config is not None and o.config.strict.value for o in outcomes)
