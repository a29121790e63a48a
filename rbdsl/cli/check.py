"""`rbc check`: find what will not work in plans."""

from __future__ import annotations

import glob
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rbdsl.cli.options import (
    cache,
    configuration,
    force_exclude,
    mending,
    plans,
    review,
    selection,
)

if TYPE_CHECKING:
    from rbdsl.project.modules import Shelf

_EPILOG = """\b
Examples:
  rbc check api.rbplan
  rbc check plans/ 'examples/**/*.rbplan'
  rbc check --write-baseline plans/     accept what is found today
  rbc check --strict --output-format json plans/ | jq -r '.[].message'
  rbc check --output-format sarif --output-file rbc.sarif plans/
  rbc check --diff plans/          what --fix would change
  git show HEAD:api.rbplan | rbc check - --stdin-filename api.rbplan
"""


_BASELINE = ".json"


class _Check(click.Command):
    """`--write-baseline` takes the next word for its file only where that ends in `.json`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As `click.Command`; the name of a plan is not taken for that of a baseline."""
        option = "--write-baseline"
        if option in args:
            at = args.index(option)
            follows = args[at + 1 : at + 2]
            if follows and follows[0].endswith(_BASELINE):
                args = [*args[:at], f"{option}={follows[0]}", *args[at + 2 :]]
            else:
                if follows and _is_neither(follows[0]):
                    raise click.UsageError(
                        f"{option} {follows[0]}: there is no such plan, and a baseline ends in "
                        f"{_BASELINE}",
                        ctx,
                    )
                args = [*args[:at], f"{option}=", *args[at + 1 :]]
        return super().parse_args(ctx, args)


def _is_neither(word: str) -> bool:
    """Whether a word behind `--write-baseline` is no option, and no plan to be looked for."""
    from rbdsl.project.discovery import SUFFIX

    if not word or word.startswith("-") or word.endswith(SUFFIX):
        return False
    return not (os.path.lexists(word) or glob.has_magic(word))


