"""From the options of a command to the configurations of its plans."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from rbdsl.project.configuration import Override
from rbdsl.project.configurations import Configurations
from rbdsl.project.selectors import Refusal, Selector, read_selector
from rbdsl.project.settings import COMMAND_LINE, Layer, Setting


def configured(
    config_file: Path | None,
    *,
    no_config: bool = False,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    pedantic: bool = False,
    strict: bool = False,
    baseline: Path | None = None,
) -> Configurations:
    """The configurations with what the command line overrides.

    Raises `click.UsageError` for what no rule is called, and for what can't be ignored.
    """
    if config_file is not None and no_config:
        raise click.UsageError("--config and --no-config contradict each other")
    layer = Layer(
        select=tuple(_selectors(select, "--select")),
        ignore=tuple(_selectors(ignore, "--ignore", takes_away="ignored")),
    )
    wanted = {setting.value.start for setting in layer.select}
    for setting in layer.ignore:
        if setting.value.start in wanted:
            raise click.UsageError(f"`{setting.value.text}` is in --select and in --ignore")
    return Configurations(
        Override(layer, baseline and Path(os.path.abspath(baseline)), pedantic, strict),
        config_file,
        search=not no_config,
    )


def _selectors(
    options: Sequence[str], name: str, *, takes_away: str = ""
) -> Iterator[Setting[Selector]]:
    for text in (part for option in options for part in option.split(",")):
        selector = read_selector(text, takes_away=takes_away)
        if isinstance(selector, Refusal):
            raise click.UsageError(f"{name}: {selector.message}; {selector.hint}")
        yield Setting(selector, COMMAND_LINE)
