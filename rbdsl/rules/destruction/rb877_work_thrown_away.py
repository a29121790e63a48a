"""Files that git does not know, or changes in a working tree, are thrown away.

## Why

`git clean -x` takes what is ignored as well: `.env`, uploads, the database file of a small
application. Changes that somebody made on the server in the night before are in no commit.

## Bad

```rbplan
phase code "Code" {
  budget 1m
  step clean "Clean" { run `git -C /srv/shop clean -fdx`; expect `./served.sh 3.1` }
}
```

## Good

```rbplan
phase code "Code" {
  budget 1m
  step clean "Check out beside" {
    run `git -C /srv/shop worktree add --detach /srv/shop-3.1 4f2a9c1`
    expect `./served.sh 3.1`
  }
}
```

## How it can be fooled

A checkout that nobody works in loses nothing by `reset --hard`: so that is found only when
pedantic findings are asked for. `clean -x` is a warning. A working tree that this plan made is
spared.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import Order, shown
from rbdsl.rules.context import Context
from rbdsl.rules.destruction.created import Created
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB877", "work-thrown-away", Severity.PEDANTIC)

PROGRAMS = ("git",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    order = Order(context)
    created = Created(order)
    for placed in order.acting(*PROGRAMS):
        found = _loses(placed)
        folder = placed.call.value("C")
        if found is None or (folder and created.before(placed, folder)):
            continue
        loses, severity = found
        yield CODE.at(
            placed.span,
            f"{shown(placed.call.text)} throws away {loses}",
            hint="check the version out beside it, and switch over",
            severity=severity,
        )


def _loses(placed: PlacedCall) -> tuple[str, Severity] | None:
    call = placed.call
    match call.operands[:1]:
        case ("clean",) if not call.has("n", "dry-run"):
            if call.has("x", "X"):
                return "what git ignores, too: `.env`, uploads, caches", Severity.WARNING
            return "files that git does not know", Severity.PEDANTIC
        case ("reset",) if call.has("hard"):
            return "changes that are in no commit", Severity.PEDANTIC
        case ("checkout" | "restore",) if call.operands[-1] == "." and not call.has("staged"):
            return "changes that are in no commit", Severity.PEDANTIC
        case ("stash",) if call.operands[1:2] in (("drop",), ("clear",)):
            return "changes that are in no commit", Severity.PEDANTIC
        case _:
            return None
