"""The command `rbc`: finds the command that is asked for, loads only that, and ends well.

Exit codes: 0 nothing wrong, 1 findings, 2 wrong usage, unreadable input or a bug in rbc,
130 interrupted, 141 when the reader of the output has gone. Importing this module imports
nothing but click.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from typing import NoReturn, cast

import click

from rbdsl import __version__

_COMMANDS = {
    "certify": "Say which requirement of its level a plan proves, and by what.",
    "check": "Find what will not work in plans.",
    "clean": "Remove what rbc keeps to be quicker next time.",
    "compile": "Check plans and write their scripts and documents.",
    "config": "Print the settings that hold for a plan, and where they come from.",
    "diff": "Say what changed between two versions of plans, and what got weaker.",
    "explain": "Say what a finding means and how to mend it.",
    "graph": "Draw the phases of a plan in their order and time.",
    "rules": "List the rules that plans are checked by.",
    "schema": "Print the JSON Schema of a document that rbc writes.",
}

_ANYWHERE = frozenset({"explain", "rules", "schema"})
"""The commands that look at no files, wherever they are called."""

_GONE = 141
"""What a shell shows for a program that a closed pipe has ended."""

_EPILOG = """\b
Start here:
  rbc check plan.rbplan          what is wrong with it
  rbc graph plan.rbplan          its timeline, the critical path marked
  rbc compile plan.rbplan        its scripts and documents, into build/

\b
Exit codes: 0 nothing wrong, 1 findings, 2 wrong usage or a bug in rbc.

\b
Shell completion (bash_source, zsh_source or fish_source):
  eval "$(_RBC_COMPLETE=bash_source rbc)"
"""


class _Commands(click.Group):
    """The commands, each in the module of its name; help is shown without loading them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        return cast("click.Command", import_module(f"rbdsl.cli.{cmd_name}").command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        # Click suggests among the commands that are loaded, and here none is yet.
        if args[0] not in _COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise click.exceptions.NoSuchCommand(args[0], possibilities=_COMMANDS, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.command(
    cls=_Commands,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 90},
)
@click.version_option(__version__, prog_name="rbc")
@click.pass_context
def commands(ctx: click.Context) -> None:
    """Check rollback plans, and compile them.

    rbc says what will not work in a plan, and writes the scripts that carry it out, watch over
    the change and verify the result, with the documents for people.
    """
    if ctx.invoked_subcommand not in _ANYWHERE:
        try:
            os.getcwd()
        except OSError as problem:
            words = (problem.strerror or str(problem)).lower()
            message = f"the current folder can't be told ({words}): has it been removed? Change to "
            raise click.ClickException(message + "one that is there") from problem


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run `rbc` with the arguments of the process, or those given, and exit."""
    # A command makes much that stays, such as trees: looking through it often finds nothing.
    gc.set_threshold(100_000)
    # The interpreter looks through all of it once more before it ends: a fifth of a short command.
    atexit.register(gc.freeze)
    if sys.stderr is None:  # what the interpreter makes of `2>&-`
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - for as long as the process lives
    if sys.stdout is None:
        click.echo("rbc: standard output is closed, and there is something to write", err=True)
        sys.exit(2)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that cannot show a character shows its number instead.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        code = _GONE
    except OSError as problem:
        code = _unwritable(problem)
    _stop_writing()
    sys.exit(code or 0)


def _run(arguments: Sequence[str] | None) -> int | str | None:
    """The exit code; raises OSError where a standard stream takes nothing more."""
    output = sys.stdout
    try:
        return cast("int | None", commands.main(arguments, "rbc", standalone_mode=False))
    except click.ClickException as problem:
        if isinstance(problem, click.NoSuchOption):
            problem = _with_dash_explained(
                problem, sys.argv[1:] if arguments is None else arguments
            )
        problem.show()
        return 2
    except SystemExit as end:
        # Click ends so after shell completion, and with 1 (which means findings here) and another
        # stream in place of standard output when its reader has gone.
        return end.code if sys.stdout is output else _GONE
    except click.Abort:
        click.echo("interrupted", err=True)
        return 130
    except Exception as problem:  # the last resort, see _own_fault
        if isinstance(problem, OSError) and problem.errno and problem.filename is None:
            # Files have names, and whoever opens them deals with their errors.
            raise
        return _own_fault(problem)


def _with_dash_explained(
    problem: click.NoSuchOption, arguments: Sequence[str]
) -> click.NoSuchOption:
    """The same with how to name a file whose name looks like an option, where one is meant."""
    for word in arguments:
        if word.startswith("-") and (word.endswith(".rbplan") or os.path.lexists(word)):
            message = f"No such option {problem.option_name!r}. "
            message += f"The file of that name is './{word}', or stands behind '--'."
            return click.NoSuchOption(problem.option_name, message, ctx=problem.ctx)
    return problem


def _unwritable(problem: OSError) -> int:
    """Say that standard output takes nothing more, such as on a full disk."""
    with suppress(OSError):
        words = (problem.strerror or str(problem)).lower()
        click.echo(f"rbc: cannot write to standard output: {words}", err=True)
    return 2


def _own_fault(problem: Exception) -> int:
    """Own up to a bug: one clear message instead of a traceback."""
    if os.environ.get("RBC_TRACEBACK"):
        from traceback import print_exception

        print_exception(problem)
        return 2
    first = next(iter(str(problem).splitlines()), "")
    click.echo(
        f"rbc: internal error: {type(problem).__name__}: {first}\n"
        f"This is a bug in rbc {__version__}, not in your plan. Please report it with the plan "
        "and with what RBC_TRACEBACK=1 shows.",
        err=True,
    )
    return 2


def _stop_writing() -> None:
    """Let the interpreter flush into nothing when it ends, where a stream takes nothing more."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    main()
