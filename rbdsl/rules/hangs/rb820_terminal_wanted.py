"""A command asks for a terminal, and a step has none.

`docker exec -it`, `kubectl exec -it` and `ssh -t` are typed by people. A step has no standard
input, and its output goes into a log.

## Why

Docker refuses with "the input device is not a TTY", so the step fails in the middle of the
rollback, and it failed in no rehearsal that somebody typed. kubectl and ssh go on without a
terminal, or with one that ends each line by a carriage return, so that the answer never equals
what is expected; and with a real terminal the command may wait for a key.

## Bad

```rbplan
phase database "Database" {
  budget 2m
  step readonly "Read-only mode" {
    timeout 30s
    run `kubectl -n db exec -it postgresql-primary -- psql -d shop -c "select 1"`
  }
}
```

## Good

```rbplan
phase database "Database" {
  budget 2m
  step readonly "Read-only mode" {
    timeout 30s
    run `kubectl -n db exec postgresql-primary -- psql -d shop -c "select 1"`
  }
}
```

## How it can be fooled

By a command that makes a terminal of its own, such as `script -qc '…'`. It is sure of what Docker
does, and reports the others as warnings. Compose asks for a terminal by itself in its version 1:
`docker-compose exec` without `-T` is an information.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call, Word
from rbdsl.diagnostics import Code, Diagnostic, Fix, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.hangs.running import added, exchanged, is_fed, running, stands_there
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.remote_options import VERBS, letters, own_options

CODE = Code("RB820", "terminal-wanted", Severity.WARNING)

_REFUSING = ("docker",)
PROGRAMS = frozenset([*_REFUSING, "docker-compose", "nerdctl", "podman", "kubectl", "oc", "ssh"])
_GIVES = lazy_pattern(r"<|\||(?:^|\s)(?:eval|source|\.|coproc)\s")
"""What may feed a command, or hide what does."""


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such command."""
    for placed in running(context, PROGRAMS):
        own = own_options(placed.call)
        said = {letter for word in own for letter in letters(word.text)}
        if "t" not in said:
            yield from _of_compose(placed, said)
            continue
        if _is_detached(placed.call, said):
            continue  # the terminal is one of the container, and nobody is attached to it
        program = placed.call.program
        refused = program in _REFUSING and "i" in said and not _is_compose(placed.call)
        asked = next(word for word in own if "t" in letters(word.text))
        hint = (
            "leave `-t` out"
            if program == "ssh"
            else "leave `-t` out; `-i` only where it reads something"
        )
        yield CODE.at(
            placed.span_of(asked),
            f"`{_name(placed)} {asked.text}` wants a terminal, and a step has none"
            + (": docker refuses" if refused else ""),
            hint=hint,
            severity=Severity.ERROR if refused else Severity.WARNING,
            fix=_fix(placed, asked),
        )


def _is_detached(call: Call, said: set[str]) -> bool:
    return "d" in said or call.has("detach") or _verb(call) == "create"


def _name(placed: PlacedCall) -> str:
    call = placed.call
    verb = _verb(call)
    compose = "compose " if _is_compose(call) and call.program != "docker-compose" else ""
    return f"{call.program} {compose}{verb}".rstrip()


def _verb(call: Call) -> str:
    return next((word for word in call.operands if word in VERBS), "")


def _is_compose(call: Call) -> bool:
    return call.program == "docker-compose" or call.operands[:1] == ("compose",)


def _of_compose(placed: PlacedCall, said: set[str]) -> Iterator[Diagnostic]:
    """Compose of the first version asks for a terminal unless it is told not to."""
    call = placed.call
    verb = next((word for word in call.words if word.text in ("exec", "run")), None)
    if call.program != "docker-compose" or verb is None or said & set("Td"):
        return
    yield CODE.at(
        placed.span_of(verb),
        f"`{_name(placed)}` wants a terminal in version 1, unless it is told not to",
        hint="add `-T`",
        severity=Severity.INFO,
        fix=added(placed, "-T", after=verb) if stands_there(placed, verb) else None,
    )


def _fix(placed: PlacedCall, word: Word) -> Fix | None:
    """Only `-t` goes, wherever something may be read: without `-i` it would read nothing, and
    succeed. Of `kubectl run` and `debug`, `-i` is what waits for the command, too.
    """
    if not stands_there(placed, word):
        return None
    kept = _verb(placed.call) != "exec" or _may_be_fed(placed)
    rest = [c for c in letters(word.text) if c != "t" and (c != "i" or kept)]
    if word.text.startswith("--") or not rest:
        return _without(placed, word)
    return exchanged(placed, word, "-" + "".join(rest))


def _may_be_fed(placed: PlacedCall) -> bool:
    """Whether something in its text may give it input: a function's caller, `exec <`, a loop."""
    call = placed.call
    return (
        is_fed(call)
        or bool(call.function or call.where or call.wrappers)
        or _GIVES.search(placed.place.shell.text) is not None
    )


def _without(placed: PlacedCall, word: Word) -> Fix:
    """Takes a word out, with the blank before it."""
    from rbdsl.diagnostics import Edit

    blank = placed.place.shell.text[word.start - 1] in " \t"  # not the end of a line
    span = placed.place.span(word.start - blank, word.end)
    return Fix(f"leave `{word.text}` out", (Edit(span, ""),))
