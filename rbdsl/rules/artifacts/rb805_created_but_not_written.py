"""A step says that it creates an artifact, and never mentions it.

## Why

The path of the artifact is in the shell variable of its name. A step that does not use the
variable writes somewhere else, or nothing; the run then fails, because the file is not there.

## Bad

```rbplan
capture { step dump "Dump" { creates dump "before.dump"; run `pg_dump shop > before.dump` } }
phase restore "Restore" { budget 3m; step load "Load" { uses dump; run `./load.sh "$dump"` } }
```

## Good

```rbplan
capture { step dump "Dump" { creates dump "before.dump"; run `pg_dump shop > "$dump"` } }
phase restore "Restore" { budget 3m; step load "Load" { uses dump; run `./load.sh "$dump"` } }
```

## How it can be fooled

By a mention that only reads. A script that finds the variable in its environment is a false alarm:
hand it the path as an argument, which the reader of the plan sees too.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context

CODE = Code("RB805", "created-but-not-written", Severity.WARNING)

PARTS = ("artifacts",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such artifact."""
    for step, reads in context.step_reads:
        for artifact in step.creates:
            if artifact.name.shell in reads:
                continue
            path = artifact.path.plain
            literal = step.run is not None and path in step.run.text
            labels = (
                [Label(step.run.span, f"writes `{path}` into the current folder")]
                if literal and step.run
                else []
            )
            yield CODE.at(
                artifact.name.span,
                f"step `{step.name}` creates `{artifact.name}`, and its command never mentions "
                f"`${artifact.name.shell}`",
                labels=labels,
                hint=f'write to `"${artifact.name.shell}"`, which holds the path of the artifact',
            )
