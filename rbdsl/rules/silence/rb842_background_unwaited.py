"""A command in the background that nobody waits for, or whose status nobody gets.

## Why

A step ends with its last line, and what it left running is stopped then: a restore behind `&` is
killed in the middle. `wait` without a number waits, but ends with 0 whatever came of it.

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

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall

_MARK = re.compile(r"(?<![&>])&(?![&>])")
CODE = Code("RB842", "background-unwaited", Severity.WARNING)

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
    waits = [placed.call for placed in place.calls if placed.call.program == "wait"]
    ended = max((p.call.start for p in place.calls if _ends_it(p)), default=-1)
    last = max((wait.start for wait in waits), default=-1)
    last_named = max((wait.start for wait in waits if len(wait.words) > 1), default=-1)
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
            yield _report(
                placed,
                "this is stopped when the step ends: it runs in the background, and nothing "
                "waits for it",
            )
        elif last_named < call.start and not call.where:
            yield _report(
                placed,
                "a failure of this goes unnoticed: `wait` without a process number ends with 0",
            )


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


def _report(placed: PlacedCall, fact: str) -> Diagnostic:
    return CODE.at(
        placed.span,
        fact,
        hint='keep its number, `… & pid=$!`, and write `wait "$pid"` where it has to be done',
    )
