"""Writing baselines, and telling what they accept."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click

from rbdsl.cli.outcomes import Outcome
from rbdsl.project.baselines import Baselines
from rbdsl.project.discovery import STDIN
from rbdsl.project.files import shown_from_here


def write_accepted(baselines: Baselines, outcomes: Sequence[Outcome], code: int) -> None:
    """Write the baselines of all files; nothing is written where one could not be judged."""
    if code == 2:
        raise click.ClickException("no baseline was written: see above")
    if any(
        o.path == Path(STDIN) and o.config and o.config.place.name == "<stdin>" for o in outcomes
    ):
        raise click.UsageError("a baseline names its plans: `-` needs --stdin-filename")
    settings = [o.config.baseline for o in outcomes if o.config]
    configured = {setting.value for setting in settings if setting.origin.span}
    for path, text, findings, plans in baselines.written():
        shown = shown_from_here(path)
        try:
            _replace(path, text)
        except OSError as problem:
            words = (problem.strerror or str(problem)).lower()
            raise click.ClickException(f"cannot write `{shown}`: {words}") from problem
        accepted = f"{findings} finding{'s' * (findings != 1)} accepted"
        click.echo(f"{shown}: {accepted} in {plans} file{'s' * (plans != 1)}", err=True)
        if path not in configured:
            named = os.path.relpath(path, _folder(outcomes)).replace(os.sep, "/")
            hint = f'`baseline = "{named}"` in rbc.toml, or `--baseline {shown}`, makes use of it'
            click.echo(hint, err=True)


def _folder(outcomes: Sequence[Outcome]) -> Path:
    """Where the configuration stands that a baseline would be named in, or would have to."""
    nearest = (o.config.files[-1].path.parent for o in outcomes if o.config and o.config.files)
    return next(nearest, Path.cwd())


def account(outcomes: Sequence[Outcome]) -> None:
    """Say how many findings are not reported because a baseline accepts them."""
    number = sum(len(outcome.accepted) for outcome in outcomes)
    paths = {
        shown_from_here(o.config.baseline.value)
        for o in outcomes
        if o.accepted and o.config and o.config.baseline.value
    }
    if number:
        listed = ", ".join(f"`{path}`" for path in sorted(paths))
        click.echo(f"{number} more {'is' if number == 1 else 'are'} accepted by {listed}")


def _replace(path: Path, text: str) -> None:
    """Write a file as a whole or not at all."""
    target = Path(os.path.realpath(path))
    draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        draft.write_text(text, encoding="utf-8", errors="backslashreplace")
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
