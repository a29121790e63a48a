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
one that takes the setting away (`READ_ONLY-`, `"maintenance": null`), and for HAProxy a reload.
An `undo` does not count: it runs after a failure only. A `drain` that only lets a queue run empty,
that takes away the version that is replaced, or whose node is deleted is for good. A job of which
the change itself speaks, or what follows a repository (Flux), often stays suspended on purpose:
that is an information. A file that says maintenance (`touch /srv/shop/maintenance`) is opened by
whatever takes it or its folder away, and by a script.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.analysis.invocations import Invocation
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Plan
from rbdsl.model.steps import Manual
from rbdsl.rules.context import Context
from rbdsl.rules.graph.closing_files import OPENING, closes, is_opened
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
    "touch": OPENING,
}
_TRAFFIC_BACK = (
    "restore",
    *("undrain", "uncordon", "resume", "enable", "reenable", "open", "reopen", "shift", "route"),
    *("return", "register", "attach", "rebalance", "unblock", "ready"),
)
_BY_HAND = ("again", "resume", "reopen", "uncordon", "unpause", "undrain")
"""What the title of a step by hand says that takes something back."""
_CONTROLLERS = ("flux", "argocd")
_JOBS = frozenset(
    "airflow cronjob cronjobs dag dags job jobs schedule schedules scheduler timer".split()  # noqa: SIM905
)
_NULL = r"[\"']?([\w./-]+)[\"']?\s*:\s*null\b"
_RUNS_EMPTY = r"queue|worker|job|task|connection|session|message|event|topic|consumer|batch|backlog"


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each step of that kind."""
    stopping = [turn for turn in context.turns if _stops(turn, context.plan)]
    if not stopping:
        return
    said = [(invocation, _said_by(invocation)) for invocation in _called(context.plan)]
    changed = _words_of_the_change(context.plan)
    by_hand = {
        word
        for phase in context.plan.phases
        for item in phase.items
        if isinstance(item, Manual)
        for word in words_of(item.title.plain)
    }
    reported: set[int] = set()
    for turn in stopping:
        wanted = _wanted(turn)
        if not by_hand.isdisjoint((*wanted, *_BY_HAND)):
            continue
        if id(turn.step) not in reported and not _taken_back(turn, wanted, said):
            reported.add(id(turn.step))
            yield _report(turn, wanted, is_meant=_is_job_of(turn, changed))


def _stops(turn: Turn, plan: Plan) -> bool:
    """Whether a turn stops something, by a word and not by the name of a script alone."""
    word = turn.switch.word
    if turn.switch.on or word not in _OPPOSITES:
        return False
    if word == "touch":
        return closes(turn)
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
    if turn.switch.word == "touch":
        return is_opened(turn, (invocation for invocation, _ in said))
    drain = turn.switch.word == "drain"
    anywhere = drain and not _is_cluster(turn)
    for invocation, words in said:
        same = invocation.program == turn.switch.program
        if (
            ((same or anywhere) and not words.isdisjoint(wanted))
            or (same and drain and not words.isdisjoint(("off", "false", "stop", "disable")))
            or (drain and _ends_a_node(words))
            or (same and _removes(invocation, turn))
            or (drain and _reads_anew(words))
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


def _reads_anew(words: set[str]) -> bool:
    """Whether HAProxy starts from its file, which knows nothing of what its socket was told."""
    return "haproxy" in words and not words.isdisjoint(("reload", "restart"))


def _words_of_the_change(plan: Plan) -> set[str]:
    """The words by which the plan tells what is changed: in its texts, and as names of services."""
    texts = [text.plain for text in (plan.title, plan.change, plan.note) if text]
    return words_of(" ".join([*texts, *(service.name.text for service in plan.services)]).lower())


def _is_job_of(turn: Turn, changed: set[str]) -> bool:
    """Whether it suspends a job that the plan calls what is changed, or what follows a repository
    in which the change still stands: it may well stay so.
    """
    words = turn.switch.key[1:]
    if turn.switch.word not in ("suspend", "pause"):
        return False
    if turn.switch.program.rpartition("/")[2] in _CONTROLLERS:
        return True
    if words_of(" ".join(words)).isdisjoint(_JOBS):
        return False
    names = [words_of(word) - _JOBS for word in words[1:] if re.fullmatch(r"[\w.-]+", word)]
    return any(name and name <= changed for name in names)


def _is_cluster(turn: Turn) -> bool:
    return turn.switch.program.rpartition("/")[2] in ("kubectl", "oc")


def _called(plan: Plan) -> Iterator[Invocation]:
    """Every command of the plan, but for those that run after a failure only."""
    for step in plan.steps():
        for shell in step.shells:
            if shell is not step.undo:
                yield from called(shell.text, step.bindings)
    for hook in plan.hooks:
        yield from called(hook.shell.text)


def _said_by(invocation: Invocation) -> set[str]:
    options = (f"{name} {value or ''}" for name, value in invocation.options)
    return words_of(" ".join((invocation.program, *invocation.words, *options)))


def _report(turn: Turn, wanted: tuple[str, ...], *, is_meant: bool) -> Diagnostic:
    undo = turn.step.undo
    undoing = words_of(undo.text) if undo else set()
    undone = next((word for word in wanted if word in undoing), "")
    where = (
        f"only its `undo` says `{undone}`, which runs after a failure"
        if undone
        else f"nothing in the plan ever says `{wanted[0]}`"
    )
    return CODE.at(
        turn.step.name.span,
        f"step `{turn.step.name}` says `{turn.switch.word}`, and {where}",
        labels=(Label(place(turn), "turned off here, for good"),),
        hint=f"take it back in an `ensure` step of phase `{turn.phase.name}`, or in a later step",
        severity=Severity.INFO if is_meant else None,
    )
