"""The arguments and options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from copy import copy
from functools import reduce
from pathlib import Path
from typing import TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., object])

FORMATS = (
    "text",
    "concise",
    "json",
    "sarif",
    "github",
    "gitlab",
    "junit",
    "rdjson",
    "markdown",
)
"""What `rbc check` writes; each but the first is a module of `rbdsl.review`."""


class SomePath(click.Path):
    """A path that is not empty: `Path("")` would be the current folder, and is a slip.

    It is what a variable that is not set leaves in a script. Whether a file can be read is for its
    reader to say, with the other findings.
    """

    def __init__(
        self,
        *,
        path_type: type[Path] | None = None,
        file_okay: bool = True,
        dir_okay: bool = True,
        allow_dash: bool = False,
    ) -> None:
        """As `click.Path`."""
        super().__init__(
            path_type=path_type,
            file_okay=file_okay,
            dir_okay=dir_okay,
            allow_dash=allow_dash,
            readable=False,
        )

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


def force_exclude(command: Command) -> Command:
    """`--force-exclude`."""
    return click.option(
        "--force-exclude",
        is_flag=True,
        help="Leave out what the configuration excludes, files that are named outright too.",
    )(command)


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


def configuration(command: Command) -> Command:
    """`--config FILE`, `--no-config`."""
    return _all(
        command,
        click.option(
            "--config",
            "config_file",
            metavar="FILE",
            type=SomePath(path_type=Path),
            default=None,
            help="Use this configuration, and look for no other.",
        ),
        click.option("--no-config", is_flag=True, help="Use no configuration."),
    )


def selection(command: Command) -> Command:
    """`--select CODES` and `--ignore CODES`, any number of times, and `--baseline FILE`."""
    return _all(
        command,
        click.option(
            "--select",
            metavar="CODES",
            multiple=True,
            help="Report only these, in place of what the configuration selects: codes, starts "
            "of codes (RB8, SC), names; by commas.",
        ),
        click.option(
            "--ignore",
            metavar="CODES",
            multiple=True,
            help="Do not report these, besides what the configuration ignores.",
        ),
        click.option(
            "--baseline",
            metavar="FILE",
            type=SomePath(path_type=Path),
            default=None,
            help="Do not report what this file accepts, see `rbc check --write-baseline`.",
        ),
    )


def reporting(command: Command) -> Command:
    """`--output-format`, `--strict`, `--pedantic`, `--color`."""
    return _all(
        command,
        output_format,
        click.option("--strict", is_flag=True, help="Exit 1 on warnings too."),
        click.option("--pedantic", is_flag=True, help="Also report matters of taste."),
        color,
    )


def review(command: Command) -> Command:
    """How `rbc check` reports: as `reporting`, and in the formats of review systems."""
    return _all(
        command,
        one_of(FORMATS, "For people, for programs, or for the system that shows the review."),
        click.option(
            "--output-file",
            metavar="FILE",
            type=SomePath(path_type=Path),
            default=None,
            help="Write the report there instead of to standard output (which - means).",
        ),
        click.option("--statistics", is_flag=True, help="Only count the findings of each code."),
        click.option("--strict", is_flag=True, help="Exit 1 on warnings too."),
        click.option("--exit-zero", is_flag=True, help="Exit 0 whatever is found in the plans."),
        click.option("--pedantic", is_flag=True, help="Also report matters of taste."),
        color,
    )


def mending(command: Command) -> Command:
    """`--fix`, `--unsafe-fixes`, `--diff`."""
    return _all(
        command,
        click.option("--fix", is_flag=True, help="Mend what can be mended safely, in the files."),
        click.option("--unsafe-fixes", is_flag=True, help="Also make fixes to be looked at."),
        click.option(
            "--diff", is_flag=True, help="Show what --fix would change, and change nothing."
        ),
    )


def output_format(command: Command) -> Command:
    """`--output-format text|json`."""
    return one_of(("text", "json"), "For people, or for programs.")(command)


class _Format(click.Option):
    """Goes by two names, of which help and messages tell the first."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """As `click.Option`."""
        told = copy(self)
        told.opts = self.opts[:1]
        return click.Option.get_help_record(told, ctx)

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """As `click.Option`."""
        del ctx
        return f"'{self.opts[0]}'"


def one_of(formats: Sequence[str], explained: str) -> Callable[[Command], Command]:
    """`--output-format`, the first one by default; `--format` means the same in every command."""
    return click.option(
        "--output-format",
        "--format",
        "output_format",
        cls=_Format,
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help=explained,
    )


def color(command: Command) -> Command:
    """`--color auto|always|never`."""
    return click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="auto: on a terminal, unless NO_COLOR is set; FORCE_COLOR turns it on.",
    )(command)


def cache(command: Command) -> Command:
    """`--no-cache`."""
    return click.option(
        "--no-cache",
        is_flag=True,
        help="Check everything anew, and keep nothing in .rbc_cache.",
    )(command)


def _all(command: Command, *decorators: Callable[[Command], Command]) -> Command:
    return reduce(lambda made, decorate: decorate(made), reversed(decorators), command)
