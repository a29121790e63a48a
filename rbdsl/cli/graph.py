"""`rbc graph`: draw the phases of a plan in their order and time."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rbdsl.cli.options import color, configuration, one_of, plans

if TYPE_CHECKING:
    from rbdsl.analysis.results import Analysis
    from rbdsl.cli.outcomes import Outcome

_WIDEST = 120
"""A longer timeline is no easier to read."""

_EPILOG = """\b
Examples:
  rbc graph api.rbplan                      a timeline in the terminal
  rbc graph api.rbplan --scenario database_only
  rbc graph api.rbplan --ascii                      without box characters
  rbc graph api.rbplan --output-format mermaid     for Markdown on a code host
  rbc graph api.rbplan --output-format dot | dot -Tpng > api.png
  rbc graph api.rbplan --output-format svg > api.svg
"""


@click.command("graph", epilog=_EPILOG)
@plans
@one_of(("text", "mermaid", "dot", "svg"), "text is a timeline, the others are graphs.")
@click.option("--scenario", metavar="NAME", help="Only the phases that this scenario runs.")
@click.option(
    "--ascii", "only_ascii", is_flag=True, help="Draw the text with ASCII characters only."
)
@configuration
@color
@click.pass_context
def command(
    ctx: click.Context,
    plans: tuple[str, ...],
    stdin_filename: str | None,
    policy_file: Path | None,
    output_format: str,
    scenario: str | None,
    only_ascii: bool,
    config_file: Path | None,
    no_config: bool,
    color: str,
) -> None:
    """Draw the phases of a plan in their order and time, the critical path marked."""
    from rbdsl.cli.checking import check_all
    from rbdsl.cli.configuring import configured
    from rbdsl.cli.outcomes import exit_code
    from rbdsl.cli.report import report
    from rbdsl.diagnostics import Severity

    drawn = 0
    code = 0
    configurations = configured(config_file, no_config=no_config)
    outcomes = check_all(plans, stdin_filename, policy_file, configurations, with_shellcheck=False)
    if output_format != "text":
        outcomes = iter(_one_plan(list(outcomes), output_format))
    for outcome in outcomes:
        analysis = outcome.checked.analysis if outcome.checked else None
        if analysis is None:
            if outcome.checked and outcome.checked.is_module and outcome.checked.ok:
                continue
            errors = [d for d in outcome.diagnostics if d.severity is Severity.ERROR]
            report(errors, 1, sys.stderr, output_format="text", color=color)
            code = max(code, exit_code(errors, strict=False))
            continue
        _require_scenario(analysis, scenario)
        if drawn and output_format == "text":
            click.echo()
        if output_format == "text":
            text = _timeline(analysis, scenario, color=color, only_ascii=only_ascii)
        else:
            text = import_module(f"rbdsl.review.graph_{output_format}").draw(analysis, scenario)
        click.echo(text.rstrip("\n"), color=True)
        drawn += 1
    if not drawn and not code:
        raise click.UsageError("there is no plan among these files, only modules")
    ctx.exit(code)


def _one_plan(outcomes: list[Outcome], drawing: str) -> list[Outcome]:
    """The same; what reads such a drawing expects one, so that two plans are a mistake."""
    drawn = [o for o in outcomes if not (o.checked and o.checked.is_module)]
    if len(drawn) > 1:
        raise click.UsageError(
            f"there are {len(drawn)} plans, `{drawn[0].path}` and `{drawn[1].path}` among them, "
            f"and one {drawing} drawing shows one: name a single plan, or draw with "
            "--output-format text"
        )
    return outcomes


def _timeline(analysis: Analysis, scenario: str | None, *, color: str, only_ascii: bool) -> str:
    """The drawing for this terminal; 80 columns wide where there is none."""
    from rbdsl.cli.terminal import page
    from rbdsl.review.graph_text import draw
    from rbdsl.review.graph_text_marks import ASCII, BOX

    terminal = page(sys.stdout, color)
    columns = min(terminal.columns, _WIDEST) if sys.stdout.isatty() else 80
    marks = ASCII if only_ascii else BOX
    return draw(analysis, scenario, marks=marks, columns=columns, palette=terminal.look)


def _require_scenario(analysis: Analysis, scenario: str | None) -> None:
    from rbdsl.diagnostics import did_you_mean

    names = [result.scenario.name.text for result in analysis.scenarios]
    if scenario is not None and scenario not in names:
        listed = ", ".join(names) or "none"
        hint = did_you_mean(scenario, names) or f"there are: {listed}"
        raise click.UsageError(f"plan `{analysis.plan.name}` has no scenario {scenario!r}; {hint}")
