"""`rbc explain`: the documentation of rules, by code or name."""

from __future__ import annotations

import re
import sys

import click

from rbdsl.cli.options import color
from rbdsl.cli.terminal import page

_EPILOG = """\b
Examples:
  rbc explain RB301
  rbc explain sla-exceeded RB304
"""


@click.command("explain", epilog=_EPILOG)
@click.argument("codes", metavar="CODE...", nargs=-1, required=True)
@color
def command(codes: tuple[str, ...], color: str) -> None:
    """Say what a finding means, why it matters, and how to mend it.

    CODE is a code such as RB301 or SC2086, or a name such as sla-exceeded.
    """
    from rbdsl.analysis.shellcheck_codes import WIKI
    from rbdsl.diagnostics import did_you_mean
    from rbdsl.review.documentation import render
    from rbdsl.rules.registry import Rule, all_rules

    known: dict[str, Rule] = {}
    for rule in all_rules():
        known[rule.code.id.lower()] = known[rule.code.name] = rule
    sheet = page(sys.stdout, color)
    for number, code in enumerate(codes):
        key = code.lower().replace("_", "-")
        if re.fullmatch(r"sc\d{4}", key):
            click.echo(f"{key.upper()} is a finding of ShellCheck: {WIKI}{key.upper()}")
            continue
        if key not in known:
            # Codes all look alike: only a name can be misspelt so that another one is meant.
            hint = did_you_mean(key, [rule.code.name for rule in known.values()])
            hint = hint or "`rbc rules` lists them all"
            raise click.UsageError(f"there is no rule {code!r}; {hint}")
        rule = known[key]
        if number:
            click.echo()
        severity = sheet.look.severity(rule.code.severity, rule.code.severity)
        head = f"{sheet.look.strong(rule.code.id)} {rule.code.name} ({severity})"
        click.echo(f"{head}\n\n{render(rule.documentation, sheet)}", color=True)
