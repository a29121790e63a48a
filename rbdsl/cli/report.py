"""Writing findings out, for people or for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

import click

from rbdsl.cli.terminal import page
from rbdsl.diagnostics import Diagnostic


def report(
    diagnostics: Sequence[Diagnostic],
    files: int,
    stream: TextIO,
    *,
    output_format: str,
    color: str,
    with_summary: bool = True,
) -> None:
    """All findings in the order given; as text with a summary of what was looked at."""
    if output_format == "json":
        from rbdsl.review import json

        click.echo(json.render(diagnostics), file=stream, nl=False)
        return
    from rbdsl.review import text

    sheet = page(stream, color)
    for diagnostic in diagnostics:
        # Whether there are colours is decided by the page, not by click.
        click.echo(text.render(diagnostic, sheet) + "\n", file=stream, color=True)
    if with_summary:
        click.echo(text.summary(diagnostics, files, sheet), file=stream, color=True)
