"""What stands behind an `exit` that nothing decides about is never run.

## Why

Somebody has tried something out, or switched the work off for an afternoon, and left the `exit 0`
where it was. At night the step is done in no time and successful, the run says `DONE`, and nothing
has come back. With another status the step always fails.

## Bad

```rbplan
phase back "Back" {
  budget 3m
  step undo "Undo the rollout" {
    timeout 2m
    run ```
      exit 0
      kubectl -n shop rollout undo deployment/web
    ```
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 3m
  step undo "Undo the rollout" {
    timeout 2m
    run ```
      if kubectl -n shop get deployment/web -o yaml | grep -q 'web:4.1'; then exit 0; fi
      kubectl -n shop rollout undo deployment/web
    ```
  }
}
```

Where a step has nothing to do any more, `done_when` says so and is told in the report.

## How it can be fooled

By an `exit` whose condition always holds, other than `true` and `:`; and by `exec`.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.early_ends import early_end
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context

CODE = Code("RB940", "never-reached", Severity.WARNING)

PROGRAMS = ("exit", "return")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each text that ends before its commands do."""
    for place in context.places:
        if not any(placed.call.program in PROGRAMS for placed in place.calls):
            continue
        found = early_end(place.shell.text)
        if found is None:
            continue
        what = place.shell.text[found.start : found.end]
        came = "and it counts as done" if found.succeeds else "and it always fails"
        yield CODE.at(
            place.span(found.start, found.end),
            f"what stands behind `{what}` is never run, {came}",
            labels=(Label(place.span(*found.behind), "never reached"),),
            hint="take it out; where there may be nothing to do, say when: by `done_when` or `if`",
        )
