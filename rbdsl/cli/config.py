"""`rbc config`: the settings that hold for a plan, each with the place where it is made."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rbdsl.cli.options import SomePath, color, configuration, output_format, selection

if TYPE_CHECKING:
    from rbdsl.project.explanation import Line
    from rbdsl.review.page import Page

_EPILOG = """\b
Examples:
  rbc config                          of the plans in this folder
  rbc config plans/api.rbplan
  rbc config plans/api.rbplan --output-format json | jq '.settings[] | select(.key == "ignore")'
"""


@click.command("config", epilog=_EPILOG)
@click.argument("path", default=".", type=SomePath(path_type=Path))
@configuration
@selection
@output_format
@color
@click.pass_context
def command(
    ctx: click.Context,
    path: Path,
    config_file: Path | None,
    no_config: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    baseline: Path | None,
    output_format: str,
    color: str,
) -> None:
    """Print the settings that hold for a plan, and where each one comes from.

    PATH is a plan, or a folder: then those of a plan that lies in it. The plan need not exist.
    """
    from rbdsl.cli.configuring import configured
    from rbdsl.cli.outcomes import exit_code
    from rbdsl.cli.report import report
    from rbdsl.cli.terminal import page
    from rbdsl.project.explanation import explained
    from rbdsl.project.files import is_absent, shown_path

    if not os.path.lexists(path):
        fact = f"there is no `{shown_path(path)}`"
        if not is_absent(path):
            fact = f"`{shown_path(path)}` can't be looked at, permission is denied"
        click.echo(f"rbc: {fact}; these settings would hold for it", err=True)
    configurations = configured(
        config_file, no_config=no_config, select=select, ignore=ignore, baseline=baseline
    )
    plan = path / "plan.rbplan" if os.path.isdir(path) else path
    config, problems = configurations.of(plan)
    if problems:
        report(problems, 1, sys.stderr, output_format="text", color=color)
        ctx.exit(exit_code(problems, strict=False))
    lines = explained(config)
    if output_format == "json":
        document = {
            "path": shown_path(path),
            "files": [file.shown for file in config.files],
            "ended": config.ended,
            "fingerprint": config.fingerprint,
            "settings": [line.as_object() for line in lines],
        }
        click.echo(json.dumps(document, indent=2))
        return
    files = ", ".join(file.shown for file in config.files) or "none"
    sheet = page(sys.stdout, color)
    click.echo(sheet.look.strong(f"settings of {shown_path(path)}"), color=True)
    click.echo(f"configurations: {files} (no farther, because {config.ended})\n")
    click.echo("\n".join(_table(lines, sheet)), color=True)


def _table(lines: Sequence[Line], sheet: Page) -> Iterable[str]:
    """Key, value and origin in columns; what does not hold is faint, and says why."""
    keys = max(len(line.key) for line in lines)
    values = min(max(len(line.value) for line in lines), 40)
    for line in lines:
        text = f"{line.key:{keys}}  {line.value:{values}}  {line.origin}"
        if line.note:
            text += f" ({line.note})"
        yield text if line.holds else sheet.look.faint(text)
