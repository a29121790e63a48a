"""From the arguments of a command to checked plans, one after another."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rbdsl.diagnostics import Diagnostic, Severity, Suppressed
from rbdsl.project.baselines import Baselines
from rbdsl.project.configuration import Config
from rbdsl.project.configurations import Configurations
from rbdsl.project.discovery import STDIN, discover
from rbdsl.project.files import Reading, read_source, read_stream, shown_from_here, shown_path
from rbdsl.project.shellcheck_program import ShellCheckError, WorkerError
from rbdsl.record import dataclass
from rbdsl.review.findings import Findings
from rbdsl.rules.names.rb297_bad_baseline import CODE as BAD_BASELINE
from rbdsl.rules.names.rb298_bad_configuration import CODE as BAD_CONFIGURATION
from rbdsl.source import Source
from rbdsl.syntax.errors import UNREADABLE_SOURCE

if TYPE_CHECKING:
    # Not loaded where everything is in the cache.
    from rbdsl.analysis.policy import LevelPolicy
    from rbdsl.compiler import Checked
    from rbdsl.project.modules import Shelf

    Levels = tuple[dict[int, LevelPolicy] | None, tuple[Diagnostic, ...]]

_TOGETHER = 50
"""Files whose shell is looked at by the same ShellCheck."""

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


def check_all(
    arguments: tuple[str, ...],
    stdin_filename: str | None,
    policy_file: Path | None,
    configurations: Configurations | None = None,
    baselines: Baselines | None = None,
    shelf: Shelf | None = None,
    *,
    with_shellcheck: bool = True,
) -> Iterator[Outcome]:
    """Check every file that the arguments mean, and give the plans; see `review`.

    What is reported is what the configurations and baselines leave of the findings; without
    `configurations` they are looked for, and nothing overrides them. `policy_file` overrides the
    levels. `shelf` brings texts that stand in place of files, and tells afterwards where each
    source with findings was read.
    """
    from rbdsl.project.batch import File, check_batch
    from rbdsl.project.many import cores
    from rbdsl.project.modules import Shelf
    from rbdsl.project.shellcheck import ShellCheck

    configurations = configurations or Configurations()
    baselines = baselines or Baselines()
    shelf = shelf or Shelf()
    policies = _Policies()
    now = _now()
    shellcheck = ShellCheck(cores()) if with_shellcheck else None
    paths = _paths(arguments, stdin_filename, configurations)
    for first in range(0, len(paths), _TOGETHER):
        read = [
            _Read.of(path, stdin_filename, policy_file, configurations, policies, shelf)
            for path in paths[first : first + _TOGETHER]
        ]
        checked: dict[int, Checked] = {}
        for levels in {id(one.levels): one.levels for one in read if one.source}.values():
            own = [n for n, one in enumerate(read) if one.source and one.levels is levels]
            files = [File(one.place, one.source) for n in own if (one := read[n]).source]
            try:
                found = check_batch(files, levels or {}, now, shellcheck, shelf)
            except ShellCheckError as problem:
                raise internal(problem) from problem
            checked.update(zip(own, found, strict=True))
        for number, one in enumerate(read):
            if number in checked:
                yield _outcome(one, checked[number], baselines, shelf)
            else:
                yield Outcome(one.path, one.problems, shown=one.shown, config=one.config)


def _outcome(one: _Read, checked: Checked, baselines: Baselines, shelf: Shelf) -> Outcome:
    if checked.diagnostics:
        shelf.places[checked.source] = one.place
    config = one.config or Config(one.place)
    kept, suppressed, accepted, failed = _under(
        config, checked.diagnostics, checked.suppressed, baselines
    )
    if failed:
        return Outcome(one.path, failed, shown=one.shown, config=config)
    checked = replace(checked, diagnostics=kept)
    shown = checked.source.path
    return Outcome(one.path, kept, checked, shown, suppressed, config, accepted)


def _under(
    config: Config,
    diagnostics: Iterable[Diagnostic],
    suppressed: Iterable[Suppressed],
    baselines: Baselines,
) -> tuple[
    tuple[Diagnostic, ...], tuple[Suppressed, ...], tuple[Diagnostic, ...], tuple[Diagnostic, ...]
]:
    """Under a configuration: what is reported, allowed, accepted; and why that can't be told."""
    applied = baselines.applied(config, _reported(diagnostics, config))
    return applied.kept, _allowed(suppressed, config), applied.accepted, applied.problems


