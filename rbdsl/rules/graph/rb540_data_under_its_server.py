"""The files of a server are put back while it runs, and it is restarted only then.

## Why

A server that runs has its data in memory, and writes it when it stops. Redis saves `dump.rdb` over
the one that was just put there, and comes up with the data that were to go; a database mixes the
pages that it still holds with those of the copy, and finds its files damaged. The restart reports
success.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step load "Load" {
    run    `cp /backup/dump.rdb /var/lib/redis/dump.rdb && systemctl restart redis`
    expect `redis-cli dbsize` matches "^[1-9]"
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step load "Load" {
    run ```
      systemctl stop redis
      cp /backup/dump.rdb /var/lib/redis/dump.rdb
      systemctl start redis
    ```
    expect `redis-cli dbsize` matches "^[1-9]"
  }
}
```

## How it can be fooled

It is reported where a restart that names the server follows in the order of the run, and nothing
before it stops anything at all. The files are known by their usual places, and those of SQLite by
the folder that has the name of the unit. A server whose files lie elsewhere is not seen.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.record import dataclass
from rbdsl.rules.acting import Order
from rbdsl.rules.context import Context
from rbdsl.rules.graph.data_files import WRITING, Store, store_written
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB540", "data-under-its-server", Severity.WARNING)

_STOPS = lazy_pattern(
    r"(?i)\b(?:stop|shutdown|halt|nosave|down|kill|quiesce|fsfreeze|pause|drain|mask|evict)\b"
    r"|replicas[= ]0\b|--now\b|no-start|manifests"
)
_KILLING = frozenset(["kill", "pkill", "killall", "fuser"])
_RESTARTS = ("systemctl", "service", "docker", "docker-compose", "podman", "kubectl", "oc",
    "rc-service", "supervisorctl", "pg_ctlcluster", "pg_ctl")  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Put:
    """A call that puts the data of a server in place, where nothing has been stopped before."""

    placed: PlacedCall
    store: Store
    path: str


PROGRAMS = frozenset(WRITING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each restart, with the first file that it comes too late for."""
    if context.acting.keys().isdisjoint(WRITING):
        return
    order = Order(context)
    found = ((p, store_written(p)) for p in order.acting(*WRITING))
    put = [_Put(p, *written) for p, written in found if written]
    restarts = [p for p in order.acting(*_RESTARTS) if _restarts(p)] if put else []
    if not restarts:
        return
    stops = _first_stops(order)
    under = [one for one in put if not any(order.before(stop, one.placed) for stop in stops)]
    for restart in restarts:
        names = [word.lower() for word in restart.texts[1:]]
        for one in under:
            if one.store.is_named(names) and order.before(one.placed, restart):
                yield _report(restart, one)
                break


def _first_stops(order: Order) -> list[PlacedCall]:
    """The first call of each piece of shell that may stop something."""
    first: dict[int, PlacedCall] = {}
    for placed in order.acting():
        if id(placed.place) not in first and _stops(placed):
            first[id(placed.place)] = placed
    return list(first.values())


def _restarts(placed: PlacedCall) -> bool:
    """Whether it stops what runs, and starts it again."""
    call = placed.call
    if call.program in ("kubectl", "oc"):
        return call.operands[:2] in (("rollout", "restart"), ("delete", "pod"), ("delete", "pods"))
    return "restart" in call.operands or "force-reload" in call.operands


def _stops(placed: PlacedCall) -> bool:
    call = placed.call
    return call.program in _KILLING or _STOPS.search(" ".join(placed.texts)) is not None


def _report(restart: PlacedCall, put: _Put) -> Diagnostic:
    name = posixpath.basename(put.path.rstrip("/")) or put.path
    comes = (
        f"it saves its own `{name}` over the one that was put there, and comes up with that"
        if put.store.saves
        else "what it still holds is written into them, and they may be damaged"
    )
    return CODE.at(
        restart.span,
        f"the server ran while its files were replaced, and stops only here: {comes}",
        labels=(Label(put.placed.span, f"`{name}` is put in place under it"),),
        hint="stop it before the files are replaced, and start it behind that",
    )
