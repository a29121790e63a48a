"""A value is kept from before the change, and the rollback itself destroys what it measures.

## Why

The number of sessions is noted before the change, to see afterwards that users are still there.
Then the rollback empties the cache that holds the sessions. The comparison can only fail, or
nobody makes it; and every user has been logged out.

## Bad

```rbplan
capture {
  step sessions "Count of sessions" { run `redis-cli -h cache INFO | grep connected_clients` }
}
phase cache "Cache" { budget 1m; step flush "Flush" { run `redis-cli -h cache FLUSHDB` } }
```

## Good

```rbplan
capture {
  step sessions "Count of sessions" { run `redis-cli -h sessions INFO | grep connected_clients` }
}
phase cache "Cache" { budget 1m; step flush "Flush" { run `redis-cli -h cache FLUSHDB` } }
```

## How it can be fooled

Both commands must name the same server, database or queue, or none. Known are Redis, memcached,
RabbitMQ and the tables of a `TRUNCATE`, but for those that are filled again in the same breath.
Whether sessions and cache share a server under two names
can't be seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall, Role

CODE = Code("RB817", "baseline-destroyed", Severity.WARNING)

_COUNTS_KEYS = frozenset(["info", "dbsize", "keys", "scan", "scard", "llen", "zcard", "hlen"])
_NOT_ABOUT_KEYS = r"role|version|replica|master|uptime|maxmemory|config"
_COUNTED = r"(?i)\bcount\s*\(.*?\bfrom\s+([\w.\"]+)"
_FILLED = r"(?i)\b(?:insert\s+into|copy)\s+([\w.\"]+)"
_EMPTIED = r"(?i)\btruncate\s+(?:table\s+)?(?:only\s+)?([\w.\"]+)"
PROGRAMS = ("redis-cli", "valkey-cli", "rabbitmqctl", "psql", "mysql", "mariadb")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each measurement whose subject a step of a phase empties."""
    if context.calls_by_program.keys().isdisjoint(PROGRAMS):
        return
    measured = [
        (call, what) for call in context.calls if call.place.captures for what in _measures(call)
    ]
    if not measured:
        return
    emptied = [
        (call, what)
        for call in context.calls
        if call.place.phase is not None and call.place.role is Role.RUN
        for what in _empties(call)
    ]
    for call, what in measured:
        by = next((other for other, gone in emptied if gone == what), None)
        if by is not None:
            yield _report(call, by, what[0])


def _measures(call: PlacedCall) -> Iterator[tuple[str, ...]]:
    """What a command of the capture measures: the kind of system, and which one."""
    one = call.call
    match one.program:
        case "redis-cli" | "valkey-cli":
            verb = one.operands[0].lower() if one.operands else ""
            rest = " ".join(one.operands[1:]) + _behind(call)
            if verb in _COUNTS_KEYS and not re.search(_NOT_ABOUT_KEYS, rest):
                yield "redis", *_server(one)
        case "rabbitmqctl":
            if one.operands[:1] == ("list_queues",):
                yield "rabbitmq", *one.where
        case "psql" | "mysql" | "mariadb":
            for table in _tables(call, _COUNTED):
                yield f"table `{table}`", one.program


def _empties(call: PlacedCall) -> Iterator[tuple[str, ...]]:
    """What a command of a phase empties, in the same words."""
    one = call.call
    match one.program:
        case "redis-cli" | "valkey-cli":
            if {"flushdb", "flushall"} & {text.lower() for text in (*one.operands, *one.given)}:
                yield "redis", *_server(one)
        case "rabbitmqctl":
            if one.operands[:1] == ("purge_queue",):
                yield "rabbitmq", *one.where
        case "psql" | "mysql" | "mariadb":
            filled_again = _tables(call, _FILLED)
            for table in _tables(call, _EMPTIED):
                if table in filled_again:
                    continue
                yield f"table `{table}`", one.program


def _server(call: Call) -> tuple[str, ...]:
    """The server and its database, as far as they are named."""
    options = (("h",), ("p",), ("n",), ("u",))
    return (*(call.value(*names) or "" for names in options), *call.where)


def _behind(call: PlacedCall) -> str:
    """The words of the commands that its output is piped into."""
    one = call.call
    later = (
        other.call
        for other in call.place.calls
        if other.call.pipe == one.pipe and other.call.stage > one.stage
    )
    return " ".join(other.text.lower() for other in later) if len(one.pipe) > 1 else ""


def _tables(call: PlacedCall, pattern: str) -> list[str]:
    texts = (*call.texts, *(call.filled(text) for text in call.call.given))
    return [found for text in texts for found in re.findall(pattern, text)]


def _report(call: PlacedCall, by: PlacedCall, what: str) -> Diagnostic:
    program = by.call.program
    words = " ".join(w for w in by.call.operands[:1]) if what in ("redis", "rabbitmq") else ""
    destroys = f"`{program} {words}`" if words else f"`{program}`"
    return CODE.at(
        call.span,
        f"what this measures is destroyed by the rollback itself: {destroys} empties "
        + (what if what.startswith("table") else "it"),
        labels=(Label(by.span, "destroyed here"),),
        hint="remove only what the new version wrote, e.g. by its prefix, or measure what is left "
        "after the rollback",
    )
