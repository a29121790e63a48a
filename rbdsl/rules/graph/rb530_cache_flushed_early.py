"""The cache is emptied while the new version still fills it.

## Why

An emptied cache is full again after seconds: with what the new version computes, or with the rows
of the database that is yet to be restored. The old version then reads what it was to be spared,
and nobody empties the cache again, for that step is done.

## Bad

```rbplan
phase cache "Cache" { budget 1m; step flush "Flush" { run `redis-cli -h cache FLUSHDB` } }
phase shop "Shop" {
  after cache
  budget 2m
  step image "Image" { run `kubectl -n shop set image deployment/shop shop=shop:3.1.4` }
}
```

## Good

```rbplan
phase shop "Shop" {
  budget 2m
  step image "Image" { run `kubectl -n shop set image deployment/shop shop=shop:3.1.4` }
}
phase cache "Cache" {
  after shop
  budget 1m
  step flush "Flush" { run `redis-cli -h cache FLUSHDB` }
}
```

## How it can be fooled

Whatever may have stopped the new version before silences it: a command, step or phase that says
stop, drain, maintenance, traffic and the like; so does a second flush behind. A cache that only
the old version reads is a false alarm.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.effects import (
    comes_before,
    deploys,
    flushes,
    in_phases,
    quiet_before,
    restores_over,
)

CODE = Code("RB530", "cache-flushed-early", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each flush with a deployment or restore behind it, and no other flush."""
    flushing = [call for call in in_phases(context) if flushes(call.call)]
    if not flushing:
        return
    changes = [c for c in in_phases(context) if deploys(c.call) or restores_over(c.call)]
    for call in flushing:
        if quiet_before(context, call):
            continue
        if any(comes_before(context, call, other) for other in reversed(flushing)):
            continue
        later = next((c for c in reversed(changes) if comes_before(context, call, c)), None)
        if later:
            what = "the old version comes" if deploys(later.call) else "the data comes"
            yield CODE.at(
                call.span,
                "the cache is emptied while the new version still fills it",
                labels=(Label(later.span, f"{what} back only here"),),
                hint="empty it after that, or stop the new version before",
            )
