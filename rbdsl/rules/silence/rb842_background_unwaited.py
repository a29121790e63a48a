"""A command in the background that nobody waits for, or whose status nobody gets.

## Why

A step ends with its last line, and what it left running is stopped then: a restore behind `&` is
killed in the middle. `wait` without a number waits, but ends with 0 whatever came of it, and with
several numbers it has the status of the last one.

## Bad

```rbplan
phase database "Database" {
  budget 5m
  step restore "Restore" {
    run ```
      pg_restore --exit-on-error --clean -d orders /backup/orders.dump &
      pg_restore --exit-on-error --clean -d users /backup/users.dump &
      wait
    ```
  }
}
```

## Good

```rbplan
phase database "Database" {
  budget 5m
  step restore "Restore" {
    run ```
      pg_restore --exit-on-error --clean -d orders /backup/orders.dump & orders=$!
      pg_restore --exit-on-error --clean -d users /backup/users.dump & users=$!
      wait "$orders"
      wait "$users"
    ```
  }
}
```

What serves the step and is to end with it (`kubectl port-forward … &`) is left alone, and so is
what a later `kill` ends.

## How it can be fooled

Sure where no `wait` follows, and where the only one names nothing. A loop over `wait "$pid"` counts
as waiting for all, whatever it loops over.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from rbdsl.analysis.calls import Call
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall

_MARK = lazy_pattern(r"(?<![&>])&(?![&>])")
CODE = Code("RB842", "background-unwaited", Severity.WARNING)
_HINT = 'keep its number, `… & pid=$!`, and write `wait "$pid"` where it has to be done'
_BEGINNINGS = frozenset(["set", "cd", "local", "echo", "export", "exec"])
_SEVERAL = lazy_pattern(r"\$\{\w+\[[@*]\]\}|\$\(jobs .*\)|\$(?:\w*_)?(?:pids|jobs|procs|PIDS)")
_SHOWN = 3
"""Commands that a finding points at besides the `wait`."""

_SERVING = frozenset(["port-forward", "proxy", "logs", "tail", "top"])
_SERVERS = frozenset(
    ["tail", "sleep", "socat", "nc", "cloud_sql_proxy", "cloud-sql-proxy", "tcpdump"]
)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such command."""
    for place in context.places:
        if "&" in place.shell.text:
            yield from _in(place)


def _in(place: Place) -> Iterator[Diagnostic]:
    reported: set[int] = set()
    waits = [p for p in place.calls if p.call.program == "wait" and not p.call.background]
    ended = max((p.call.start for p in place.calls if _ends_it(p)), default=-1)
    last = max((wait.call.start for wait in waits), default=-1)
    bare = [wait for wait in waits if len(wait.call.words) == 1]
    last_bare = bare[-1].call.start if bare else -1
    named = (w.call.start for w in waits if _tells(w.call, last_bare))
    last_named = max(named, default=-1)
    unheard: dict[int, list[PlacedCall]] = {}
    for placed in place.calls:
        call = placed.call
        if not call.background or _serves(placed) or ended > call.start:
            continue
        if call.where and call.where[-1].startswith("ssh "):
            continue  # the end of the step does not stop what runs on a host
        mark = _MARK.search(place.shell.text, call.end)
        if mark and mark.start() in reported:
            continue  # of a group its first command
        reported.add(mark.start() if mark else -1)
        if last < call.start:
            yield _never_awaited(placed)
        elif last_named < call.start and not call.where:
            at = bisect_right(bare, call.start, key=lambda wait: wait.call.start)
            unheard.setdefault(at, []).append(placed)
    for at, lost in unheard.items():
        yield _status_lost(bare[at], lost)
    for wait in waits:
        if _gathers(wait):
            yield CODE.at(
                wait.span,
                "a failure of the others goes unnoticed: for several numbers `wait` ends with the "
                "status of the last one",
                hint='write `for pid in …; do wait "$pid"; done`',
            )


def _tells(wait: Call, last_bare: int) -> bool:
    """Whether a `wait` ends with a status of those it waits for; after `-n` there are others."""
    return bool(wait.operands) or (len(wait.words) > 1 and wait.start > last_bare)


def _gathers(wait: PlacedCall) -> bool:
    """Whether it waits for several by their numbers: it has the status of the last of them."""
    call, text = wait.call, wait.place.shell.text
    written = (text[word.start : word.end].strip('"') for word in call.words[1:])
    several = len(call.operands) > 1 or any(map(_SEVERAL.fullmatch, written))
    return several and not call.has("n")


def _ends_it(placed: PlacedCall) -> bool:
    """Whether it ends a process on purpose, now or when the step ends."""
    call = placed.call
    return call.program == "kill" or (call.program == "trap" and "kill" in call.text)


def _serves(placed: PlacedCall) -> bool:
    """Whether it is there for the rest of the step, and may be stopped with it."""
    call = placed.call
    if call.program == "ssh" or "ssh" in {w[0].text for w in call.wrappers if w}:
        return call.has("N", "f")
    return call.program in _SERVERS or not _SERVING.isdisjoint(call.operands[:3])


def _never_awaited(placed: PlacedCall) -> Diagnostic:
    return CODE.at(
        placed.span,
        "this is stopped when the step ends: it runs in the background, and nothing waits for it",
        hint=_HINT,
    )


def _status_lost(wait: PlacedCall, lost: Sequence[PlacedCall]) -> Diagnostic:
    """Of all that a bare `wait` waits for: it is the `wait` that has to be written otherwise."""
    names = list(dict.fromkeys(placed.call.words[0].text for placed in lost))
    shown = " and ".join(f"`{name}`" for name in names[:2] if name not in _BEGINNINGS) or "this"
    return CODE.at(
        wait.span,
        f"a failure of {shown if len(names) < 3 else 'these'} goes unnoticed: `wait` without a "
        "process number ends with 0",
        labels=tuple(Label(p.span, "its status is lost") for p in lost[:_SHOWN]),
        hint=_HINT,
    )
