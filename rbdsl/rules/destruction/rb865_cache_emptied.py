"""A whole cache is emptied, and not only what the change wrote.

## Why

`FLUSHALL` takes every database of the server, `FLUSHDB` all of one: sessions, locks, queues and
counters too. Everybody is logged out, and the databases behind the cache get all requests at
once, in the middle of the incident.

## Bad

```rbplan
phase cache "Cache" {
  budget 1m
  step flush "Flush" { run `redis-cli -h cache FLUSHALL`; expect `./cache-answers.sh` }
}
```

## Good

```rbplan
phase cache "Cache" {
  budget 1m
  step drop "Drop what v2 wrote" {
    run `redis-cli -h cache --scan --pattern 'auth:v2:*' | xargs -r redis-cli -h cache unlink`
    expect `./cache-answers.sh`
  }
}
```

## How it can be fooled

A `FLUSHDB` that names its database (`-n 3`, `redis://cache/3`) is believed to mean it, and so is
one behind a dump of the server (`redis-cli --rdb`). A cache that holds nothing but what can be
computed again may be emptied: allow it, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.analysis.arguments import arguments
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.acting import Order
from rbdsl.rules.context import Context
from rbdsl.rules.destruction.backups import Backups
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB865", "cache-emptied", Severity.WARNING)

_CLIENTS = frozenset(["redis-cli", "valkey-cli", "keydb-cli"])
_SENDERS = frozenset(["nc", "ncat", "netcat", "socat", "telnet"])
_FLUSHES = ("flushall", "flushdb", "flush_all")
_DATABASE = r"://[^/]+/\d"
PROGRAMS = _CLIENTS | _SENDERS


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    order = Order(context)
    backups = Backups(context, order)
    for placed in order.acting(*PROGRAMS):
        word = _flush(placed)
        if not word or backups.before(placed, "redis"):
            continue
        if word.lower() == "flushdb" and _names_database(placed):
            continue
        all_of = "one database" if word.lower() == "flushdb" else "the whole server"
        yield CODE.at(
            placed.span,
            f"`{word}` empties {all_of}: also sessions, locks and queues that the change did not "
            "write",
            labels=_measured(context, order, placed),
            hint="drop the keys of the change alone: "
            "`redis-cli --scan --pattern 'auth:v2:*' | xargs -r redis-cli unlink`",
        )


def _flush(placed: PlacedCall) -> str:
    """The word that empties, as written; also one of a here-document or `echo … |`."""
    said = re.split(r"(?:\s|\\[rn])+", " ".join((*placed.texts[1:], *placed.call.given)))
    return next((word for word in said if word.lower() in _FLUSHES), "")


def _names_database(placed: PlacedCall) -> bool:
    read = arguments(placed.call, "hpsanuirdtkX", ("user", "pass"))
    addresses = [placed.filled(value) for value, _ in read.values("u")]
    return read.has("n") or any(re.search(_DATABASE, a) or "$" in a for a in addresses)


def _measured(context: Context, order: Order, placed: PlacedCall) -> list[Label]:
    """What the capture asks the same server, and is not there to compare with any more."""
    return [
        Label(other.span, "counted before the change, and gone after this")
        for other in context.calls
        if other.place.captures
        and other.call.program in _CLIENTS
        and other is not placed
        and order.before(other, placed)
    ][:1]
