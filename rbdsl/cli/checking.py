"""From the arguments of a command to checked plans, one after another."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from rbdsl.analysis.policy import (
    BAD_POLICY,
    LevelPolicy,
    parse_policies,
    shipped_policies,
)
from rbdsl.compiler import Checked, check
from rbdsl.diagnostics import Diagnostic, Severity, Suppressed
from rbdsl.project.discovery import STDIN, discover
from rbdsl.project.files import Reading, read_source, read_stream, shown_path
from rbdsl.project.modules import ProjectLoader, Shelf
from rbdsl.record import dataclass
from rbdsl.review.findings import Findings
from rbdsl.syntax.errors import UNREADABLE_SOURCE


@dataclass(frozen=True, slots=True)
class Outcome:
    """One file: what was found, and the checked plan where it could be read.

    `shown` is the path that findings name, `suppressed` what is not reported.
    """

    path: Path
    diagnostics: tuple[Diagnostic, ...]
    checked: Checked | None = None
    shown: str = ""
    suppressed: tuple[Suppressed, ...] = ()


def check_all(
    arguments: tuple[str, ...],
    stdin_filename: str | None,
    policy_file: Path | None,
    shelf: Shelf | None = None,
) -> Iterator[Outcome]:
    """Check every file that the arguments mean; raises `click.UsageError` where there is none.

    `shelf` brings texts that stand in place of files, and tells afterwards where each source with
    findings was read.
    """
    discovery = discover(arguments)
    if discovery.complaints:
        raise click.UsageError("; ".join(discovery.complaints))
    if not discovery.paths:
        raise click.UsageError("there is no plan in " + ", ".join(map(repr, arguments)))
    if stdin_filename is not None and Path(STDIN) not in discovery.paths:
        raise click.UsageError("--stdin-filename needs `-`, a plan from standard input")
    policies, problems = policies_of(policy_file)
    if policies is None:
        yield Outcome(policy_file or Path(), tuple(problems))
        return
    now = _now()
    shelf = shelf or Shelf()
    for path in discovery.paths:
        place, (source, diagnostic) = _read(path, stdin_filename, shelf)
        if source is None:
            yield Outcome(path, (diagnostic,) if diagnostic else (), shown=shown_path(place))
            continue
        checked = check(source, ProjectLoader(place, shelf), policies, now)
        if checked.diagnostics:
            shelf.places[source] = place
        yield Outcome(path, checked.diagnostics, checked, source.path, checked.suppressed)


def findings(outcomes: Iterable[Outcome], *, pedantic: bool) -> list[Diagnostic]:
    """What was found in all files; faults of a module that several of them use come once."""
    found: dict[object, Diagnostic] = {}
    for outcome in outcomes:
        for diagnostic in outcome.diagnostics:
            if pedantic or diagnostic.severity is not Severity.PEDANTIC:
                found.setdefault((diagnostic.sort_key, diagnostic.hint), diagnostic)
    return list(found.values())


def gathered(outcomes: Iterable[Outcome], *, pedantic: bool, strict: bool) -> Findings:
    """What is to be reported of all files; what comments allow comes once, too."""
    outcomes = list(outcomes)
    suppressed = {
        entry.diagnostic.sort_key: entry
        for outcome in outcomes
        for entry in outcome.suppressed
        if pedantic or entry.diagnostic.severity is not Severity.PEDANTIC
    }
    return Findings(
        tuple(findings(outcomes, pedantic=pedantic)),
        tuple(suppressed.values()),
        tuple(outcome.shown or shown_path(outcome.path) for outcome in outcomes),
        strict,
    )


def exit_code(diagnostics: Iterable[Diagnostic], *, strict: bool) -> int:
    """2 where a source or the policy could not be read, 1 for findings, 0 for none that count."""
    found = list(diagnostics)
    if any(d.code in {UNREADABLE_SOURCE.id, BAD_POLICY.id} for d in found):
        return 2
    counting = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return int(any(d.severity in counting for d in found))


def policies_of(path: Path | None) -> tuple[dict[int, LevelPolicy] | None, list[Diagnostic]]:
    """The levels of the policy file, or the shipped ones; None and why where there are none."""
    if path is None:
        return shipped_policies(), []
    source, diagnostic = read_source(path)
    if source is None:
        return None, [diagnostic] if diagnostic else []
    return parse_policies(source)


def _read(path: Path, stdin_filename: str | None, shelf: Shelf) -> tuple[Path, Reading]:
    """The place that a plan stands for (its modules are looked for from there), and its text."""
    standard = path == Path(STDIN)
    place = Path(stdin_filename or "<stdin>") if standard else path
    other = shelf.texts.get(STDIN if standard else os.path.realpath(path)) if shelf.texts else None
    if other:
        return place, Reading(other, None)
    if standard:
        if sys.stdin is None:  # what the interpreter makes of `<&-`
            raise click.UsageError("standard input is closed, and `-` is to be read from it")
        reading = read_stream(sys.stdin.buffer, shown_path(place))
        if reading.source:  # it can be read only once
            shelf.texts[STDIN] = reading.source
        return place, reading
    return path, read_source(path)


def _now() -> datetime:
    """The time that evidence is judged at; SOURCE_DATE_EPOCH sets it for repeatable builds."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not epoch:
        return datetime.now(UTC)
    try:
        return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError) as problem:
        message = f"SOURCE_DATE_EPOCH is {epoch!r}, and should be seconds since 1970"
        raise click.UsageError(message) from problem
