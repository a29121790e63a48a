"""At level 3 and above, an artifact that the rollback reads has no checksum.

## Why

A file that exists may still be half of a dump, the dump of last month, or an HTML page with an
error. Without a checksum that is found out by the restore, after the old data is gone.

## Bad

```rbplan
level 3
capture { step dump "Dump" { creates dump "before.dump"; run `./dump.sh "$dump"` } }
phase restore "Restore" { budget 3m; step load "Load" { uses dump; run `./load.sh "$dump"` } }
```

## Good

```rbplan
level 3
capture { step dump "Dump" { creates dump "before.dump" checksum sha256; run `./dump.sh "$dump"` } }
phase restore "Restore" { budget 3m; step load "Load" { uses dump; run `./load.sh "$dump"` } }
```

## How it can be fooled

A checksum is taken of whatever was written, good or bad: only a restore proves a backup.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.results import Status
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context

CODE = Code("RB807", "no-checksum", Severity.WARNING)

_FROM_LEVEL = 3
PARTS = ("artifacts",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each artifact that a phase reads, unless RB412 reports it."""
    plan = context.plan
    reported = any(
        r.code == "RB412" and r.status is not Status.PROVEN for r in context.analysis.requirements
    )
    if plan.level.number < _FROM_LEVEL or reported:
        return
    readers = {name.text: name for p in plan.phases for step in p.all_steps for name in step.uses}
    for artifact in plan.artifacts:
        if not artifact.checksum and artifact.name.text in readers:
            yield CODE.at(
                artifact.name.span,
                f"artifact `{artifact.name}` is read without a checksum: only its existence is "
                "known",
                labels=(Label(readers[artifact.name.text].span, "read here"),),
                hint="add `checksum sha256`",
            )
