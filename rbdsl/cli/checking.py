"""From the arguments of a command to checked plans, one after another."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
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
from rbdsl.project.baselines import Baselines
from rbdsl.project.configuration import Config
from rbdsl.project.configurations import Configurations
from rbdsl.project.discovery import STDIN, discover
from rbdsl.project.files import Reading, read_source, read_stream, shown_from_here, shown_path
from rbdsl.project.modules import ProjectLoader, Shelf
from rbdsl.record import dataclass
from rbdsl.review.findings import Findings
from rbdsl.rules.names.rb297_bad_baseline import CODE as BAD_BASELINE
from rbdsl.rules.names.rb298_bad_configuration import CODE as BAD_CONFIGURATION
from rbdsl.syntax.errors import UNREADABLE_SOURCE

Levels = tuple[dict[int, LevelPolicy] | None, tuple[Diagnostic, ...]]

_UNUSABLE = frozenset(
    code.id for code in (UNREADABLE_SOURCE, BAD_POLICY, BAD_CONFIGURATION, BAD_BASELINE)
)


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


def check_all(
    arguments: tuple[str, ...],
    stdin_filename: str | None,
    policy_file: Path | None,
    configurations: Configurations | None = None,
    baselines: Baselines | None = None,
    shelf: Shelf | None = None,
) -> Iterator[Outcome]:
    """Check every file that the arguments mean; raises `click.UsageError` where there is none.

    What is reported is what the configurations and baselines leave of the findings; without
    `configurations` they are looked for, and nothing overrides them. `policy_file` overrides the
    levels. `shelf` brings texts that stand in place of files, and tells afterwards where each
    source with findings was read.
    """
    configurations = configurations or Configurations()
    baselines = baselines or Baselines()
    discovery = discover(arguments, configurations.exclusion)
    if discovery.complaints:
        raise click.UsageError("; ".join(discovery.complaints))
    if not discovery.paths:
        raise click.UsageError("there is no plan in " + ", ".join(map(repr, arguments)))
    if stdin_filename is not None and Path(STDIN) not in discovery.paths:
        raise click.UsageError("--stdin-filename needs `-`, a plan from standard input")
    policies = _Policies()
    now = _now()
    shelf = shelf or Shelf()
    for path in discovery.paths:
        place = _place(path, stdin_filename)
        shown = shown_path(place)
        config, problems = configurations.of(place)
        if problems:
            yield Outcome(path, problems, shown=shown)
            continue
        levels, faults = policies.of(policy_file or config.policy.value)
        if levels is None:
            yield Outcome(path, faults, shown=shown, config=config)
            continue
        source, diagnostic = _read(path, place, shelf)
        if source is None:
            yield Outcome(path, (diagnostic,) if diagnostic else (), shown=shown, config=config)
            continue
        checked = check(source, ProjectLoader(place, shelf), levels, now)
        if checked.diagnostics:
            shelf.places[source] = place
        applied = baselines.applied(config, _reported(checked.diagnostics, config))
        if applied.problems:
            yield Outcome(path, applied.problems, shown=shown, config=config)
            continue
        checked = replace(checked, diagnostics=applied.kept)
        yield Outcome(
            path,
            checked.diagnostics,
            checked,
            source.path,
            _allowed(checked.suppressed, config),
            config,
            applied.accepted,
        )


def _reported(diagnostics: Iterable[Diagnostic], config: Config) -> tuple[Diagnostic, ...]:
    judged = (config.judged(diagnostic) for diagnostic in diagnostics)
    return tuple(diagnostic for diagnostic in judged if diagnostic is not None)


def _allowed(suppressed: Iterable[Suppressed], config: Config) -> tuple[Suppressed, ...]:
    """What comments allow of what the configuration would report."""
    judged = ((entry, config.judged(entry.diagnostic)) for entry in suppressed)
    return tuple(replace(entry, diagnostic=found) for entry, found in judged if found is not None)


def findings(outcomes: Iterable[Outcome]) -> list[Diagnostic]:
    """What is reported of all files; faults of a module that several of them use come once."""
    found: dict[object, Diagnostic] = {}
    for outcome in outcomes:
        for diagnostic in outcome.diagnostics:
            found.setdefault((diagnostic.sort_key, diagnostic.hint), diagnostic)
    return list(found.values())


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
    if any(d.code in _UNUSABLE for d in found):
        return 2
    counting = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return int(any(d.severity in counting for d in found))


def policies_of(path: Path | None) -> tuple[dict[int, LevelPolicy] | None, list[Diagnostic]]:
    """The levels of the policy file, or the shipped ones; None and why where there are none."""
    levels, problems = _Policies().of(path)
    return levels, list(problems)


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


class _Policies:
    """The level policies of a run, each file read once."""

    def __init__(self) -> None:
        self._read: dict[Path, Levels] = {}

    def of(self, path: Path | None) -> Levels:
        """The levels of a file, or the shipped ones; None and why where there are none."""
        if path is None:
            return shipped_policies(), ()
        if path not in self._read:
            source, diagnostic = read_source(path, shown_from_here(path))
            if source is None:
                self._read[path] = None, (diagnostic,) if diagnostic else ()
            else:
                levels, problems = parse_policies(source)
                self._read[path] = levels, tuple(problems)
        return self._read[path]


def _place(path: Path, stdin_filename: str | None) -> Path:
    """The place that a plan stands for: its modules and settings are looked for from there."""
    return Path(stdin_filename or "<stdin>") if path == Path(STDIN) else path


def _read(path: Path, place: Path, shelf: Shelf) -> Reading:
    standard = path == Path(STDIN)
    other = shelf.texts.get(STDIN if standard else os.path.realpath(path)) if shelf.texts else None
    if other:
        return Reading(other, None)
    if not standard:
        return read_source(path)
    if sys.stdin is None:  # what the interpreter makes of `<&-`
        raise click.UsageError("standard input is closed, and `-` is to be read from it")
    reading = read_stream(sys.stdin.buffer, shown_path(place))
    if reading.source:  # it can be read only once
        shelf.texts[STDIN] = reading.source
    return reading


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
