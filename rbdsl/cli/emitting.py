"""From checked plans to the files of their targets."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click

from rbdsl.backends.output import OutputFile
from rbdsl.backends.registry import Target, TargetError, emit, load, targets
from rbdsl.cli.outcomes import Outcome
from rbdsl.compiler import Checked, emit_request
from rbdsl.diagnostics import did_you_mean


def choose(names: Sequence[str]) -> list[str | Target] | None:
    """The targets that were asked for; a name with a `/` is a folder with a target of one's own."""
    chosen: list[str | Target] = []
    for name in names:
        if "/" in name:
            try:
                chosen.append(load(Path(name)))
            except TargetError as problem:
                raise click.ClickException(str(problem)) from problem
            except OSError as problem:
                words = f"`{problem.filename}`: {(problem.strerror or '').lower()}"
                raise click.ClickException(f"cannot read {words}") from problem
        elif name in targets():
            chosen.append(name)
        else:
            hint = did_you_mean(name, targets()) or "there are: " + ", ".join(targets())
            raise click.UsageError(f"there is no target {name!r}; {hint}")
    return chosen or None


def emit_all(
    outcomes: Sequence[Outcome], arguments: Sequence[str], chosen: list[str | Target] | None
) -> list[tuple[str, list[OutputFile]]]:
    """The name of every plan with its files; modules that were found in folders are passed over.

    `arguments` are those of the command: a module among them is a mistake.
    """
    paths: dict[str, Path] = {}
    emitted = []
    for outcome in outcomes:
        checked = outcome.checked
        if checked is None or checked.plan is None:
            if checked and checked.is_module and str(outcome.path) in arguments:
                message = f"`{outcome.path}` is a module: it can be checked, and used by plans"
                raise click.UsageError(message)
            continue
        name = checked.plan.name.text
        # Folders that differ only in case are one folder on some systems.
        earlier = paths.setdefault(name.casefold(), outcome.path)
        if earlier is not outcome.path:
            raise click.UsageError(
                f"`{earlier}` and `{outcome.path}` are both called `{name}`, and would be "
                "written to the same folder"
            )
        emitted.append((name, _generate(checked, chosen)))
    if not emitted:
        raise click.UsageError("there is no plan among these files, only modules")
    return emitted


def _generate(checked: Checked, chosen: list[str | Target] | None) -> list[OutputFile]:
    """The files of one plan; a fault in a target of one's own is told as such."""
    try:
        return emit(emit_request(checked), chosen)
    except TargetError as problem:
        if os.environ.get("RBC_TRACEBACK"):
            raise
        raise click.ClickException(str(problem)) from problem
