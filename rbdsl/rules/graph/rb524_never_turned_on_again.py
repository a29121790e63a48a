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

Looked for are `pause`, `suspend`, `cordon`, `drain`, `freeze`, and `on`, `true` or `enable` for
what is read-only or in maintenance; not scripts that are named so, but for `drain`. Any command of
the same program with the opposite word counts as the way back, whatever it is about, and so does
one that takes the setting away (`READ_ONLY-`, `"maintenance": null`). A `drain` that only lets a
queue run empty, that takes away the version that is replaced, or whose node is deleted is for good.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.analysis.invocations import Invocation
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Plan
from rbdsl.rules.context import Context
from rbdsl.rules.opposites import called
from rbdsl.rules.restoring import mentions_version
from rbdsl.rules.shell_text import mentions_word, words_of
from rbdsl.rules.switches import Turn, place

CODE = Code("RB524", "never-turned-on-again", Severity.WARNING)

_OPPOSITES = {
    "pause": ("resume", "unpause", "restart", "false"),
    "suspend": ("resume", "unsuspend", "false"),
    "cordon": ("uncordon",),
    "drain": ("uncordon",),
    "freeze": ("unfreeze", "thaw"),
    "on": ("off", "reset", "disable"),
    "true": ("false",),
    "enable": ("disable", "off"),
}
_TRAFFIC_BACK = (
    "restore",
    *("undrain", "uncordon", "resume", "enable", "reenable", "open", "reopen", "shift", "route"),
    *("return", "register", "attach", "rebalance", "unblock", "ready"),
)
_NULL = r"[\"']?([\w./-]+)[\"']?\s*:\s*null\b"
_RUNS_EMPTY = r"queue|worker|job|task|connection|session|message|event|topic|consumer|batch|backlog"


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each step of that kind."""
    stopping = [turn for turn in context.turns if _stops(turn, context.plan)]
    if not stopping:
        return
    said = [(invocation, _said_by(invocation)) for invocation in _called(context.plan)]
    reported: set[int] = set()
    for turn in stopping:
        wanted = _wanted(turn)
        if id(turn.step) not in reported and not _taken_back(turn, wanted, said):
            reported.add(id(turn.step))
            yield _report(turn, wanted[0])


def _stops(turn: Turn, plan: Plan) -> bool:
    """Whether a turn stops something, by a word and not by the name of a script alone."""
    word = turn.switch.word
    if turn.switch.on or word not in _OPPOSITES:
        return False
    if word != "drain" or _is_cluster(turn):
        return word not in words_of(turn.switch.program)
    text = " ".join((*turn.switch.key, *(value for _, value in turn.switch.options)))
    replaced = (service.replaced.plain for service in plan.services if service.replaced)
    return not re.search(_RUNS_EMPTY, text) and not any(mentions_version(text, r) for r in replaced)


def _wanted(turn: Turn) -> tuple[str, ...]:
    """The words of which one takes a turn back."""
    if turn.switch.word == "drain" and not _is_cluster(turn):
        return _TRAFFIC_BACK
    return _OPPOSITES[turn.switch.word]


def _taken_back(
    turn: Turn, wanted: tuple[str, ...], said: list[tuple[Invocation, set[str]]]
) -> bool:
    """Whether any command of the plan takes a turn back, or makes that needless."""
    drain = turn.switch.word == "drain"
    anywhere = drain and not _is_cluster(turn)
    for invocation, words in said:
        same = invocation.program == turn.switch.program
        if (
            ((same or anywhere) and not words.isdisjoint(wanted))
            or (same and drain and not words.isdisjoint(("off", "false", "stop", "disable")))
            or (drain and _ends_a_node(words))
            or (same and _removes(invocation, turn))
        ):
            return True
    return False


def _removes(invocation: Invocation, turn: Turn) -> bool:
    """Whether a command takes away what the turn has set: `READ_ONLY-`, `"maintenance":null`."""
    values = [value for _, value in invocation.options if value]
    removed = {word[:-1] for word in invocation.words if len(word) > 1 and word.endswith("-")}
    removed.update(re.findall(_NULL, " ".join((*invocation.words, *values))))
    if not removed:
        return False
    set_by = " ".join((*turn.switch.key, *(value for _, value in turn.switch.options)))
    return any(mentions_word(set_by, name) for name in removed)


def _ends_a_node(words: set[str]) -> bool:
    return not words.isdisjoint(("terminate", "decommission")) or (
        "delete" in words and not words.isdisjoint(("node", "nodes"))
    )


def _is_cluster(turn: Turn) -> bool:
    return turn.switch.program.rpartition("/")[2] in ("kubectl", "oc")


def _called(plan: Plan) -> Iterator[Invocation]:
    """Every command of the plan."""
    for step in plan.steps():
        for shell in step.shells:
            yield from called(shell.text, step.bindings)
    for hook in plan.hooks:
        yield from called(hook.shell.text)


def _said_by(invocation: Invocation) -> set[str]:
    options = (f"{name} {value or ''}" for name, value in invocation.options)
    return words_of(" ".join((invocation.program, *invocation.words, *options)))


def _report(turn: Turn, opposite: str) -> Diagnostic:
    return CODE.at(
        turn.step.name.span,
        f"step `{turn.step.name}` says `{turn.switch.word}`, and nothing in the plan ever says "
        f"`{opposite}`",
        labels=(Label(place(turn), "turned off here, for good"),),
        hint=f"take it back in an `ensure` step of phase `{turn.phase.name}`, or in `undo` and a "
        "later step",
    )
