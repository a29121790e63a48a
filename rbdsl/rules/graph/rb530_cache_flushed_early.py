"""The cache is emptied while the new version still fills it.

A cache in memory, or one in front of a site: a CDN that is purged before its origin is set back.

## Why

An emptied cache is full again after seconds: with what the new version computes, or with the rows
of the database that is yet to be restored. The old version then reads what it was to be spared,
and nobody empties the cache again, for that step is done. A CDN fetches the bad page again with the
next request, and keeps it for as long as it is allowed to.

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
the old version reads is a false alarm. Files that are copied to an origin are known by `s3 sync`,
`rsync` and the like, in a step for the same service.
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
from rbdsl.rules.origins import fills_origin, purges
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB530", "cache-flushed-early", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each flush with a deployment or restore behind it, and no other flush."""
    calls = list(in_phases(context))
    flushing = [call for call in calls if flushes(call.call)]
    purging = [call for call in calls if purges(call.call)]
    if flushing:
        changes = [c for c in calls if deploys(c.call) or restores_over(c.call)]
        for call, later in _early(context, flushing, changes):
            what = "the old version comes" if deploys(later.call) else "the data comes"
            yield CODE.at(
                call.span,
                "the cache is emptied while the new version still fills it",
                labels=(Label(later.span, f"{what} back only here"),),
                hint="empty it after that, or stop the new version before",
            )
    if purging:
        changes = [c for c in calls if deploys(c.call) or fills_origin(c)]
        for call, later in _early(context, purging, changes):
            yield CODE.at(
                call.span,
                "the cache is purged before its origin is set back: the next request fills it with "
                "the new version again",
                labels=(Label(later.span, "the origin is set back only here"),),
                hint="purge it after that",
            )


def _early(
    context: Context, emptied: list[PlacedCall], changes: list[PlacedCall]
) -> Iterator[tuple[PlacedCall, PlacedCall]]:
    """What empties a cache for the last time before a change of what fills it, and that change."""
    for call in emptied:
        if quiet_before(context, call):
            continue
        if any(comes_before(context, call, other) for other in reversed(emptied)):
            continue
        behind = (
            c for c in reversed(changes) if comes_before(context, call, c) and _related(call, c)
        )
        later = next(behind, None)
        if later:
            yield call, later


def _related(call: PlacedCall, change: PlacedCall) -> bool:
    """Whether both may be about one service: those that files are copied for have to be."""
    one, other = call.place.step, change.place.step
    if deploys(change.call) or restores_over(change.call) or one is None or other is None:
        return True
    mine, theirs = ({name.text for name in step.services} for step in (one, other))
    return not mine or not theirs or not mine.isdisjoint(theirs)
