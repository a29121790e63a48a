"""All that is known of a backup before it is restored is that there is a file.

## Why

`ls -lh` and `test -f` succeed for a file of 0 bytes, half of a dump, or an error page. The restore
finds out, after the old data is gone.

## Bad

```rbplan
capture { step dump "Dump" { creates dump "before.dump"; run `pg_dump -Fc -d shop > "$dump"` } }
phase restore "Restore" {
  budget 3m
  step ready "The backup is there" { uses dump; run `ls -lh "$dump"` }
  step load "Load" { uses dump; run `pg_restore --exit-on-error --clean -d shop "$dump"` }
}
```

## Good

```rbplan
capture { step dump "Dump" { creates dump "before.dump"; run `pg_dump -Fc -d shop > "$dump"` } }
phase restore "Restore" {
  budget 3m
  step ready "The backup can be read" { uses dump; run `pg_restore --list "$dump" > /dev/null` }
  step load "Load" { uses dump; run `pg_restore --exit-on-error --clean -d shop "$dump"` }
}
```

An artifact with `checksum sha256` is compared before anything is touched, and needs no step.

## How it can be fooled

Any other command that names the file may look into it, and silences the rule; so does any
comparison of checksums. Only files that the plan then restores are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.file_programs import Use
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_files import PlacedFile

CODE = Code("RB815", "existence-only", Severity.WARNING)

_PROOFS = {
    "pg_restore": "pg_restore --list {} > /dev/null",
    "mongorestore": "mongorestore --dryRun --archive={}",
    "gunzip": "gzip -t {}",
    "zcat": "gzip -t {}",
}


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each backup that is looked at in that way, at the first look."""
    looks: dict[object, PlacedFile] = {}
    for file in context.files:
        if file.use is Use.LOOK and not file.place.captures:
            looks.setdefault(file.key, file)
    if not looks or any(f.use is Use.PROVE and "sum" in _program(f) for f in context.files):
        return
    summed = {a.path.plain for a in context.plan.artifacts if a.checksum}
    for key, look in looks.items():
        others = [file for file in context.files if file.key == key]
        restores = [f for f in others if f.restored and not f.place.captures]
        known = look.path in summed or any(
            f.use in (Use.PROVE, Use.NAME) or (f.use is Use.READ and f not in restores)
            for f in others
        )
        if restores and not known:
            yield _report(look, restores[0])


def _program(file: PlacedFile) -> str:
    return file.file.call.program if file.file.call else ""


def _report(look: PlacedFile, restore: PlacedFile) -> Diagnostic:
    proof = _PROOFS.get(_program(restore), "sha256sum -c FILE.sha256")
    named = f'"{look.file.path}"' if look.file.path.startswith("$") else look.path
    return CODE.at(
        look.command,
        f"of `{look.path}` only its existence is checked: an empty or damaged file passes",
        labels=(Label(restore.command, "restored here"),),
        hint=f"look into it: `{proof.format(named)}`, or give the artifact a `checksum sha256`",
    )
