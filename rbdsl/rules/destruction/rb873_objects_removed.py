"""Objects or files are removed in number, and nothing has kept them before.

## Why

`rm --recursive` with one slash too few takes another prefix with it, and `sync --delete` removes
everything that the source lacks: all of it where the source is empty, because its folder had
another name.

## Bad

```rbplan
phase assets "Assets" {
  budget 2m
  step back "Put the assets back" {
    run `aws s3 sync --delete before/ s3://shop-assets/`
    expect `./assets-are.sh 3.1`
  }
}
```

## Good

```rbplan
capture {
  step keep "Keep what is there" { run `aws s3 sync s3://shop-assets/ s3://shop-assets-kept/3.1/` }
}
phase assets "Assets" {
  budget 2m
  step back "Put the assets back" {
    run `aws s3 sync --delete s3://shop-assets-kept/3.1/ s3://shop-assets/`
    expect `./assets-are.sh 3.1`
  }
}
```

## How it can be fooled

`rsync --delete` is how releases are laid out, and only an info. A bucket with versions keeps what
is deleted. A copy of it that is made before, by the order of the phases, spares the finding, and so
does one of which a variable says what it is a copy of; so does `--dryrun`.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import shown
from rbdsl.rules.context import Context
from rbdsl.rules.destruction.programs import OBJECTS
from rbdsl.rules.destruction.removal import Removals

CODE = Code("RB873", "objects-removed", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    for removal in Removals(context).of(OBJECTS, "objects", "files"):
        yield CODE.at(
            removal.placed.span,
            f"{shown(removal.placed.call.text)} takes away {removal.form.loses}, and nothing has "
            "kept it before",
            severity=Severity.INFO if removal.placed.call.program == "rsync" else None,
            hint="copy it elsewhere in `capture`, or leave out what deletes",
        )
