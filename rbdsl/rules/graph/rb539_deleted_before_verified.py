"""What is deleted off the clock may be gone before anything is verified.

A phase that is `off_clock`, in which something is deleted for good, waits for no verification and
may run beside it.

## Why

"Delete the new index" was meant to come last. Without an order it starts while its rows are still
being copied back, and before anybody knows that the old version works. When the verification then
fails the way forward, to the new version, is gone too.

## Bad

```rbplan
phase back "Back" { budget 2m; step alias "Alias" { run `./alias.sh logs-v8` } }
phase proof "Verification" { after back; budget 1m; verify }
phase cleanup "Delete v9" {
  after back
  budget 1m
  off_clock
  step delete "Delete" { run `curl -fsS --max-time 20 -X DELETE http://es:9200/logs-v9` }
}
verification { check fresh "Fresh" { expect `./fresh.sh` } }
```

## Good

```rbplan
phase back "Back" { budget 2m; step alias "Alias" { run `./alias.sh logs-v8` } }
phase proof "Verification" { after back; budget 1m; verify }
phase cleanup "Delete v9" {
  needs proof
  budget 1m
  off_clock
  step delete "Delete" { run `curl -fsS --max-time 20 -X DELETE http://es:9200/logs-v9` }
}
verification { check fresh "Fresh" { expect `./fresh.sh` } }
```

## How it can be fooled

Deletions by scripts are not seen. A phase on the clock that verification does not wait for is found
by RB505; one that comes before the verification may be part of the way back, and is not reported.
Something that nobody needs whatever comes of the verification is a false alarm.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Phase
from rbdsl.rules.context import Context
from rbdsl.rules.deletions import deletes
from rbdsl.rules.effects import in_phases
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB539", "deleted-before-verified", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such phase, with its first deletion."""
    beside = {
        phase.name.text: verifying
        for phase in context.plan.phases
        if phase.off_clock and not phase.verifies
        if (verifying := _beside(context, phase))
    }
    if not beside:
        return
    for call in in_phases(context):
        phase = call.place.phase
        if phase and phase.name.text in beside and deletes(call):
            yield _report(phase, call, beside.pop(phase.name.text))


def _beside(context: Context, phase: Phase) -> Phase | None:
    """The verifying phase that a phase may run beside, where it waits for no other one."""
    if any(context.runs_before(verifying, phase) for verifying in context.verifying):
        return None
    return next((v for v in context.verifying if not context.runs_before(phase, v)), None)


def _report(phase: Phase, call: PlacedCall, verifying: Phase) -> Diagnostic:
    return CODE.at(
        phase.name.span,
        f"phase `{phase.name}` deletes for good, and does not wait for the verification in "
        f"`{verifying.name}`",
        labels=(
            Label(call.span, "deleted here"),
            Label(verifying.name.span, "may still be running, or fail"),
        ),
        hint=f"say `needs {verifying.name}` in `{phase.name}`",
    )
