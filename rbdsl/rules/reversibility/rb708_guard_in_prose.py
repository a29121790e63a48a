"""A phase says in words that it must not run past the point of no return, and nothing stops it.

## Why

"CRITICAL: only execute if NOT past point of no return!" is read by people who have time to read.
The generated script does not read it: it only asks the points whose `blocks` name the phase.

## Bad

```rbplan
phase database "Database" {
  budget 3m
  critical "Only execute if NOT past the point of no return"
  step load "Load" { run `./load.sh` }
}
```

## Good

```rbplan
phase database "Database" {
  budget 3m
  critical "Only execute if NOT past the point of no return"
  step load "Load" { run `./load.sh` }
}
point_of_no_return migrations "Migrations completed" {
  crossed when `./crossed.sh`
  blocks database
  forward_fix { manual "Deploy the patch" }
}
```

## How it can be fooled

Only the words "point of no return" are looked for, in `critical`, `objective` and `note`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Phase
from rbdsl.model.values import Text
from rbdsl.rules.context import Context

CODE = Code("RB708", "guard-in-prose", Severity.WARNING)

_WORDS = r"(?i)point[\s-]of[\s-]no[\s-]return"


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such phase."""
    points = context.plan.points_of_no_return
    blocked = {name.text for point in points for name in point.blocks}
    for phase in context.plan.phases:
        if phase.irreversible or phase.name.text in blocked:
            continue
        text = _guard(phase)
        if text:
            yield CODE.at(
                text.span,
                f"phase `{phase.name}` says that it must not run past the point of no return, and "
                "no point of no return blocks it",
                labels=[
                    Label(point.name.span, f"does not block `{phase.name}`") for point in points
                ],
                hint=f"say `blocks {phase.name}` in "
                + (f"`{points[0].name}`" if points else "a `point_of_no_return`"),
            )


def _guard(phase: Phase) -> Text | None:
    texts = [phase.critical, phase.objective, phase.note]
    texts += [text for step in phase.steps for text in (step.critical, step.note)]
    return next((text for text in texts if text and re.search(_WORDS, text.plain)), None)
