"""A piece of shell is too long for ShellCheck.

## Why

ShellCheck takes memory and time in step with the length of a piece: 240,000 characters took 10
seconds and 440 MB, a megabyte would take several times that in every check of the plan. So it is
asked about 100,000 characters at most, and about a longer piece not at all: mistakes in it go
unnoticed. The other rules do look at it.

Commands joined by `&&` and `||` take it longer still, with the square of their number: 1,000 of
them took 6 seconds, 3,000 a minute. It is asked about 500 in one list at most.

Shell of that length is a script or data that was pasted into the plan. Nobody reads it in an
incident, and nobody can run it by itself to try it.

## Bad

A step whose `run` holds a dump, an archive in base64, or a whole deployment tool.

## Good

```rbplan
phase load "Load" { budget 2m; step load "Load" { timeout 1m; run `./scripts/load.sh` } }
```

## How it can be fooled

A script that the plan calls is not looked at, however long it is: check it where it lives.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbdsl.analysis.shellcheck import LONGEST, MOST_JOINED, joined, too_long
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.model.values import Shell
from rbdsl.rules.context import Context
from rbdsl.source import Span

CODE = Code("RB897", "shell-too-long", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each piece, at the backticks that open it."""
    yield from problems(context.shells())


def problems(shells: Iterable[Shell]) -> Iterator[Diagnostic]:
    """The same for any shell: that of a module that no plan uses yet."""
    for shell in dict.fromkeys(shells):
        if too_long(shell):
            whole = shell.span
            ticks = len(whole.text) - len(whole.text.lstrip("`"))
            yield CODE.at(
                Span(whole.source, whole.start, whole.start + ticks),
                _amount(shell.text),
                hint="move it to a script of its own, and call that",
            )


def _amount(text: str) -> str:
    if len(text) > LONGEST:
        return f"this shell has {len(text):,} characters, of which ShellCheck takes {LONGEST:,}"
    return (
        f"this shell joins {joined(text):,} commands by `&&` and `||`, of which ShellCheck takes "
        f"{MOST_JOINED}"
    )
