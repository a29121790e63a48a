"""A step says that it uses the dump of the capture, and loads another file.

## Why

The preflight looks for the dump that was made right before the change, and finds it. What is loaded
is an older one, or that of the test: the rows of the day are gone, and the dump that has them lies
beside it, unread.

## Bad

```rbplan
capture { step dump "Dump" { creates dump "a.dump"; run `pg_dump -Fc -d shop -f "$dump"` } }
phase data "Data" {
  budget 3m
  step load "Load" { uses dump; run `pg_restore --exit-on-error -d old /backup/shop-1704.dump` }
}
```

## Good

```rbplan
capture { step dump "Dump" { creates dump "a.dump"; run `pg_dump -Fc -d shop -f "$dump"` } }
phase data "Data" {
  budget 3m
  step load "Load" { uses dump; run `pg_restore --exit-on-error -d old "$dump"` }
}
```

## How it can be fooled

By a name that is put together when the step runs. A file that is named somewhere else in the plan,
such as a copy of the dump on the server, is spared, and so is a step that reads the variable of the
dump anywhere, or loads a script of SQL. A name with `latest` or `nightly` in it is RB861's.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.steps import Artifact
from rbdsl.rules.aim.latest import is_moving
from rbdsl.rules.context import Context
from rbdsl.rules.effects import dumps
from rbdsl.rules.placed_calls import Role
from rbdsl.rules.placed_files import PlacedFile
from rbdsl.rules.shell_text import variables_read

CODE = Code("RB953", "another-copy-restored", Severity.WARNING)

_READERS = ("pg_restore", "mongorestore")
_NAMED = r"(?i)back[-_]?up|dump|snapshot|\.(?:gz|zst|xz|bz2|bak)\Z"
"""In the names of files that hold data."""
PARTS = ("capture",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each file that is loaded so."""
    captured = _captured(context)
    if not captured:
        return
    named: dict[str, set[int]] = {}
    paths = {posixpath.normpath(artifact.path.plain) for artifact in context.plan.artifacts}
    for file in context.files:
        step = file.place.step
        if file.place.role is not Role.RUN or not file.place.phase or step is None:
            continue
        said = [captured[name.text] for name in step.uses if name.text in captured]
        if not said or not file.restored or not _is_dump(file):
            continue
        read = {name for shell in step.shells for name in variables_read(shell.text)}
        path = file.place.settled(file.file.path)
        known = (
            posixpath.normpath(path) in paths or is_moving(path) or not {"$", "*"}.isdisjoint(path)
        )
        if known or any(artifact.name.shell in read for artifact in said):
            continue
        named = named or _places_by_name(context)
        if named[posixpath.basename(path)] <= {id(file.place)}:
            yield CODE.at(
                file.span,
                f"`{step.name}` uses `{said[0].name}`, and loads `{path}`: what was captured "
                "before the change is not read",
                labels=(Label(said[0].name.span, "this one was captured"),),
                hint=f'load `"${said[0].name.shell}"`',
            )


def _captured(context: Context) -> dict[str, Artifact]:
    """The dumps of databases that the capture makes, by their names."""
    return {
        artifact.name.text: artifact
        for place in context.places
        if place.captures and place.step and place.step.creates and place.role is Role.RUN
        if any(dumps(placed.call) for placed in place.calls)
        for artifact in place.step.creates
    }


def _is_dump(file: PlacedFile) -> bool:
    """Whether a file holds data by its reader or its name; a script of SQL may do anything."""
    reader = file.reader.program if file.reader else ""
    return reader in _READERS or re.search(_NAMED, file.place.settled(file.file.path)) is not None


def _places_by_name(context: Context) -> dict[str, set[int]]:
    """In which pieces of shell files of a name are named."""
    found: dict[str, set[int]] = defaultdict(set)
    for file in context.files:
        found[posixpath.basename(file.place.settled(file.file.path))].add(id(file.place))
    return found
