"""Keeps a report or statement from being written over what the run reads.

What counts is the file that a name leads to, with all links followed, hard ones too.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import click

from rbdsl.cli.outcomes import Outcome
from rbdsl.project.discovery import STDIN as STDOUT
from rbdsl.project.discovery import SUFFIX
from rbdsl.project.settings import NAME, PYPROJECT

_ENOUGH = 4096
"""So much of a file is looked at to tell whether it is a plan or module."""


def refuse_overwriting(option: str, target: Path | None, inputs: Iterable[str | Path]) -> None:
    """Raise `click.UsageError` where a file to be written is one of the inputs, or a source.

    A module may have any name, and is known by how it begins.
    """
    if target is None:
        return
    real = Path(os.path.realpath(target))
    what = None
    if any(_same(real, path) for path in inputs):
        what = "this run reads it"
    elif real.name in {NAME, PYPROJECT}:
        what = "it is a configuration"
    elif real.suffix == SUFFIX or _is_source(real):
        what = "it is a plan or module"
    if what:
        led = "" if real.name == target.name else f", which leads to `{real.name}`"
        raise click.UsageError(
            f"{option} would write over `{target}`{led}: {what}; name another file"
        )


def report_file(output_file: Path | None) -> Path | None:
    """What `--output-file` means: None for standard output; see `refuse_overwriting`."""
    if output_file == Path(STDOUT):
        return None
    refuse_overwriting("--output-file", output_file, ())
    return output_file


def inputs_of(outcomes: Iterable[Outcome], *named: Path | None) -> Iterator[Path]:
    """The plans, configurations, policies and baselines of a run, with files that were named."""
    yield from (path for path in named if path)
    for outcome in outcomes:
        yield outcome.path
        if outcome.config:
            yield from (file.path for file in outcome.config.files)
            settings = (outcome.config.policy, outcome.config.baseline)
            yield from (setting.value for setting in settings if setting.value)


def _same(real: Path, path: str | Path) -> bool:
    with suppress(OSError, ValueError):
        return os.path.samefile(real, path)
    return os.path.realpath(path) == str(real)


def _is_source(path: Path) -> bool:
    if not os.path.isfile(path):
        return False
    try:
        with path.open("rb") as stream:
            begin = stream.read(_ENOUGH)
    except OSError:
        return False
    lines = (line.strip() for line in begin.removeprefix(b"\xef\xbb\xbf").splitlines())
    first = next((line for line in lines if line and not line.startswith(b"#")), b"")
    return first.split()[:1] == [b"rbplan"]
