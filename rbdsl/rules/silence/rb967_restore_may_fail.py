"""A step that brings the data or the old version back may fail, and the run goes on.

## Why

`on_failure continue` is for what the rollback can do without: logs, a message, a warm cache. Where
a restore fails and the run goes on, the next phases build on what was to be replaced: caches of bad
rows, old code on the new schema. The run may even end as a success.

## Bad

```rbplan
phase data "Data" {
  budget 4m
  step restore "Restore" {
    on_failure continue
    run `pg_restore --clean --if-exists --exit-on-error -d shop /backup/shop.dump`
  }
  step caches "Caches" { run `./scripts/build-caches.sh` }
}
```

## Good

```rbplan
phase data "Data" {
  budget 4m
  step restore "Restore" {
    run `pg_restore --clean --if-exists --exit-on-error -d shop /backup/shop.dump`
  }
  step caches "Caches" {
    on_failure continue
    run `./scripts/build-caches.sh`
  }
}
```

## How it can be fooled

Known are loads of dumps, migrations that go down, restores of clouds and search servers, and
rollbacks of deployments. A later step that tries another way counts where it says by `done_when`
when it is not needed.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.steps import Step
from rbdsl.rules.context import Context
from rbdsl.rules.effects import deploys, downgrades, restores_over
from rbdsl.rules.placed_calls import PlacedCall, Role
from rbdsl.rules.placed_files import placed_files

CODE = Code("RB967", "restore-may-fail", Severity.WARNING)

_RESTORES: dict[str, tuple[str, ...]] = {
    # program → words of which one says that it restores
    "velero": ("restore",),
    "etcdctl": ("restore",),
    "etcdutl": ("restore",),
    "gcloud": ("restore",),
    "az": ("restore",),
    "pgbackrest": ("restore",),
    "barman": ("recover",),
    "restic": ("restore",),
    "borg": ("extract",),
    "wal-g": ("backup-fetch",),
}
_LOADS = frozenset(["pg_restore", "mongorestore"])


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such step of a phase."""
    if not any(step.continue_on_failure for step in context.plan.steps()):
        return
    restoring: list[tuple[Step, PlacedCall]] = []
    for place in context.places:
        if place.phase is None or place.step is None or place.role is not Role.RUN:
            continue
        files = (f.reader for f in placed_files(place) if f.restored)
        readers = set(files)
        for placed in place.calls:
            if placed.call in readers or _restores(placed.call):
                restoring.append((place.step, placed))
                break
    others = [at for at, (step, _) in enumerate(restoring) if step.done_when is not None]
    for at, (step, placed) in enumerate(restoring):
        another_way = bool(others) and others[-1] > at
        if step.continue_on_failure and not another_way:
            yield _report(step, placed)


def _restores(call: Call) -> bool:
    """Whether it brings back data or an old version."""
    if call.has("help", "dry-run", "dryRun", "l", "list"):
        return False
    if call.program == "aws":
        return any("restore" in word.split("-") for word in call.operands[:2])
    if call.program == "curl":
        return any("/_snapshot/" in w.text and "/_restore" in w.text for w in call.words[1:])
    words = _RESTORES.get(call.program, ())
    return (
        call.program in _LOADS
        or not set(words).isdisjoint(call.operands)
        or deploys(call)
        or downgrades(call)
        or restores_over(call)
    )


def _report(step: Step, placed: PlacedCall) -> Diagnostic:
    own = step.on_failure is not None and step.on_failure.source is step.name.span.source
    program = placed.call.program
    return CODE.at(
        step.on_failure if own and step.on_failure else step.name.span,
        f"where `{program}` of step `{step.name}` fails, the run goes on with what was to be "
        "replaced",
        labels=[Label(placed.span, "may fail")],
        hint="leave `on_failure continue` out: the run then stops, and says so; `retry` tries "
        "again",
    )
