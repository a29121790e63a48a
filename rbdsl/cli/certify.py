"""`rbc certify`: which requirement of its level a plan proves, and by what."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rbdsl.cli.options import SomePath, color, one_of, policy

if TYPE_CHECKING:
    from rbdsl.analysis.journal import FoundRun
    from rbdsl.backends.output import InputFile, OutputFile
    from rbdsl.compiler import Checked

_EPILOG = """\b
Examples:
  rbc certify api.rbplan                            by what the plan states
  rbc certify api.rbplan --runs .rbc/runs           by its rehearsals too
  rbc certify api.rbplan --runs .rbc/runs --only-runs --output api.cert.json

\b
Exit codes: 0 the level is reached, 1 it is not, 2 wrong usage, or a plan that can't be judged,
or a journal that is not what it should be.
"""


@click.command("certify", epilog=_EPILOG)
@click.argument("plan", metavar="PLAN", type=SomePath(path_type=Path))
@click.option(
    "--runs",
    "folders",
    metavar="FOLDER",
    multiple=True,
    type=SomePath(path_type=Path),
    help="Where rehearsals have left their runs, such as .rbc/runs; may be repeated.",
)
@click.option("--only-runs", is_flag=True, help="A test that the plan only states proves nothing.")
@click.option(
    "--time",
    metavar="TIME",
    default=None,
    help="The time to write into it, such as 2026-01-31T10:00:00Z; none without it.",
)
@one_of(("text", "json"), "For people, or the in-toto statement.")
@click.option(
    "--output",
    metavar="FILE",
    type=SomePath(path_type=Path, dir_okay=False),
    default=None,
    help="Write the in-toto statement here, whether or not the level is reached.",
)
@policy
@color
@click.pass_context
def command(
    ctx: click.Context,
    plan: Path,
    folders: tuple[Path, ...],
    only_runs: bool,
    time: str | None,
    output_format: str,
    output: Path | None,
    policy_file: Path | None,
    color: str,
) -> None:
    """Say which requirement of its level PLAN proves, by what, and what is missing.

    Evidence is what stands in the plan, runs of this very version, and what its testing block
    states. The result is an in-toto statement that another system can store.
    """
    from rbdsl.cli.checking import check_all
    from rbdsl.cli.overwriting import inputs_of, refuse_overwriting
    from rbdsl.cli.report import report
    from rbdsl.cli.terminal import page
    from rbdsl.compiler import plan_sha256
    from rbdsl.project.modules import Shelf
    from rbdsl.project.runs import RUN_FILES
    from rbdsl.review.certificate.judgement import judgement
    from rbdsl.review.certificate.runs import judge
    from rbdsl.review.certificate.statement import Files, statement
    from rbdsl.review.certificate.text import render

    stamp = _time(time)
    if os.path.isdir(plan):
        raise click.UsageError(f"{str(plan)!r} is a folder; a certificate is about one plan")
    shelf = Shelf()
    outcomes = list(check_all((str(plan),), None, policy_file, shelf=shelf))
    if len(outcomes) != 1:
        raise click.UsageError(f"{str(plan)!r} means {len(outcomes)} files; name a single plan")
    outcome = outcomes[0]
    checked = outcome.checked
    if checked is None or checked.analysis is None:
        if checked and checked.is_module:
            raise click.UsageError(f"{str(plan)!r} is a module; a certificate is about a plan")
        report(outcome.diagnostics, 1, sys.stderr, output_format="text", color=color)
        if output and os.path.exists(output):
            click.echo(f"rbc: `{output}` is not written, and older than this", err=True)
        ctx.exit(2)
    found = _runs(folders)
    if output:
        read = [Path(run.path).with_name(name) for run in found for name in RUN_FILES]
        sources = map(Path, shelf.sources)
        known = (*inputs_of(outcomes, policy_file), *sources, *read)
        refuse_overwriting("--output", output, known)
    inputs, outputs = _files(checked)
    sha256 = plan_sha256(inputs)
    script = next((file.text for file in _made(checked) if file.path == "rollback.sh"), None)
    runs = judge(found, checked.analysis, sha256, script)
    result = judgement(checked.analysis, checked.diagnostics, runs, only_runs=only_runs)
    levels = policy_file or (outcome.config.policy.value if outcome.config else None)
    files = Files(inputs, sha256, outputs, _sha256(levels))
    document = statement(checked.analysis, result, runs, files, stamp)
    if output:
        _write(output, document)
    if output_format == "json":
        click.echo(document, nl=False)
    else:
        sheet = page(sys.stdout, color)
        click.echo(render(checked.analysis, result, runs, sha256, sheet), color=True)
    ctx.exit(0 if result.reached else 1)


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    with suppress(ValueError):
        time = datetime.fromisoformat(text)
        if time.tzinfo is not None and "T" in text.upper():
            return time
    raise click.UsageError(
        f"--time is {text!r}, and should be a time with its zone, such as 2026-01-31T10:00:00Z"
    )


def _runs(folders: tuple[Path, ...]) -> list[FoundRun]:
    """The runs of all folders, each once; a journal that was changed ends the command."""
    from rbdsl.analysis.journal import BadJournal
    from rbdsl.project.runs import find_runs

    found: dict[str, FoundRun] = {}
    for folder in folders:
        try:
            before = len(found)
            for run in find_runs(folder):
                found.setdefault(os.path.realpath(run.path), run)
            if len(found) == before:
                click.echo(f"rbc: there is no run in `{folder}`", err=True)
        except OSError as problem:
            words = (problem.strerror or str(problem)).lower()
            where = problem.filename or folder
            raise click.UsageError(f"--runs: cannot read `{where}`: {words}") from problem
    for run in found.values():
        if isinstance(run.run, BadJournal):
            raise click.ClickException(
                f"{run.path}:{run.run.line}: the journal can't be evidence: "
                f"{run.run.message}\nNothing is certified with it; take the run out of the folder "
                "if it is not to be evidence."
            )
        if not run.begun:
            click.echo(f"rbc: there is no `{run.path}`: this run is no evidence", err=True)
    return list(found.values())


def _files(checked: Checked) -> tuple[tuple[InputFile, ...], tuple[OutputFile, ...]]:
    """The sources of a plan, and what is made of them; nothing where it has errors."""
    from rbdsl.backends.output import InputFile
    from rbdsl.compiler import emit, sha256_of

    inputs = tuple(InputFile(path, sha256_of(source)) for path, source in checked.inputs.items())
    return inputs, tuple(emit(checked)) if checked.ok else ()


def _made(checked: Checked) -> list[OutputFile]:
    """What the plan compiles to, also where its level demands more than it proves."""
    from rbdsl.compiler import emit
    from rbdsl.diagnostics import Severity

    demands = {r.code for r in checked.analysis.requirements} if checked.analysis else set()
    errors = [d for d in checked.diagnostics if d.severity is Severity.ERROR]
    if any(d.code not in demands for d in errors):
        return []
    rest = tuple(d for d in checked.diagnostics if d not in errors)
    return emit(replace(checked, diagnostics=rest))


def _sha256(path: Path | None) -> str | None:
    from hashlib import sha256

    return None if path is None else sha256(path.read_bytes()).hexdigest()


def _write(path: Path, text: str) -> None:
    """The whole file or none of it, where a link leads to; a device or pipe is just written to."""
    try:
        place = Path(os.path.realpath(path))
        if place.exists() and not place.is_file():
            place.write_text(text, encoding="utf-8")
            return
        handle, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
        try:
            with open(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
            umask = os.umask(0)
            os.umask(umask)
            os.chmod(name, 0o666 & ~umask)
            os.replace(name, place)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as problem:
        words = (problem.strerror or str(problem)).lower()
        raise click.ClickException(f"cannot write `{path}`: {words}") from problem