@click.command("check", cls=_Check, epilog=_EPILOG)
@plans
@force_exclude
@configuration
@selection
@click.option(
    "--write-baseline",
    "write_baseline",
    metavar="[FILE]",
    default=None,
    help="Accept what is found now: write it to FILE (*.json), or to the baseline that is "
    "configured, or to .rbc-baseline.json beside the configuration.",
)
@review
@cache
@mending
@click.option("--watch", is_flag=True, help="Check again whenever a plan changes.")
@click.pass_context
def command(
    ctx: click.Context,
    plans: tuple[str, ...],
    stdin_filename: str | None,
    policy_file: Path | None,
    force_exclude: bool,
    config_file: Path | None,
    no_config: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    baseline: Path | None,
    write_baseline: str | None,
    output_format: str,
    output_file: Path | None,
    statistics: bool,
    strict: bool,
    exit_zero: bool,
    pedantic: bool,
    color: str,
    no_cache: bool,
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    watch: bool,
) -> None:
    """Find what will not work in plans.

    PLAN is a file, a folder (every *.rbplan file below it), a pattern, or - for standard input.
    Modules are checked too. With --fix, a plan from standard input is written to standard output.
    """
    from dataclasses import replace

    from rbdsl.cli.accepting import account, write_accepted
    from rbdsl.cli.checking import check_all
    from rbdsl.cli.checking import review as review_all
    from rbdsl.cli.configuring import configured
    from rbdsl.cli.outcomes import Outcome, any_strict, exit_code, gathered, verdict
    from rbdsl.cli.overwriting import inputs_of, refuse_overwriting, report_file
    from rbdsl.cli.report import Manner, publish
    from rbdsl.project.baselines import Baselines
    from rbdsl.project.configurations import Configurations

    writing = write_baseline is not None
    _refuse_contradictions(
        {
            "--fix": fix,
            "--unsafe-fixes": unsafe_fixes,
            "--diff": diff,
            "--watch": watch,
            "--write-baseline": writing,
            "--statistics": statistics,
            f"--output-format {output_format}": output_format != "text",
            "--output-file": output_file is not None,
        },
        output_format if statistics else None,
    )
    _refuse_name(write_baseline)
    output_file = report_file(output_file)
    manner = Manner(output_format, output_file, color, statistics)
    baselines, configurations = Baselines(), Configurations()

    def look(shelf: Shelf | None) -> list[Outcome]:
        """Without a shelf what has not changed may be taken from the cache."""
        nonlocal baselines, configurations
        configurations = configured(
            config_file,
            no_config=no_config,
            select=select,
            ignore=ignore,
            pedantic=pedantic,
            strict=strict,
            baseline=Path(write_baseline) if write_baseline else baseline,
        )
        baselines = Baselines(writing=writing, arguments=plans)
        if shelf is None and "-" not in plans:
            return review_all(
                plans,
                stdin_filename,
                policy_file,
                configurations,
                baselines,
                cached=not no_cache,
                force_exclude=force_exclude,
            )
        # Of each plan only the findings are kept: there may be thousands of them.
        found = check_all(
            plans,
            stdin_filename,
            policy_file,
            configurations,
            baselines,
            shelf,
            force_exclude=force_exclude,
        )
        return [replace(outcome, checked=None) for outcome in found]

    def tell(outcomes: list[Outcome]) -> int:
        stale = [*configurations.aimless(), *([] if writing else baselines.stale())]
        found = gathered(outcomes, stale)
        refuse_overwriting(
            "--output-file", output_file, inputs_of(outcomes, policy_file, config_file, baseline)
        )
        mended_plan_follows = fix and "-" in plans
        publish(found, manner, sys.stderr if mended_plan_follows else sys.stdout)
        code = max(verdict(outcomes), exit_code(stale, strict=any_strict(outcomes)))
        if writing:
            write_accepted(baselines, outcomes, code)
        elif output_format == "text" and output_file is None:
            account(outcomes)
        return 0 if exit_zero and code == 1 else code

    if watch:
        from rbdsl.cli.watching import keep_looking

        named = [file for file in (policy_file, config_file, baseline) if file]
        keep_looking(plans, named, look, tell)
    elif fix or diff:
        from rbdsl.cli.fixing import as_it_is, fix_all, show_all, write_all

        fixed = fix_all(look, unsafe=unsafe_fixes)
        if diff:
            code = show_all(fixed, color)
            ctx.exit(0 if exit_zero and code == 1 else code)
        code = write_all(fixed)
        ctx.exit(max(code, tell(as_it_is(fixed, look) if code else fixed.outcomes)))
    else:
        ctx.exit(tell(look(None)))


def _refuse_name(write_baseline: str | None) -> None:
    """Raise `click.UsageError` for a baseline that is called like something else."""
    if write_baseline and not write_baseline.endswith(_BASELINE):
        raise click.UsageError(f"a baseline ends in {_BASELINE}, unlike {write_baseline!r}")


def _refuse_contradictions(given: dict[str, bool], counted_format: str | None) -> None:
    """Raise `click.UsageError` for options that make no sense together."""
    if given["--unsafe-fixes"] and not (given["--fix"] or given["--diff"]):
        raise click.UsageError("--unsafe-fixes needs --fix or --diff")
    if given["--fix"] and given["--diff"]:
        raise click.UsageError("--diff shows what --fix would change: give one of them")
    _refuse_a_report(given)
    if given["--watch"] and (given["--fix"] or given["--diff"]):
        raise click.UsageError("--watch only looks: leave --fix and --diff out")
    if given["--write-baseline"] and (given["--fix"] or given["--diff"] or given["--watch"]):
        raise click.UsageError(
            "--write-baseline accepts what is there: mend or watch in a run of its own"
        )
    if counted_format not in {None, "text", "concise", "json"}:
        message = f"--statistics is for people or as JSON, and there is no {counted_format} of it"
        raise click.UsageError(message)


def _refuse_a_report(given: dict[str, bool]) -> None:
    """Raise `click.UsageError` for options about a report beside `--diff`, which writes none."""
    of_reports = ("--statistics", "--output-f")
    useless = [name for name, is_given in given.items() if is_given and name.startswith(of_reports)]
    if given["--diff"] and useless:
        raise click.UsageError(
            f"--diff shows a difference and no report: leave {' and '.join(useless)} out"
        )
