"""`rbc rules`: the list of all rules, for people or as JSON."""

from __future__ import annotations

import json
import sys

import click

from rbdsl.cli.options import color, output_format
from rbdsl.cli.terminal import page

_EPILOG = """\b
Examples:
  rbc rules
  rbc rules --output-format json | jq -r '.[].code'
"""


@click.command("rules", epilog=_EPILOG)
@output_format
@color
def command(output_format: str, color: str) -> None:
    """List the rules that plans are checked by.

    The JSON is an array of objects with `code`, `name`, `severity`, `family` and `summary`.
    """
    import textwrap

    from rbdsl.rules.registry import all_rules

    if output_format == "json":
        rules = [
            {
                "code": rule.code.id,
                "name": rule.code.name,
                "severity": rule.code.severity.value,
                "family": rule.family,
                "summary": rule.summary,
            }
            for rule in all_rules()
        ]
        click.echo(json.dumps(rules, indent=2))
        return
    sheet = page(sys.stdout, color)
    family = None
    for rule in all_rules():
        if rule.family != family:
            click.echo(("\n" if family else "") + sheet.look.strong(rule.family))
            family = rule.family
        severity = sheet.look.severity(rule.code.severity, f"{rule.code.severity:8}")
        click.echo(f"  {rule.code.id}  {severity}  {rule.code.name}", color=True)
        summary = textwrap.fill(rule.summary, min(sheet.columns, 100) - 9)
        click.echo(sheet.look.faint(textwrap.indent(summary, " " * 9)), color=True)
    click.echo("\n`rbc explain CODE` says more about one of them.")
