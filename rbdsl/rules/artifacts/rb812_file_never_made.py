"""A backup or checksum is read from a file that nothing in the plan writes.

This is about files that are named in shell only; RB801 is about declared artifacts.

## Why

The restore reads a file that somebody must have put there, and no step says who. In the incident it
is missing, or it is the one of the last change. `sha256sum -c` of a list that was never written
fails at once, and takes the restore behind it with it.

## Bad

```rbplan
capture {
  step dump "Dump" { creates dump "before.dump"; run `pg_dump -Fc -d shop > "$dump"` }
}
phase restore "Restore" {
  budget 3m
  step load "Load" {
    uses dump
    run ```
      sha256sum -c before.dump.sha256
      pg_restore --exit-on-error --clean -d shop "$dump"
    ```
  }
}
```

## Good

```rbplan
capture {
  step dump "Dump" {
    creates dump "before.dump" checksum sha256
    run `pg_dump -Fc -d shop > "$dump"`
  }
}
phase restore "Restore" {
  budget 3m
  step load "Load" { uses dump; run `pg_restore --exit-on-error --clean -d shop "$dump"` }
}
```

## How it can be fooled

Files of the repository are read without being written: only names that say that somebody saved
them are looked at (backup, dump, snapshot, baseline, `.sha256`), and only relative paths. A script
that saves files without naming them silences the rule. A step before this plan that leaves such a
file in the folder is a false alarm: `uses` a declared artifact, or write the whole path.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.artifacts.rb814_two_names import pairs
from rbdsl.rules.context import Context
from rbdsl.rules.placed_files import PlacedFile

CODE = Code("RB812", "file-never-made", Severity.WARNING)

_SUMS = (".sha256", ".sha256sum", ".sha512", ".md5", ".md5sum", ".sha1")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such file, at its first use, unless it has another name elsewhere."""
    named_twice = {id(pair.missing) for pair in pairs(context)}
    for file in context.loose_files.missing:
        if id(file) not in named_twice:
            yield _report(context, file)


def _report(context: Context, file: PlacedFile) -> Diagnostic:
    path = file.path
    artifacts = context.plan.artifacts
    summed = next((a for a in artifacts if path.startswith(a.path.plain + ".")), None)
    if summed and path.endswith(_SUMS):
        return CODE.at(
            file.span,
            f"the checksum file `{path}` is read, and nothing writes it",
            labels=(Label(summed.path.span, "the file that it is about"),),
            hint=f"say `creates {summed.name} … checksum sha256`: the script then compares by "
            "itself before anything is touched",
        )
    return CODE.at(
        file.span,
        f"`{path}` is read, and nothing in the plan writes it",
        hint=f"write it in `capture`: `sha256sum FILE > {path}`"
        if path.endswith(_SUMS)
        else f'let a step of `capture` make it: `creates NAME "{path}"`',
    )
