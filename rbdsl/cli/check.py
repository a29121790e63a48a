"""`rbc check`: find what will not work in plans."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from rbdsl.cli.options import plans, reporting

_EPILOG = """\b
Examples:
  rbc check api.rbplan
  rbc check plans/ 'examples/**/*.rbplan'
  rbc check --strict --output-format json plans/ | jq -r '.[].message'
  git show HEAD:api.rbplan | rbc check - --stdin-filename api.rbplan
"""


@click.command("check", epilog=_EPILOG)
@plans
@reporting
@click.pass_context
def command(
    ctx: click.Context,
    plans: tuple[str, ...],
    stdin_filename: str | None,
    policy_file: Path | None,
    output_format: str,
    strict: bool,
    pedantic: bool,
    color: str,
) -> None:
    """Find what will not work in plans.

    PLAN is a file, a folder (every *.rbplan file below it), a pattern, or - for standard input.
    Modules are checked too.
    """
    from dataclasses import replace

    from rbdsl.cli.checking import check_all, exit_code, findings
    from rbdsl.cli.report import report

    # Of each plan only the findings are kept: there may be thousands of them.
    outcomes = [
        replace(outcome, checked=None) for outcome in check_all(plans, stdin_filename, policy_file)
    ]
    diagnostics = findings(outcomes, pedantic=pedantic)
    report(diagnostics, len(outcomes), sys.stdout, output_format=output_format, color=color)
    ctx.exit(exit_code(diagnostics, strict=strict))
