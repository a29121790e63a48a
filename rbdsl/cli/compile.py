"""`rbc compile`: check plans, then write their scripts and documents, or compare them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rbdsl.cli.options import plans, reporting

if TYPE_CHECKING:
    from rbdsl.backends.output import OutputFile
    from rbdsl.backends.registry import Target
    from rbdsl.cli.build_folder import BuildFolder, Change
    from rbdsl.cli.checking import Outcome
    from rbdsl.review.text import Page

_EPILOG = """\b
Examples:
  rbc compile api.rbplan                 into build/<plan>/
  rbc compile plans/ --out dist          every plan below plans/
  rbc compile api.rbplan --target bash   the scripts alone
  rbc compile api.rbplan --check         in CI: is build/ up to date?
"""


@click.command("compile", epilog=_EPILOG)
@plans
@click.option(
    "--out",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
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
@reporting
@click.pass_context
def command(
    ctx: click.Context,
    plans: tuple[str, ...],
    stdin_filename: str | None,
    policy_file: Path | None,
    out: Path,
    targets: tuple[str, ...],
    only_compare: bool,
    quiet: bool,
    output_format: str,
    strict: bool,
    pedantic: bool,
    color: str,
) -> None:
    """Check plans and write their scripts and documents to FOLDER/<plan>/.

    Nothing at all is written while one of the plans has an error (or, with --strict, a warning).
    Findings go to standard error, or as JSON to standard output.
    """
    from rbdsl.cli.build_folder import BuildFolder
    from rbdsl.cli.checking import check_all, exit_code, findings
    from rbdsl.cli.report import report
    from rbdsl.cli.terminal import page

    chosen = _chosen(targets)
    outcomes = list(check_all(plans, stdin_filename, policy_file))
    diagnostics = findings(outcomes, pedantic=pedantic)
    as_json = output_format == "json"
    if diagnostics or as_json:
        report(
            diagnostics,
            len(outcomes),
            sys.stdout if as_json else sys.stderr,
            output_format=output_format,
            color=color,
        )
    code = exit_code(diagnostics, strict=strict)
    if code:
        ctx.exit(code)
    quiet = quiet or as_json
    stale = 0
    for name, outputs in _emit(outcomes, plans, chosen):
        folder = BuildFolder(out, name)
        changes = folder.changes(outputs)
        if only_compare:
            stale += len(changes)
            if not as_json:
                _show_differences(folder, changes, page(sys.stdout, color))
        else:
            kept = folder.kept(outputs)
            folder.apply(changes)
            for path in kept:
                click.echo(f"{folder.path / path}: no longer produced, kept as edited", err=True)
            if not quiet:
                click.echo(_account(folder, changes, len(outputs)))
    if only_compare and not quiet:
        click.echo(
            f"{stale} file{'s' * (stale != 1)} not up to date: run rbc compile"
            if stale
            else "everything is up to date"
        )
    ctx.exit(1 if stale else 0)


def _chosen(names: Sequence[str]) -> list[str | Target] | None:
    """The targets that were asked for; a name with a `/` is a folder with a target of one's own."""
    from rbdsl.backends.registry import TargetError, load, targets
    from rbdsl.diagnostics import did_you_mean

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


def _emit(
    outcomes: Sequence[Outcome], arguments: Sequence[str], targets: list[str | Target] | None
) -> list[tuple[str, list[OutputFile]]]:
    """The files of every plan with its name; modules found in folders are passed over."""
    from rbdsl.backends.registry import emit
    from rbdsl.compiler import emit_request

    emitted: dict[str, tuple[Path, list[OutputFile]]] = {}
    for outcome in outcomes:
        if outcome.checked is None or outcome.checked.plan is None:
            if outcome.checked and outcome.checked.is_module and str(outcome.path) in arguments:
                raise click.UsageError(
                    f"`{outcome.path}` is a module: it can be checked, and used by plans"
                )
            continue
        name = outcome.checked.plan.name.text
        # Folders that differ only in case are one folder on some systems.
        earlier = emitted.get(name.casefold())
        if earlier:
            raise click.UsageError(
                f"`{earlier[0]}` and `{outcome.path}` are both called `{name}`, and would be "
                "written to the same folder"
            )
        files = emit(emit_request(outcome.checked), targets)
        emitted[name.casefold()] = (outcome.path, files)
    if not emitted:
        raise click.UsageError("there is no plan among these files, only modules")
    return [
        (outcome.checked.plan.name.text, emitted[outcome.checked.plan.name.text.casefold()][1])
        for outcome in outcomes
        if outcome.checked and outcome.checked.plan
    ]


def _show_differences(folder: BuildFolder, changes: Sequence[Change], sheet: Page) -> None:
    from rbdsl.review.difference import unified

    for change in changes:
        path = str(folder.path / change.path)
        click.echo(f"{path}: {change.kind}", err=True)
        if change.before != change.after:
            diff = unified(path, change.before, change.after, sheet)
            click.echo("\n".join(diff), color=True)


def _account(folder: BuildFolder, changes: Sequence[Change], total: int) -> str:
    """One line on what was done."""
    written = sum(change.after is not None for change in changes)
    removed = len(changes) - written
    parts = [f"{written} written", f"{total - written} unchanged"]
    if removed:
        parts.append(f"{removed} removed")
    return f"{folder.path}/: " + ", ".join(part for part in parts if not part.startswith("0 "))
