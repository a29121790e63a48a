"""`rbc check`: find what will not work in plans."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from rbdsl.cli.options import mending, plans, review

_EPILOG = """\b
Examples:
  rbc check api.rbplan
  rbc check plans/ 'examples/**/*.rbplan'
  rbc check --strict --output-format json plans/ | jq -r '.[].message'
  rbc check --output-format sarif --output-file rbc.sarif plans/
  rbc check --diff plans/          what --fix would change
  git show HEAD:api.rbplan | rbc check - --stdin-filename api.rbplan
"""


@click.command("check", epilog=_EPILOG)
@plans
@review
@mending
@click.option("--watch", is_flag=True, help="Check again whenever a plan changes.")
@click.pass_context
def command(
    ctx: click.Context,
    plans: tuple[str, ...],
    stdin_filename: str | None,
    policy_file: Path | None,
    output_format: str,
    output_file: Path | None,
    statistics: bool,
    strict: bool,
    exit_zero: bool,
    pedantic: bool,
    color: str,
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

    from rbdsl.cli.checking import Outcome, check_all, exit_code, gathered
    from rbdsl.cli.report import Manner, publish
    from rbdsl.project.modules import Shelf

    _refuse_contradictions(
        {"--fix": fix, "--unsafe-fixes": unsafe_fixes, "--diff": diff, "--watch": watch},
        output_format if statistics else None,
    )
    if output_file and output_file.suffix == ".rbplan":
        raise click.UsageError(f"--output-file would write over a plan: {str(output_file)!r}")
    manner = Manner(output_format, output_file, color, statistics)

    def look(shelf: Shelf) -> list[Outcome]:
        # Of each plan only the findings are kept: there may be thousands of them.
        found = check_all(plans, stdin_filename, policy_file, shelf)
        return [replace(outcome, checked=None) for outcome in found]

    def tell(outcomes: list[Outcome]) -> int:
        found = gathered(outcomes, pedantic=pedantic, strict=strict)
        mended_plan_follows = fix and "-" in plans
        publish(found, manner, sys.stderr if mended_plan_follows else sys.stdout)
        code = exit_code(found.diagnostics, strict=strict)
        return 0 if exit_zero and code == 1 else code

    if watch:
        from rbdsl.cli.watching import keep_looking

        keep_looking(plans, policy_file, look, tell)
    elif fix or diff:
        from rbdsl.cli.fixing import fix_all, show_all, write_all

        fixed = fix_all(look, pedantic=pedantic, unsafe=unsafe_fixes)
        if diff:
            code = show_all(fixed, color)
            ctx.exit(0 if exit_zero and code == 1 else code)
        code = write_all(fixed)
        ctx.exit(max(code, tell(fixed.outcomes)))
    else:
        ctx.exit(tell(look(Shelf())))


def _refuse_contradictions(given: dict[str, bool], counted_format: str | None) -> None:
    """Raise `click.UsageError` for options that make no sense together."""
    if given["--unsafe-fixes"] and not (given["--fix"] or given["--diff"]):
        raise click.UsageError("--unsafe-fixes needs --fix or --diff")
    if given["--fix"] and given["--diff"]:
        raise click.UsageError("--diff shows what --fix would change: give one of them")
    if given["--watch"] and (given["--fix"] or given["--diff"]):
        raise click.UsageError("--watch only looks: leave --fix and --diff out")
    if counted_format not in {None, "text", "concise", "json"}:
        message = f"--statistics is for people or as JSON, and there is no {counted_format} of it"
        raise click.UsageError(message)
