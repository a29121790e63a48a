"""A piece of shell is no complete bash.

## Why

Each piece of shell becomes the body of a function of the generated script. An open quote, an
`if` without its `fi` or one `}` too many would not only fail in its own step: bash reads the script
as a whole, so every other step would be lost with it, in the incident. So nothing is compiled.

So it is with `!(keep)` and the other patterns of `extglob`: bash has read the step, with `extglob`
off, before a `shopt -s extglob` in it is run.

## Bad

```rbplan
phase stop "Stop" { budget 1m; step one "One" { run `echo "never closed` } }
```

## Good

```rbplan
phase stop "Stop" { budget 1m; step one "One" { run `echo "closed"` } }
```

## How it can be fooled

The judge is tree-sitter's grammar of bash, and not bash. Very unusual bash may be refused; write it
in another way, or put it into a script of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbdsl.analysis.extended_patterns import unreadable_pattern
from rbdsl.analysis.shell import syntax_problem
from rbdsl.analysis.shell_openers import Opener, opener
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.model.values import Shell
from rbdsl.rules.context import Context

CODE = Code("RB810", "shell-syntax", Severity.ERROR)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each piece of shell, at the place where it stops making sense."""
    yield from problems(context.shells())


def problems(shells: Iterable[Shell]) -> Iterator[Diagnostic]:
    """The same for any shell: that of a module that no plan uses yet."""
    for shell in dict.fromkeys(shells):
        problem = syntax_problem(shell)
        if problem is None:
            continue
        pattern = unreadable_pattern(shell.text)
        if pattern:
            yield _extended(shell, *pattern)
            continue
        unclosed = opener(shell.text)
        if unclosed:
            yield _never_closed(shell, unclosed)
            continue
        line, column = problem
        yield CODE.at(
            shell.span_of(line, column, line, column + 1),
            "this shell is no complete bash; it stops making sense here",
            hint="look for an open quote, bracket, here-document or block at or before this place",
        )


def _extended(shell: Shell, start: int, end: int) -> Diagnostic:
    before = shell.text[:start]
    line = before.count("\n") + 1
    column = start - (before.rfind("\n") + 1) + 1
    return CODE.at(
        shell.span_of(line, column, line, column + end - start),
        f"this shell is no complete bash: `{shell.text[start:end]}` is a pattern of `extglob`, and "
        "bash reads a step as a whole, before a `shopt -s extglob` in it is run",
        hint="hand it to a shell that has it on: `bash -O extglob -euc '…'`",
    )


def _never_closed(shell: Shell, unclosed: Opener) -> Diagnostic:
    before = shell.text[: unclosed.offset]
    line = before.count("\n") + 1
    column = unclosed.offset - (before.rfind("\n") + 1) + 1
    span = shell.span_of(line, column, line, column + len(unclosed.opens))
    if unclosed.opens == "<<":
        fact = (
            f"the here-document that begins here never ends: no line is `{unclosed.closes}` alone"
        )
        hint = f"write `{unclosed.closes}` on a line of its own, without blanks before or behind it"
    else:
        fact = f"this `{unclosed.opens}` is never closed"
        hint = f"close it with `{unclosed.closes}`"
    return CODE.at(span, f"this shell is no complete bash: {fact}", hint=hint)
