"""The path of an artifact holds shell, which is not run there.

## Why

A path is a name, and is taken as it stands: `backup-$(date +%F).dump` is a file called just that.
And a name that changes from day to day could not be found again when the dump is needed; the
folder of a capture is its own anyway.

## Bad

```rbplan
capture { step dump "Dump" { creates dump "backup-$(date +%F).dump"; run `./dump.sh "$dump"` } }
phase restore "Restore" { budget 3m; step load "Load" { uses dump; run `./load.sh "$dump"` } }
```

## Good

```rbplan
capture { step dump "Dump" { creates dump "backup.dump"; run `./dump.sh "$dump"` } }
phase restore "Restore" { budget 3m; step load "Load" { uses dump; run `./load.sh "$dump"` } }
```

## How it can be fooled

It can't be: `$(`, backticks, `*`, `?` and `~` at the start have no other use in a path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context

CODE = Code("RB809", "shell-in-path", Severity.ERROR)

_SHELL = r"\$\(|`|[*?]|^~"
PARTS = ("artifacts",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such artifact."""
    for artifact in context.plan.artifacts:
        found = re.search(_SHELL, artifact.path.plain)
        if found:
            yield CODE.at(
                artifact.path.span,
                f"`{found[0]}` in the path of `{artifact.name}` is not run: it is part of the name",
                hint="give the file a fixed name",
            )
