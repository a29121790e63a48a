"""`rbc compile`: check plans, then write their scripts and documents, or compare them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rbdsl.cli.options import SomePath, configuration, force_exclude, plans, reporting, selection

if TYPE_CHECKING:
    from rbdsl.backends.output import OutputFile
    from rbdsl.cli.build_folder import BuildFolder, Change
    from rbdsl.review.page import Page

_EPILOG = """\b
Examples:
  rbc compile api.rbplan                 into build/<plan>/
  rbc compile plans/ --out dist          every plan below plans/
  rbc compile api.rbplan --target bash   the scripts alone
  rbc compile api.rbplan --check         in CI: is build/ up to date?
"""


@click.command("compile", epilog=_EPILOG)
@plans
@force_exclude
@click.option(
    "--out",
    metavar="FOLDER",
    type=SomePath(path_type=Path, file_okay=False),
    default=Path("build"),
    show_default=True,
    help="Where the folders of the plans are made.",
)
@click.option(
    "--target",
    "targets",
    metavar="NAME",
    multiple=True,
    help="Only this target (bash, json, markdown, report), or the folder of your own, as in "
    "./targets/wiki; may be repeated. The output then holds nothing else.",
)
@click.option(
    "--check",
    "only_compare",
    is_flag=True,
    help="Write nothing; exit 1 with a diff where files are missing, stale or edited.",
)
@click.option("--quiet", is_flag=True, help="Do not say what was written.")
@configuration
@selection
@reporting
@click.pass_context
def command(
    ctx: click.Context,
    plans: tuple[str, ...],
    stdin_filename: str | None,
    policy_file: Path | None,
    force_exclude: bool,
    out: Path,
    targets: tuple[str, ...],
    only_compare: bool,
    quiet: bool,
    config_file: Path | None,
    no_config: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    baseline: Path | None,
    output_format: str,
    strict: bool,
    pedantic: bool,
    color: str,
) -> None:
    """Check plans and write their scripts and documents to FOLDER/<plan>/.

    Nothing at all is written while one of the plans has an error (or, with --strict, a warning).
    Findings go to standard error, or as JSON to standard output.
    """
    from contextlib import nullcontext

    from rbdsl.cli.build_folder import BuildFolder, locked
    from rbdsl.cli.checking import check_all
    from rbdsl.cli.configuring import configured
    from rbdsl.cli.emitting import choose, emit_all
    from rbdsl.cli.outcomes import findings, verdict
    from rbdsl.cli.report import report
    from rbdsl.cli.terminal import page

    chosen = choose(targets)
    configurations = configured(
        config_file,
        no_config=no_config,
        select=select,
        ignore=ignore,
        pedantic=pedantic,
        strict=strict,
        baseline=baseline,
    )
    checked = check_all(
        plans, stdin_filename, policy_file, configurations, force_exclude=force_exclude
    )
    outcomes = list(checked)
    diagnostics = findings(outcomes)
    as_json = output_format == "json"
    if diagnostics or as_json:
        report(
            diagnostics,
            len(outcomes),
            sys.stdout if as_json else sys.stderr,
            output_format=output_format,
            color=color,
        )
    code = verdict(outcomes)
    if code or not outcomes:
        ctx.exit(code)
    emitted = emit_all(outcomes, plans, chosen)
    folders = [(BuildFolder(out, name), outputs) for name, outputs in emitted]
    # Every folder is looked at before the first one is written to.
    planned = [(folder, outputs, folder.changes(outputs)) for folder, outputs in folders]
    quiet = quiet or as_json
    if only_compare:
        changes = [(folder, change) for folder, _, found in planned for change in found]
        if not as_json:
            _show_differences(changes, page(sys.stdout, color))
        if not quiet:
            click.echo(_verdict(len(changes)))
        ctx.exit(1 if changes else 0)
    with locked(out) if any(found for _, _, found in planned) else nullcontext():
        done = [_write(folder, outputs) for folder, outputs in folders]
    for (folder, outputs), (found, kept) in zip(folders, done, strict=True):
        for path in kept:
            click.echo(f"{folder.path / path}: no longer produced, kept as edited", err=True)
        if not quiet:
            click.echo(_account(folder, found, len(outputs)))


def _write(
    folder: BuildFolder, outputs: Sequence[OutputFile]
) -> tuple[Sequence[Change], Sequence[str]]:
    """Bring a folder up to date; what was changed, and what stays though it is not produced."""
    found, kept = folder.changes(outputs), folder.kept(outputs)
    folder.apply(found)
    return found, kept


def _show_differences(changes: Sequence[tuple[BuildFolder, Change]], sheet: Page) -> None:
    from rbdsl.review.difference import unified

    for folder, change in changes:
        path = str(folder.path / change.path)
        click.echo(f"{path}: {change.kind}", err=True)
        if change.before != change.after:
            diff = unified(path, change.before, change.after, sheet)
            click.echo("\n".join(diff), color=True)


def _verdict(stale: int) -> str:
    if not stale:
        return "everything is up to date"
    return f"{stale} file{'s' * (stale != 1)} not up to date: run rbc compile"


def _account(folder: BuildFolder, changes: Sequence[Change], total: int) -> str:
    """One line on what was done."""
    written = sum(change.after is not None for change in changes)
    removed = len(changes) - written
    parts = [f"{written} written", f"{total - written} unchanged"]
    if removed:
        parts.append(f"{removed} removed")
    return f"{folder.path}/: " + ", ".join(part for part in parts if not part.startswith("0 "))
