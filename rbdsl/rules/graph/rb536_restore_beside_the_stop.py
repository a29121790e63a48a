"""Data is put back in a phase that may run beside the one that stops those who write.

The plan stops the writers and starts them again after the data, but nothing lets the data wait for
the stop.

## Why

Phases without an order between them run at the same time. The old rows are loaded while the
workers still write: what they write in between is lost, or stands beside rows that it does not fit.
In the test, where the stop took a second, all was well.

## Bad

```rbplan
phase stop "Stop" {
  budget 1m
  step stop "Stop" { run `kubectl -n shop scale deployment/worker --replicas=0` }
}
phase data "Data" {
  budget 3m
  step load "Load" { run `psql -X -v ON_ERROR_STOP=1 -d shop -f before.sql` }
}
phase start "Start" {
  after stop, data
  budget 1m
  step start "Start" { run `kubectl -n shop scale deployment/worker --replicas=4` }
}
```

## Good

```rbplan
phase stop "Stop" {
  budget 1m
  step stop "Stop" { run `kubectl -n shop scale deployment/worker --replicas=0` }
}
phase data "Data" {
  needs stop
  budget 3m
  step load "Load" { run `psql -X -v ON_ERROR_STOP=1 -d shop -f before.sql` }
}
phase start "Start" {
  after data
  budget 1m
  step start "Start" { run `kubectl -n shop scale deployment/worker --replicas=4` }
}
```

## How it can be fooled

By a stop and a start that are worded differently, by data that a script loads, and by workers that
write to another database: those are a false alarm. Whatever else may have stopped the writers
before silences it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Phase
from rbdsl.rules.context import Context
from rbdsl.rules.effects import in_phases, mutates, quiet_before, restores_over
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.switches import Turn, place

CODE = Code("RB536", "restore-beside-the-stop", Severity.WARNING)

_COPIES_IN = r"(?is)^\s*\\?copy\s.*\bfrom\b"


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each phase that loads data, with the first stop that it does not wait for."""
    pairs = [(first, back) for first, back in context.switched if not first.switch.on]
    if not pairs:
        return
    stops: dict[str, Turn | None] = {}
    for call in in_phases(context):
        phase = call.place.phase
        if phase is None or not _loads(call):
            continue
        name = phase.name.text
        if name not in stops:
            beside = (first for first, back in pairs if _beside(context, phase, first, back))
            stops[name] = next(beside, None)
        stop = stops[name]
        if stop and not quiet_before(context, call):
            stops[name] = None  # said once
            yield _report(phase, call, stop)


def _beside(context: Context, phase: Phase, first: Turn, back: Turn) -> bool:
    """Whether a phase lies before what turns on again, and in no order to what turns off."""
    return (
        first.phase is not phase
        and context.runs_before(phase, back.phase)
        and not context.runs_before(first.phase, phase)
        and not context.runs_before(phase, first.phase)
    )


def _loads(placed: PlacedCall) -> bool:
    """Whether it puts data into a database: a dump, a file of SQL, statements that change rows."""
    call = placed.call
    if call.program in ("pg_restore", "mongorestore", "mongoimport"):
        return not call.has("l", "list", "dryRun")
    if mutates(call) or restores_over(call):
        return True
    texts = (*(word.text for word in call.words), *call.given)
    return call.program == "psql" and (
        call.has("f", "file") or any(re.match(_COPIES_IN, text) for text in texts)
    )


def _report(phase: Phase, call: PlacedCall, stop: Turn) -> Diagnostic:
    return CODE.at(
        phase.name.span,
        f"phase `{phase.name}` puts data back, and may run beside `{stop.phase.name}`, "
        "which stops those who write",
        labels=(
            Label(call.span, "data is put back here"),
            Label(place(stop), f"stopped here, in `{stop.phase.name}`"),
        ),
        hint=f"say `needs {stop.phase.name}` in `{phase.name}`",
    )
