"""The arguments and options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., object])


class SomePath(click.Path):
    """A path that is not empty: `Path("")` would be the current folder, and is a slip.

    It is what a variable that is not set leaves in a script.
    """

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str | bytes | os.PathLike[str]:
        """As `click.Path`; fails for the empty text."""
        if not os.fspath(value):
            self.fail("the path is empty; is a variable not set?", param, ctx)
        return super().convert(value, param, ctx)


def plans(command: Command) -> Command:
    """`PLAN…`, `--stdin-filename`, `--policy`."""
    return _all(
        command,
        click.argument(
            "plans",
            metavar="PLAN...",
            nargs=-1,
            required=True,
            type=SomePath(allow_dash=True),
        ),
        click.option(
            "--stdin-filename",
            metavar="PATH",
            default=None,
            help="The path that a plan read from standard input (-) stands for.",
        ),
        policy,
    )


def policy(command: Command) -> Command:
    """`--policy FILE`, any number of times."""
    option = click.option(
        "--policy",
        "policy_file",
        metavar="FILE",
        type=SomePath(path_type=Path),
        default=None,
        help="A TOML file with the organisation's own levels, in place of the shipped ones.",
    )
    return option(command)


def reporting(command: Command) -> Command:
    """`--output-format`, `--strict`, `--pedantic`, `--color`."""
    return _all(
        command,
        output_format,
        click.option("--strict", is_flag=True, help="Exit 1 on warnings too."),
        click.option("--pedantic", is_flag=True, help="Also report matters of taste."),
        color,
    )


def output_format(command: Command) -> Command:
    """`--output-format text|json`."""
    return click.option(
        "--output-format",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="For people, or for programs.",
    )(command)


def color(command: Command) -> Command:
    """`--color auto|always|never`."""
    return click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="auto: on a terminal, unless NO_COLOR is set; FORCE_COLOR turns it on.",
    )(command)


def _all(command: Command, *decorators: Callable[[Command], Command]) -> Command:
    return reduce(lambda made, decorate: decorate(made), reversed(decorators), command)
