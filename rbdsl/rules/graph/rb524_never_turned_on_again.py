"""Something is paused, frozen or made read-only, and no command of the plan takes it back.

## Why

The rollback is done, all checks are green, and the database still refuses writes, or the pods of
the node are never scheduled again. What a plan stops for its own sake it has to start again.

## Bad

```rbplan
phase database "Database" {
  budget 3m
  step stop "Stop writes" {
    run `psql -c "alter database shop set default_transaction_read_only = on"`
  }
  step load "Load the dump" { run `./load.sh` }
}
```

## Good

```rbplan
phase database "Database" {
  budget 3m
  step stop "Stop writes" {
    run `psql -c "alter database shop set default_transaction_read_only = on"`
  }
  step load "Load the dump" { run `./load.sh` }
  ensure step start "Allow writes" {
    run `psql -c "alter database shop set default_transaction_read_only = off"`
  }
}
```

## How it can be fooled

Looked for are `pause`, `suspend`, `cordon`, `freeze`, and `on` or `true` for what is read-only or
in maintenance; not scripts that are named so. Any command of the same program with the opposite
word counts as the way back, whatever it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Plan
from rbdsl.model.values import Shell
from rbdsl.rules.context import Context
from rbdsl.rules.shell_text import commands, words_of
from rbdsl.rules.switches import Turn, place

CODE = Code("RB524", "never-turned-on-again", Severity.WARNING)

_OPPOSITES = {
    "pause": ("resume", "unpause", "restart", "false"),
    "suspend": ("resume", "unsuspend", "false"),
    "cordon": ("uncordon",),
    "freeze": ("unfreeze", "thaw"),
    "on": ("off", "reset"),
    "true": ("false",),
}


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each step of that kind."""
    stopping = [turn for turn in context.turns if _stops(turn)]
    if not stopping:
        return
    said = list(_said(context.plan))
    reported: set[int] = set()
    for turn in stopping:
        wanted = _OPPOSITES[turn.switch.word]
        program = turn.switch.key.split(" ", 1)[0]
        back = any(first == program and not words.isdisjoint(wanted) for first, words in said)
        if not back and id(turn.step) not in reported:
            reported.add(id(turn.step))
            yield _report(turn, wanted[0])


def _stops(turn: Turn) -> bool:
    """Whether a turn stops something, by a word and not by the name of a script alone."""
    if turn.switch.on or turn.switch.word not in _OPPOSITES:
        return False
    return turn.switch.word not in words_of(_program(turn))


def _program(turn: Turn) -> str:
    """The first word of the command, with what was cut out for the key put back."""
    pair = turn.switch.key.split(" ", 1)[0]
    return pair.replace("<", " ").replace(">", " ").replace("/", " ")


def _said(plan: Plan) -> Iterable[tuple[str, set[str]]]:
    """Every command of the plan: its program and its words, in lower case."""
    shells: list[Shell] = [shell for step in plan.steps() for shell in step.shells]
    shells += [hook.shell for hook in plan.hooks]
    for shell in shells:
        for command in commands(shell.text):
            yield command.split(" ", 1)[0].lower(), words_of(command)


def _report(turn: Turn, opposite: str) -> Diagnostic:
    return CODE.at(
        turn.step.name.span,
        f"step `{turn.step.name}` says `{turn.switch.word}`, and nothing in the plan ever says "
        f"`{opposite}`",
        labels=(Label(place(turn), "turned off here, for good"),),
        hint=f"take it back in an `ensure` step of phase `{turn.phase.name}`, or in `undo` and a "
        "later step",
    )
