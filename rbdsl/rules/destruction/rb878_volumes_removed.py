"""Volumes, or images to go back to, are removed from a container host.

## Why

`down -v` takes the named volumes with it, and the database lives in one of them. `system prune -a`
removes every image that no container uses at the moment, and the one to go back to is one of
these.

## Bad

```rbplan
phase stop "Stop" {
  budget 1m
  step down "Take it down" {
    run `docker compose -f shop.yml -p shop down -v`
    expect `./gone.sh`
  }
}
```

## Good

```rbplan
phase stop "Stop" {
  budget 1m
  step down "Take it down" {
    run `docker compose -f shop.yml -p shop down --timeout 30`
    expect `./gone.sh`
  }
}
```

## How it can be fooled

Volumes that hold nothing but caches may go. A volume that this plan created is spared, and so is
one behind a copy of its files, by the order of the phases. A dump of the database counts as well,
unless what is taken away are all volumes and they seem to hold more than that: the plan speaks of
uploads, plugins and the like, or drops the database before it reads the dump, which an empty volume
has not got. Where neither is so, other files in these volumes are missed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Plan
from rbdsl.rules.acting import shown
from rbdsl.rules.context import Context
from rbdsl.rules.destruction.programs import VOLUMES
from rbdsl.rules.destruction.removal import Removal, Removals
from rbdsl.rules.effects import restores_over
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB878", "volumes-removed", Severity.WARNING)

_BY_NAME = ("rm", "remove")
_DATABASES = ("sql", "mongo")
_DROPPING = ("dropdb", "pg_restore", "mongorestore", "mysqladmin", "psql", "mysql", "mariadb")
_DROPS = r"(?i)\s*drop\s+database\b"
_FILES = (
    r"(?i)\b(?:uploads?|uploaded|plugins?|attachments?|media|avatars?|pictures?|photos?|documents?"
    r"|recordings?|volumes)\b"
)
"""Words for what an application keeps beside its database."""
PROGRAMS = frozenset(VOLUMES)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    removals = Removals(context)
    drops: list[PlacedCall] | None = None
    for removal in removals.of(VOLUMES, "volumes"):
        placed = removal.placed
        kept = any(removals.backups.before(placed, store) for store in _DATABASES)
        if not kept or "images" in removal.form.loses:
            yield CODE.at(
                placed.span,
                f"{shown(placed.call.text)} takes away {removal.form.loses}",
                hint="leave the volumes where they are, and remove by name what is meant",
            )
        elif _takes_all(removal):
            if drops is None:
                drops = [o for o in removals.order.acting(*_DROPPING) if _drops(o.call)]
            drop = next((o for o in drops if removals.order.before(placed, o)), None)
            if drop or _speaks_of_files(context.plan):
                yield _report(removal, drop)


def _report(removal: Removal, drop: PlacedCall | None) -> Diagnostic:
    placed = removal.placed
    labels = (Label(drop.span, "the database is dropped here anyway"),) if drop else ()
    return CODE.at(
        placed.span,
        f"{shown(placed.call.text)} takes away {removal.form.loses}, and of what is in them only a "
        "database has been kept",
        labels=labels,
        hint="leave the volumes where they are, and drop the database alone; or keep a copy of the "
        "others before",
    )


def _takes_all(removal: Removal) -> bool:
    """Whether it takes volumes away without naming them."""
    return not set(_BY_NAME) & set(removal.placed.call.operands[:2])


def _drops(call: Call) -> bool:
    """Whether it drops a database, for which the volume that holds it would not have to go."""
    if call.program == "dropdb" or (call.program == "mysqladmin" and "drop" in call.operands):
        return True
    if call.program in ("pg_restore", "mongorestore"):
        return restores_over(call)
    return any(re.match(_DROPS, text) for text in (*(w.text for w in call.words), *call.given))


def _speaks_of_files(plan: Plan) -> bool:
    checks = plan.verification
    texts = (
        plan.change,
        plan.note,
        *(checks.confirms if checks else ()),
    )
    return any(re.search(_FILES, text.plain) for text in texts if text)
