"""A checklist item is `done`, and the plan holds nothing of the kind.

## Why

A tick costs nothing. "Rollback tested in staging environment" beside a plan without a single test
run is a claim that someone will rely on.

## Bad

```rbplan
testing { checklist { done "Rollback tested in staging environment" } }
```

## Good

```rbplan
testing {
  in staging { passed 2025-12-08T10:00:00Z; took 12m; evidence "https://ci.example/1" }
  checklist { done "Rollback tested in staging environment" }
}
```

## How it can be fooled

Items are understood by a few words (staging, production-like, rehearsal, partial, automated
triggers, verification); others are taken as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.model.plan import Plan
from rbdsl.rules.context import Context

CODE = Code("RB905", "checklist-without-proof", Severity.WARNING)

_SUBJECTS = (
    ("staging", r"(?i)\bstaging\b"),
    ("production", r"(?i)\bproduction-like\b"),
    ("rehearsal", r"(?i)\brehears"),
    ("partial", r"(?i)\bpartial\b.*\b(scenario|rollback)"),
    ("triggers", r"(?i)\bautomat\w+ (rollback )?triggers?\b"),
    ("verification", r"(?i)\bverification\b"),
)
_MISSING = {
    "staging": "the plan holds no passed test in staging",
    "production": "the plan holds no passed test in an environment that stands for production",
    "rehearsal": "the plan holds no rehearsal that was held",
    "partial": "the plan has no scenario",
    "triggers": "the plan has no automatic trigger",
    "verification": "the plan has no verification",
}
PARTS = ("testing",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such item."""
    plan = context.plan
    held = _held(plan)
    for item in plan.testing.checklist if plan.testing else ():
        if not item.done:
            continue
        for subject, words in _SUBJECTS:
            if re.search(words, item.text.plain) and subject not in held:
                yield CODE.at(
                    item.text.span,
                    f"“{item.text}” is ticked off, and {_MISSING[subject]}",
                    hint="write down the proof, or make it a `todo`",
                )
                break


def _held(plan: Plan) -> set[str]:
    """The subjects that the plan has something to show for."""
    found = {"partial"} if plan.scenarios else set()
    if plan.triggers and plan.triggers.automatic:
        found.add("triggers")
    if plan.verification:
        found.add("verification")
    if plan.testing:
        for run in plan.testing.runs:
            if run.passed:
                found |= {run.environment.text, run.stands_for.text if run.stands_for else ""}
                found |= {"staging"} & set(run.environment.text.split("-"))
        if plan.testing.rehearsal and plan.testing.rehearsal.held:
            found.add("rehearsal")
    return found
