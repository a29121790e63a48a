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
the old version reads is a false alarm. Rows that come back are known by a restore over what is
there, and by a copy that is renamed. Files that are put on an origin are known by `s3 sync`,
`rsync`, links on a host and the like, in a step for the same service, or behind a purge for one
that is called `cdn`, `cache` or so. A purge in a phase that has no order with that of its origin
counts as one that comes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.effects import (
    FLUSHING,
    comes_before,
    deploys,
    flushes,
    in_phases,
    quiet_before,
    restores_over,
)
from rbdsl.rules.origins import PURGING, fills_origin, is_front, purges, sets_back
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB530", "cache-flushed-early", Severity.WARNING)

PROGRAMS = FLUSHING | PURGING
_EXCHANGED = r"(?i)\A\s*(?:alter (?:database|table|schema) .* rename to\b|rename table\b)"
"""A restored copy takes the place of what is in use."""


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each flush with a deployment or restore behind it, and no other flush."""
    calls = list(in_phases(context))
    flushing = [call for call in calls if flushes(call.call)]
    purging = [call for call in calls if purges(call)]
    if flushing:
        changes = [c for c in calls if deploys(c.call) or _restores(c)]
        for call, later in _early(context, flushing, changes):
            what = "the old version comes" if deploys(later.call) else "the data comes"
            yield _report(
                call,
                later,
                "the cache is emptied while the new version still fills it",
                f"{what} back only here",
                "empty it after that, or stop the new version before",
            )
    if purging:
        changes = [c for c in calls if deploys(c.call) or fills_origin(c) or sets_back(c.call)]
        for call, later in _early(context, purging, changes, beside=True):
            yield _report(
                call,
                later,
                "the cache is purged before its origin is set back: the next request fills it with "
                "the new version again",
                "the origin is set back only here",
                "purge it after that",
            )


def _report(call: PlacedCall, later: PlacedCall, fact: str, there: str, hint: str) -> Diagnostic:
    emptying, changing = call.place.phase, later.place.phase
    waits = (*changing.needs, *changing.after) if changing else ()
    said = [name for name in waits if emptying and name.text == emptying.name.text]
    order = [Label(name.span, "so says the order") for name in said]
    return CODE.at(call.span, fact, labels=(*order, Label(later.span, there)), hint=hint)


def _early(
    context: Context,
    emptied: list[PlacedCall],
    changes: list[PlacedCall],
    *,
    beside: bool = False,
) -> Iterator[tuple[PlacedCall, PlacedCall]]:
    """What empties a cache for the last time before a change of what fills it, and that change.

    With `beside` a change in a phase that may run at the same time counts, too.
    """
    for call in emptied:
        if quiet_before(context, call):
            continue
        if any(comes_before(context, call, other) for other in reversed(emptied)):
            continue
        behind_it = changes
        own = [c for c in changes if not _of_others(call, c)]
        if any(comes_before(context, c, call) for c in own if _services(c)):
            behind_it = own  # its origin is back: what others deploy later is another matter
        behind = (
            c
            for c in behind_it
            if (comes_before(context, call, c) or (beside and _is_beside(context, call, c)))
            and _related(call, c)
        )
        later = next(behind, None)
        if later:
            yield call, later


def _restores(placed: PlacedCall) -> bool:
    """Whether it brings rows of before: a dump over what is there, a copy in its place."""
    return restores_over(placed.call) or any(
        re.search(_EXCHANGED, statement.text) for statement in placed.statements
    )


def _is_beside(context: Context, call: PlacedCall, change: PlacedCall) -> bool:
    """Whether no order says which of two phases is first."""
    one, other = call.place.phase, change.place.phase
    if one is None or other is None or one is other:
        return False
    return not (context.runs_before(one, other) or context.runs_before(other, one))


def _related(call: PlacedCall, change: PlacedCall) -> bool:
    """Whether both may be about one service: those that files are copied for have to be."""
    one, other = call.place.step, change.place.step
    if deploys(change.call) or _restores(change) or one is None or other is None:
        return True
    mine, theirs = _services(call), _services(change)
    in_front = all(is_front(name) for name in mine) and purges(call)
    return in_front or not theirs or not mine.isdisjoint(theirs)


def _services(placed: PlacedCall) -> set[str]:
    return {name.text for name in placed.place.step.services} if placed.place.step else set()


def _of_others(call: PlacedCall, change: PlacedCall) -> bool:
    """Whether a change is one of other services."""
    mine, theirs = _services(call), _services(change)
    return bool(mine and theirs) and mine.isdisjoint(theirs)