def review(
    arguments: tuple[str, ...],
    stdin_filename: str | None,
    policy_file: Path | None,
    configurations: Configurations,
    baselines: Baselines,
    *,
    cached: bool,
) -> list[Outcome]:
    """The findings of every file that the arguments mean, without the plans themselves.

    What has not changed since it was looked at is taken from the cache, where it is `cached`.
    Raises `click.UsageError` where there is no file, `click.ClickException` without ShellCheck.
    """
    from rbdsl.project.cache import Cache, folder_for
    from rbdsl.project.many import Request, find

    paths = _paths(arguments, stdin_filename, configurations)
    policies = _Policies()
    now = _now()
    cache = Cache(folder_for(".")) if cached else None
    outcomes: dict[Path, Outcome] = {}
    groups: dict[Path | None, list[tuple[Path, Config]]] = {}
    for path in paths:
        config, problems = configurations.of(path)
        if problems:
            outcomes[path] = Outcome(path, problems, shown=shown_path(path))
        else:
            groups.setdefault(policy_file or config.policy.value, []).append((path, config))
    for policy, members in groups.items():
        if policy is not None and policies.of(policy)[0] is None:
            for path, config in members:
                faults = policies.of(policy)[1]
                outcomes[path] = Outcome(path, faults, shown=shown_path(path), config=config)
            continue
        levels = partial(policies.levels, policy)
        request = Request(levels, now, cache, policies.state(policy))
        try:
            found = find([path for path, _ in members], request)
        except (ShellCheckError, WorkerError) as problem:
            raise internal(problem) from problem
        for (path, config), (diagnostics, allowed) in zip(members, found, strict=True):
            kept, suppressed, accepted, failed = _under(config, diagnostics, allowed, baselines)
            outcomes[path] = Outcome(
                path, failed or kept, None, shown_path(path), suppressed, config, accepted
            )
    if cache and cache.refusal:
        click.echo(f"rbc: nothing is kept in {cache.folder}: {cache.refusal}", err=True)
    return [outcomes[path] for path in paths]


def internal(problem: Exception) -> click.ClickException:
    """How to end where rbc itself is at fault, or its installation: exit code 2."""
    return click.ClickException(f"internal error: {problem}")


def _paths(
    arguments: tuple[str, ...], stdin_filename: str | None, configurations: Configurations
) -> tuple[Path, ...]:
    discovery = discover(arguments, configurations.exclusion)
    if discovery.complaints:
        raise click.UsageError("; ".join(discovery.complaints))
    if not discovery.paths:
        raise click.UsageError("there is no plan in " + ", ".join(map(repr, arguments)))
    if stdin_filename is not None and Path(STDIN) not in discovery.paths:
        raise click.UsageError("--stdin-filename needs `-`, a plan from standard input")
    return discovery.paths


@dataclass(frozen=True, slots=True)
class _Read:
    """A file that was read: where it stands, its settings and levels; `problems` without."""

    path: Path
    place: Path
    shown: str
    config: Config | None = None
    levels: dict[int, LevelPolicy] | None = None
    source: Source | None = None
    problems: tuple[Diagnostic, ...] = ()

    @classmethod
    def of(
        cls,
        path: Path,
        stdin_filename: str | None,
        policy_file: Path | None,
        configurations: Configurations,
        policies: _Policies,
        shelf: Shelf,
    ) -> _Read:
        """Read one; `shelf` and `policies` are those of the run."""
        place = _place(path, stdin_filename)
        shown = shown_path(place)
        config, problems = configurations.of(place)
        if problems:
            return cls(path, place, shown, problems=problems)
        levels, faults = policies.of(policy_file or config.policy.value)
        if levels is None:
            return cls(path, place, shown, config, problems=faults)
        source, diagnostic = _read(path, place, shelf)
        problems = (diagnostic,) if diagnostic else ()
        return cls(path, place, shown, config, levels, source, problems)


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
    if not found:
        return 0
    from rbdsl.analysis.policy import BAD_POLICY

    if any(d.code in _UNUSABLE or d.code == BAD_POLICY.id for d in found):
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
        from rbdsl.analysis.policy import parse_policies, shipped_policies

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

    def levels(self, path: Path | None) -> dict[int, LevelPolicy]:
        """The levels of a file that has no faults."""
        return self.of(path)[0] or {}

    def state(self, path: Path | None) -> str:
        """What identifies the content of a file of levels; empty for the shipped ones."""
        if path is None:
            return ""
        from rbdsl.compiler import sha256_of

        source, _ = read_source(path, shown_from_here(path))
        return f"{shown_from_here(path)} {sha256_of(source) if source else ''}"


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
