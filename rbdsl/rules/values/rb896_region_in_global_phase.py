"""A step of a `global` phase looks at `$region`.

## Why

A phase that is `global` runs once, and in no region: `$region` is empty there. The command goes to
another cluster than the one that was meant, or to the default one.

## Bad

```rbplan
regions { wave eu-west-1; wave us-east-1 }
phase announce "Announce" {
  global
  budget 1m
  step tell "Tell" { timeout 10s; run `./announce.sh "$region"` }
}
```

## Good

```rbplan
regions { wave eu-west-1; wave us-east-1 }
phase announce "Announce" {
  budget 1m
  step tell "Tell" { timeout 10s; run `./announce.sh "$region"` }
}
```

## How it can be fooled

By `${region:-all}`, which says what is meant there, and is left alone. It is sure of what it finds.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.shell_variables import variables
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.values.environment import shells

CODE = Code("RB896", "region-in-global-phase", Severity.ERROR)

PARTS = ("regions",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each reading."""
    if not context.plan.regions:
        return
    regional = {a.name.shell for a in context.plan.artifacts if _names_region(a.path.plain)}
    for place in shells(context):
        if not place.phase or not place.phase.run_once:
            continue
        found = variables(place.shell.text)
        for reading in found.readings:
            if reading.guarded or reading.name in found.names or reading.name in found.tested:
                continue
            if reading.name == "region" or reading.name in regional:
                what = "is empty" if reading.name == "region" else "is a file of no region"
                yield CODE.at(
                    place.span(reading.start, reading.end),
                    f"`${reading.name}` {what} in a phase that is `global`",
                    labels=(Label(place.phase.run_once, "once, and in no region"),),
                    hint="leave `global` out, or go through the regions by name",
                )


def _names_region(path: str) -> bool:
    return "${region}" in path
