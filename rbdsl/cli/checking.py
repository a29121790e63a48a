"""From the arguments of a command to checked plans, one after another."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rbdsl.cli.outcomes import Outcome
from rbdsl.cli.sources import FileRead, Policies, said
from rbdsl.diagnostics import Diagnostic, Suppressed
from rbdsl.project.baselines import Baselines
from rbdsl.project.configuration import Config
from rbdsl.project.configurations import Configurations
from rbdsl.project.discovery import STDIN, discover
from rbdsl.project.files import shown_path
from rbdsl.project.shellcheck_program import ShellCheckError, WorkerError

if TYPE_CHECKING:
    # Not loaded where everything is in the cache.
    from rbdsl.compiler import Checked
    from rbdsl.project.modules import Shelf

_TOGETHER = 50
"""Files whose shell is looked at by the same ShellCheck."""


def check_all(
    arguments: tuple[str, ...],
    stdin_filename: str | None,
    policy_file: Path | None,
    configurations: Configurations | None = None,
    baselines: Baselines | None = None,
    shelf: Shelf | None = None,
    *,
    with_shellcheck: bool = True,
    force_exclude: bool = False,
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
    baselines = baselines or Baselines(arguments=arguments)
    shelf = shelf or Shelf()
    policies = Policies()
    now = _now()
    shellcheck = ShellCheck(cores()) if with_shellcheck else None
    paths = _paths(arguments, stdin_filename, configurations, force_exclude=force_exclude)
    for first in range(0, len(paths), _TOGETHER):
        read = [
            FileRead.of(path, stdin_filename, policy_file, configurations, policies, shelf)
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
                problems = one.problems
                if one.config and one.levels is None:
                    problems += baselines.problems(one.config)
                yield Outcome(one.path, problems, shown=one.shown, config=one.config)


def _outcome(one: FileRead, checked: Checked, baselines: Baselines, shelf: Shelf) -> Outcome:
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
    force_exclude: bool = False,
) -> list[Outcome]:
    """The findings of every file that the arguments mean, without the plans themselves.

    What has not changed since it was looked at is taken from the cache, where it is `cached`.
    Raises `click.UsageError` where there is no file, `click.ClickException` without ShellCheck.
    """
    from rbdsl.project.cache import Cache, folder_for
    from rbdsl.project.many import Request, find

    paths = _paths(arguments, stdin_filename, configurations, force_exclude=force_exclude)
    policies = Policies()
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
                faults = policies.of(policy, said(config, policy_file))[1]
                faults += baselines.problems(config)
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
    arguments: tuple[str, ...],
    stdin_filename: str | None,
    configurations: Configurations,
    *,
    force_exclude: bool,
) -> tuple[Path, ...]:
    discovery = discover(arguments, configurations.exclusion, force=force_exclude)
    if discovery.complaints:
        raise click.UsageError("; ".join(discovery.complaints))
    if discovery.left_out and not discovery.paths:
        number, places = len(discovery.left_out), ", ".join(dict.fromkeys(discovery.left_out))
        files = "the one file is" if number == 1 else f"all {number} files are"
        click.echo(f"rbc: {files} left out: see {places}", err=True)
    elif not discovery.paths:
        raise click.UsageError("there is no plan in " + ", ".join(map(repr, arguments)))
    if stdin_filename is not None and Path(STDIN) not in discovery.paths:
        raise click.UsageError("--stdin-filename needs `-`, a plan from standard input")
    return discovery.paths


def _reported(diagnostics: Iterable[Diagnostic], config: Config) -> tuple[Diagnostic, ...]:
    judged = (config.judged(diagnostic) for diagnostic in diagnostics)
    return tuple(diagnostic for diagnostic in judged if diagnostic is not None)


def _allowed(suppressed: Iterable[Suppressed], config: Config) -> tuple[Suppressed, ...]:
    """What comments allow of what the configuration would report."""
    judged = ((entry, config.judged(entry.diagnostic)) for entry in suppressed)
    return tuple(replace(entry, diagnostic=found) for entry, found in judged if found is not None)


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
