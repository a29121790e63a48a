"""From the arguments of a command to checked plans, one after another."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from os import environ
from pathlib import Path

import click

from rbdsl.analysis.policy import (
    BAD_POLICY,
    LevelPolicy,
    parse_policies,
    shipped_policies,
)
from rbdsl.compiler import Checked, check
from rbdsl.diagnostics import Diagnostic, Severity
from rbdsl.project.discovery import STDIN, discover
from rbdsl.project.files import Reading, read_source, read_stream, shown_path
from rbdsl.project.modules import ProjectLoader, Shelf
from rbdsl.record import dataclass
from rbdsl.syntax.errors import UNREADABLE_SOURCE


@dataclass(frozen=True, slots=True)
class Outcome:
    """One file: what was found, and the checked plan where it could be read."""

    path: Path
    diagnostics: tuple[Diagnostic, ...]
    checked: Checked | None = None


def check_all(
    arguments: tuple[str, ...], stdin_filename: str | None, policy_file: Path | None
) -> Iterator[Outcome]:
    """Check every file that the arguments mean; raises `click.UsageError` where there is none."""
    discovery = discover(arguments)
    if discovery.complaints:
        raise click.UsageError("; ".join(discovery.complaints))
    if not discovery.paths:
        raise click.UsageError("there is no plan in " + ", ".join(map(repr, arguments)))
    if stdin_filename is not None and Path(STDIN) not in discovery.paths:
        raise click.UsageError("--stdin-filename needs `-`, a plan from standard input")
    policies, problems = _policies(policy_file)
    if policies is None:
        yield Outcome(policy_file or Path(), tuple(problems))
        return
    now = _now()
    shelf = Shelf()
    for path in discovery.paths:
        place, (source, diagnostic) = _read(path, stdin_filename)
        if source is None:
            yield Outcome(path, (diagnostic,) if diagnostic else ())
            continue
        checked = check(source, ProjectLoader(place, shelf), policies, now)
        yield Outcome(path, checked.diagnostics, checked)


def findings(outcomes: Iterable[Outcome], *, pedantic: bool) -> list[Diagnostic]:
    """What was found in all files; faults of a module that several of them use come once."""
    found: dict[object, Diagnostic] = {}
    for outcome in outcomes:
        for diagnostic in outcome.diagnostics:
            if pedantic or diagnostic.severity is not Severity.PEDANTIC:
                found.setdefault((diagnostic.sort_key, diagnostic.hint), diagnostic)
    return list(found.values())


def exit_code(diagnostics: Iterable[Diagnostic], *, strict: bool) -> int:
    """2 where a source or the policy could not be read, 1 for findings, 0 for none that count."""
    found = list(diagnostics)
    if any(d.code in {UNREADABLE_SOURCE.id, BAD_POLICY.id} for d in found):
        return 2
    counting = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return int(any(d.severity in counting for d in found))


def _policies(path: Path | None) -> tuple[dict[int, LevelPolicy] | None, list[Diagnostic]]:
    """The levels of the policy file, or the shipped ones; None and why where there are none."""
    if path is None:
        return shipped_policies(), []
    source, diagnostic = read_source(path)
    if source is None:
        return None, [diagnostic] if diagnostic else []
    return parse_policies(source)


def _read(path: Path, stdin_filename: str | None) -> tuple[Path, Reading]:
    """The place that a plan stands for (its modules are looked for from there), and its text."""
    if path == Path(STDIN):
        place = Path(stdin_filename or "<stdin>")
        if sys.stdin is None:  # what the interpreter makes of `<&-`
            raise click.UsageError("standard input is closed, and `-` is to be read from it")
        return place, read_stream(sys.stdin.buffer, shown_path(place))
    return path, read_source(path)


def _now() -> datetime:
    """The time that evidence is judged at; SOURCE_DATE_EPOCH sets it for repeatable builds."""
    epoch = environ.get("SOURCE_DATE_EPOCH", "")
    if not epoch:
        return datetime.now(UTC)
    try:
        return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError) as problem:
        message = f"SOURCE_DATE_EPOCH is {epoch!r}, and should be seconds since 1970"
        raise click.UsageError(message) from problem
