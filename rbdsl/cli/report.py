"""Writing findings out, for people or for programs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TextIO

import click

from rbdsl.cli.terminal import page
from rbdsl.diagnostics import Diagnostic
from rbdsl.record import dataclass
from rbdsl.review.findings import Findings


@dataclass(frozen=True, slots=True)
class Manner:
    """How findings are reported: the format, where to (None for the stream), and in what colours.

    With `statistics` only the findings of each code are counted.
    """

    output_format: str
    output_file: Path | None
    color: str
    statistics: bool


def publish(findings: Findings, manner: Manner, stream: TextIO) -> None:
    """The report to its file or to the stream; a file leaves the summary for standard error.

    Raises `click.ClickException` where the file can't be written.
    """
    if manner.output_file is None:
        _write(findings, manner, stream)
        return
    try:
        with manner.output_file.open(
            "w", encoding="utf-8", errors="backslashreplace", newline="\n"
        ) as file:
            _write(findings, manner, file)
    except OSError as problem:
        words = (problem.strerror or str(problem)).lower()
        message = f"cannot write `{manner.output_file}`: {words}"
        raise click.ClickException(message) from problem
    from rbdsl.review.summary import summary

    sheet = page(sys.stderr, manner.color)
    click.echo(summary(findings.diagnostics, len(findings.paths), sheet), err=True, color=True)


def _write(findings: Findings, manner: Manner, stream: TextIO) -> None:
    found, files = findings.diagnostics, len(findings.paths)
    chosen = manner.output_format
    if manner.statistics:
        from rbdsl.review import statistics

        sheet = page(stream, manner.color)
        shown = statistics.render(found, sheet) if chosen != "json" else statistics.as_json(found)
        click.echo(shown, file=stream, nl=False, color=True)
    elif chosen in {"text", "json"}:
        report(found, files, stream, output_format=chosen, color=manner.color)
    else:
        written: str = import_module(f"rbdsl.review.{chosen}").render(findings)
        click.echo(written, file=stream, nl=False)


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
    sheet = page(stream, color)
    for diagnostic in diagnostics:
        from rbdsl.review import text

        # Whether there are colours is decided by the page, not by click.
        click.echo(text.render(diagnostic, sheet) + "\n", file=stream, color=True)
    if with_summary:
        from rbdsl.review.summary import mendable, summary

        click.echo(summary(diagnostics, files, sheet), file=stream, color=True)
        can_be_mended = mendable(diagnostics)
        if can_be_mended:
            click.echo(can_be_mended, file=stream)
