"""A reload or restart forgets what was set in the running program before.

## Why

`set server … state maint` over the socket of HAProxy, `CONFIG SET` of Redis, a rule of `iptables`:
they hold until the program starts from its file again. A step that takes the bad servers out and a
later one that reloads the proxy undo each other: the servers are back in rotation, and the check
that saw them in maintenance has been green before.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step out "Take v2 out" {
    run `echo "set server api/v2 state maint" | socat -t 3 stdio /run/haproxy/admin.sock`
  }
  step reload "Old routes" { run `install -m 644 old.map routes.map && systemctl reload haproxy` }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step reload "Old routes" { run `install -m 644 old.map routes.map && systemctl reload haproxy` }
  step out "Take v2 out" {
    run `echo "set server api/v2 state maint" | socat -t 3 stdio /run/haproxy/admin.sock`
  }
}
```

## How it can be fooled

By a file of states that the program reads (`load-server-state-from-file`). A plan that keeps the
state (`CONFIG REWRITE`, `iptables-save`), writes the file of the program, sets the same again
behind the reload, or sets it back anywhere behind, is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.acting import shown
from rbdsl.rules.context import Context
from rbdsl.rules.effects import comes_before, in_phases
from rbdsl.rules.graph.runtime_state import KINDS, Kind, forgets, may_keep, said
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB542", "runtime-state-forgotten", Severity.WARNING)

PROGRAMS = frozenset(program for kind in KINDS for program in kind.programs)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each kind of state, at the first call that forgets it."""
    for kind in KINDS:
        if not context.acting.keys().isdisjoint(kind.programs):
            yield from _of(context, kind)


def _of(context: Context, kind: Kind) -> Iterator[Diagnostic]:
    calls = list(in_phases(context))
    using = [placed for placed in calls if placed.call.program in kind.programs]
    setting = [placed for placed in using if re.search(kind.sets, said(placed))]
    if not setting:
        return
    forgetting = [placed for placed in calls if forgets(kind, placed)]
    if not forgetting or any(may_keep(kind, placed) for placed in context.calls):
        return
    back = [placed for placed in using if re.search(kind.back, said(placed))]
    first, last = setting[0], setting[-1]
    if any(comes_before(context, first, placed) for placed in back):
        return
    for placed in forgetting:
        if not comes_before(context, first, placed) or comes_before(context, placed, last):
            continue
        if _may_be_there(first, placed):
            yield _report(kind, first, placed)
            return


def _may_be_there(one: PlacedCall, other: PlacedCall) -> bool:
    """Whether two calls may be about the same host: what a variable holds is not known."""
    here, there = one.call.where, other.call.where
    return here == there or any("$" in place for place in (*here, *there))


def _report(kind: Kind, setting: PlacedCall, forgetting: PlacedCall) -> Diagnostic:
    match = re.search(kind.sets, said(setting))
    what = shown(match[0]) if match else shown(setting.call.text)
    return CODE.at(
        forgetting.span,
        f"this starts from the file again, and forgets what was set over {kind.where} before: "
        f"{what}",
        labels=(Label(setting.span, "set only in what runs"),),
        hint="set it behind this, or write it into the file, too",
    )
