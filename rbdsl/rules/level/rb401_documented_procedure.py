"""The plan has no documented procedure (level 2 and above).

It says what it changes (`change`), and every phase has something to do.

## Why

A rollback is run by whoever is awake. Without a word about the change they can't tell whether
this is the plan for what has broken, and a phase with nothing in it is a step that someone meant
to write down.

## Bad

```rbplan
level 2
phase restore "Restore" { budget 5m }
```

## Good

```rbplan
level 2
change "Deploys API v2.1; this brings v2.0.8 back"
phase restore "Restore" { budget 5m; step load "Load" { run `./load.sh` } }
```

## How it can be fooled

By words that say nothing. The compiler can't read them.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.level.report import report

CODE = Code("RB401", "documented-procedure", Severity.ERROR)


def check(context: Context) -> Iterator[Diagnostic]:
    """The requirement `documented-procedure` of the level's policy."""
    return report(CODE, context)
