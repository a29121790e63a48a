"""A snapshot of Redis is put in place, and Redis starts from its append-only file instead.

## Why

With `appendonly yes` Redis reads the append-only file and nothing else: `dump.rdb` beside it is
not looked at, and is overwritten by the next save. The data of the change are all back, and a check
that only asks whether there are keys is content.

## Bad

```rbplan
capture { fact "Redis" is "7.2, appendonly yes, data in /var/lib/redis" }
phase sessions "Sessions" {
  budget 3m
  step load "Load" {
    timeout 2m
    run ```
      systemctl stop redis
      install -o redis -g redis -m 0640 /backup/sessions.rdb /var/lib/redis/dump.rdb
      systemctl start redis
    ```
    expect `./sessions-are-old.sh`
  }
}
```

## Good

```rbplan
capture { fact "Redis" is "7.2, appendonly yes, data in /var/lib/redis" }
phase sessions "Sessions" {
  budget 3m
  step load "Load" {
    timeout 2m
    run ```
      systemctl stop redis
      mv /var/lib/redis/appendonlydir /var/lib/redis/appendonlydir.new
      install -o redis -g redis -m 0640 /backup/sessions.rdb /var/lib/redis/dump.rdb
      ./load-with-appendonly-no.sh /var/lib/redis
      systemctl start redis
    ```
    expect `./sessions-are-old.sh`
  }
}
```

Moving the append-only files away is not enough: Redis then starts empty. It has to load the
snapshot with `appendonly no`, and to be told `config set appendonly yes` afterwards.

## How it can be fooled

Whether Redis has an append-only file only its configuration knows. It is a warning where a text of
the plan says so (`appendonly yes`, AOF), else an information; any command that speaks of it
(`appendonlydir`, `--appendonly no`, `config get appendonly`) counts as having thought of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.values import Text
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.effects import in_phases
from rbdsl.rules.graph.data_files import WRITING, store_written

CODE = Code("RB543", "snapshot-never-read", Severity.WARNING)

_SNAPSHOT = lazy_pattern(r"\.rdb\Z")
_APPENDS = lazy_pattern(r"(?i)append-?only|\baof\b")
_OFF = lazy_pattern(
    r"(?i)append-?only[\"'\s:=]*(?:is )?(?:no\b|off|false)|\b(?:no|without) (?:an )?aof\b"
)
PROGRAMS = frozenset(WRITING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each snapshot that is put in place."""
    if context.acting.keys().isdisjoint(WRITING):
        return
    written = [
        (placed, store)
        for placed in in_phases(context)
        if placed.call.program in WRITING
        and (store := store_written(placed)) is not None
        and _SNAPSHOT.search(store[1])
    ]
    if not written or any(_APPENDS.search(p.call.text) for p in context.calls):
        return
    told = next((text for text in _texts(context) if _APPENDS.search(text.plain)), None)
    if told is not None and _OFF.search(told.plain):
        return
    for placed, (_, path) in written:
        name = path.rpartition("/")[2]
        yield CODE.at(
            placed.span,
            "with `appendonly yes` Redis starts from its append-only file and never reads "
            f"`{name}`: the data of the change are all back",
            labels=(Label(told.span, "it has one"),) if told else (),
            hint="load it with `--appendonly no`, then `config set appendonly yes`"
            if told
            else "ask `config get appendonly` in `capture`, or say in a fact that it is `no`",
            severity=Severity.WARNING if told else Severity.INFO,
        )


def _texts(context: Context) -> Iterator[Text]:
    """What the plan says to people of how things are."""
    plan = context.plan
    yield from (fact.value for fact in (plan.capture.facts if plan.capture else ()))
    yield from (fact.label for fact in (plan.capture.facts if plan.capture else ()))
    yield from (text for text in (plan.change, plan.note) if text)
    for phase in plan.phases:
        notes = (phase.note, *(step.note for step in phase.all_steps))
        yield from (note for note in notes if note)
