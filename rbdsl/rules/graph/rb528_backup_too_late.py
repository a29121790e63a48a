"""A backup is taken after the change that it is to protect from.

## Why

It holds what the change has left. Whoever needs it restores the damage.

## Bad

```rbplan
phase database "Database" {
  budget 5m
  step clean "Clean" { run `psql -v ON_ERROR_STOP=1 -d shop -c 'DELETE FROM vouchers WHERE new'` }
  step save "Backup before we go on" { run `pg_dump -Fc -d shop -f /srv/backups/shop.dump` }
}
```

## Good

```rbplan
phase database "Database" {
  budget 5m
  step save "Backup before we go on" { run `pg_dump -Fc -d shop -f /srv/backups/shop.dump` }
  step clean "Clean" { run `psql -v ON_ERROR_STOP=1 -d shop -c 'DELETE FROM vouchers WHERE new'` }
}
```

## How it can be fooled

The step, its title or its file must say that it is a backup, or from before. A dump of the same
database that was made before, also in `capture`, silences it: the second one may be meant for
later. A backup of the old state that is to be the next one's is a false alarm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.effects import DUMPING, comes_before, database, dumps, in_phases, mutates
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB528", "backup-too-late", Severity.WARNING)

_PROTECTS = r"(?i)back-?\s?up|\bbefore\b|\bpre[-_]|safety|save\b"
_AFTERWARDS = r"(?i)\bafter|\bpost[-_]|next|nightly|verif"
PROGRAMS = DUMPING


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such dump."""
    taken = [call for call in context.calls if dumps(call.call)]
    changes = [call for call in in_phases(context) if mutates(call.call)] if taken else []
    for call in taken if changes else ():
        if call.place.phase is None or not _protects(call):
            continue
        name = database(call.call)
        before = [c for c in changes if database(c.call) in ("", name) or not name]
        change = next((c for c in before if comes_before(context, c, call)), None)
        saved = any(
            other.place.captures or comes_before(context, other, change)
            for other in taken
            if change and other is not call and database(other.call) == name
        )
        if change and not saved:
            yield CODE.at(
                call.span,
                "this backup is taken after the change that it is to protect from",
                labels=(Label(change.span, "changes what is saved too late"),),
                hint="take it before, best in `capture`, before the rollback begins",
            )


def _protects(call: PlacedCall) -> bool:
    step = call.place.step
    words = f"{step.name} {step.title} {call.call.text}" if step else call.call.text
    return re.search(_PROTECTS, words) is not None and re.search(_AFTERWARDS, words) is None
