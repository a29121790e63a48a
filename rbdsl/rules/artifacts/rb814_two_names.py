"""The same file has two names: one is written, the other one is read.

## Why

The backup is `backup-pre-v2.1.dump` where it is made and `backup.dump` where it is restored. Each
line is right by itself, so that nobody sees it, and the restore does not find its file.

## Bad

```rbplan
capture { step dump "Dump" { run `pg_dump -Fc -d shop > backup-pre-v2.1.dump` } }
phase restore "Restore" {
  budget 3m
  step load "Load" { run `pg_restore --exit-on-error --clean -d shop backup.dump` }
}
```

## Good

```rbplan
capture {
  step dump "Dump" { creates dump "backup.dump"; run `pg_dump -Fc -d shop > "$dump"` }
}
phase restore "Restore" {
  budget 3m
  step load "Load" { uses dump; run `pg_restore --exit-on-error --clean -d shop "$dump"` }
}
```

## How it can be fooled

The two names must have the same ending and begin with the same word, or be spelled almost alike,
and one of them must be read and never written, the other written and never read. A file that a
`fact` names and that no step makes counts as well, where an artifact has such a name. Two files
that are both there are then a false alarm, which is rare.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.steps import Artifact
from rbdsl.record import dataclass
from rbdsl.rules.context import Context
from rbdsl.rules.loose_files import alike
from rbdsl.rules.placed_files import PlacedFile

CODE = Code("RB814", "two-names", Severity.WARNING)

_FILE = r"[\w.+-]+\.(?:sql|dump|bak|rdb|archive|tar|tgz|gz|zst|ya?ml|json|tfstate)(?:\.\w+)?\b"


@dataclass(frozen=True, slots=True)
class Pair:
    """A file that is read and never written, and what looks like it under another name."""

    missing: PlacedFile
    made: PlacedFile | Artifact


def pairs(context: Context) -> tuple[Pair, ...]:
    """The files of a plan that have two names."""
    found = context.loose_files
    return tuple(pair for file in found.missing if (pair := _pair(context, file)))


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each file that is read under a name that it was not written under."""
    for pair in pairs(context):
        made = pair.made
        path = made.path.plain if isinstance(made, Artifact) else made.path
        span = made.path.span if isinstance(made, Artifact) else made.span
        yield CODE.at(
            pair.missing.span,
            f"`{pair.missing.path}` is read, and what is written is called `{path}`",
            labels=(Label(span, "the name that it is written under"),),
            hint=f'read `"${made.name.shell}"`, which holds its path'
            if isinstance(made, Artifact)
            else f'declare it (`creates NAME "{path}"`) and use `"$NAME"` in both places',
        )
    yield from _facts(context)


def _pair(context: Context, file: PlacedFile) -> Pair | None:
    for other in context.loose_files.unused:
        if alike(file.path, other.path):
            return Pair(file, other)
    used = {name.text for step in context.plan.steps() for name in step.uses}
    for artifact in context.plan.artifacts:
        if artifact.name.text not in used and alike(file.path, artifact.path.plain):
            return Pair(file, artifact)
    return None


def _facts(context: Context) -> Iterator[Diagnostic]:
    """Facts that name a file which no step makes, where one of such a name is made."""
    capture = context.plan.capture
    artifacts = [a for step in capture.steps for a in step.creates] if capture else []
    paths = {artifact.path.plain for artifact in context.plan.artifacts}
    for fact in capture.facts if capture else ():
        for name in re.findall(_FILE, fact.value.plain):
            if name in paths or any(name in file.path for file in context.files):
                continue
            other = next((a for a in artifacts if alike(name, a.path.plain)), None)
            if other:
                yield CODE.at(
                    fact.value.span,
                    f"this names `{name}`, and what is captured is called `{other.path.plain}`",
                    labels=(Label(other.path.span, "the name that it is written under"),),
                    hint=f"name the file that is made: `{other.path.plain}`",
                )
