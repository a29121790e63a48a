"""A script asks a question, and nobody is there to answer.

`read`, `select`, `dialog` and their like wait for somebody at the keyboard.

## Why

A step has no standard input: `read` meets its end at once, fails, and the step with it. What reads
from `/dev/tty` is stopped until the time limit. Either way the rollback that a monitor starts at
night ends at "Are you sure? [y/N]".

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step ask "Ask first" {
    timeout 30s
    run ```
      read -r -p "Really roll back? [y/N] " answer
      [[ $answer == y ]]
    ```
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 5m
  gate sure "Really roll back?" { approvers "sre-lead"; timeout 2m; otherwise abort }
  step go "Go" { timeout 30s; run `./back.sh` }
}
```

## How it can be fooled

By a function that reads what its caller hands it, and by `exec <file` in a script that is taken in.
`read` with a redirection, in a pipe or in a loop that has one is reading data, and is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.loops import loops
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.hangs.running import is_fed, running
from rbdsl.rules.placed_calls import PlacedCall, Role

CODE = Code("RB821", "question-to-a-person", Severity.ERROR)

_READERS = frozenset(["read", "mapfile", "readarray"])
_DIALOGS = frozenset(["dialog", "whiptail", "zenity", "gum", "fzf", "kdialog"])


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each question."""
    yield from _of_menus(context)
    for placed in running(context, _READERS | _DIALOGS):
        call = placed.call
        if call.program == "gum" and call.operands[:1] not in (
            ("confirm",),
            ("input",),
            ("choose",),
        ):
            continue
        if is_fed(call) and not _reads_the_terminal(placed):
            continue
        if call.program in _READERS and _has_other_input(placed):
            continue
        what = f"`{call.program}` waits for an answer"
        ends = (
            "nobody is at the terminal"
            if _reads_the_terminal(placed)
            else "a step has no input: it fails at once"
        )
        yield CODE.at(
            placed.span,
            f"{what}, and {ends}",
            hint="let a `gate` decide, or take the answer as a `param`",
            severity=Severity.ERROR if not call.otherwise else Severity.WARNING,
        )


def _of_menus(context: Context) -> Iterator[Diagnostic]:
    for place in context.places:
        for loop in loops(place.shell.text) if place.role is not Role.QUERY else ():
            if loop.menu:
                yield CODE.at(
                    place.span(loop.start, loop.start + len("select")),
                    "`select` waits for an answer, and a step has no input: it ends at once",
                    hint="let a `gate` decide, or take the answer as a `param`",
                )


def _reads_the_terminal(placed: PlacedCall) -> bool:
    return any(r.descriptor == 0 and r.target.text == "/dev/tty" for r in placed.call.redirections)


def _has_other_input(placed: PlacedCall) -> bool:
    """Whether it reads another descriptor, or stands where its caller may hand it something."""
    call = placed.call
    if call.has("u") or call.function or any(r.descriptor > 2 for r in call.redirections):
        return True
    return any(
        other.call.program == "exec" and any(r.descriptor == 0 for r in other.call.redirections)
        for other in placed.place.calls
    )
