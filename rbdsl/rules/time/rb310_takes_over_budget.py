"""The steps of a phase take longer than its budget.

## Why

Where every step says how long it takes (`takes`), the sum is what the phase needs. A budget below
it can't be met, and every time that is computed from it (critical path, scenarios, SLA) is wrong.

## Bad

```rbplan
phase apps "Applications" {
  budget 1m
  step api  "Deploy API"  { takes 45s; run `./deploy.sh api` }
  step auth "Deploy auth" { takes 30s; run `./deploy.sh auth` }
}
```

## Good

```rbplan
phase apps "Applications" {
  budget 90s
  step api  "Deploy API"  { takes 45s; run `./deploy.sh api` }
  step auth "Deploy auth" { takes 30s; run `./deploy.sh auth` }
}
```

## How it can be fooled

Steps that don't say what they take count as nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Phase
from rbdsl.model.steps import Manual, Step
from rbdsl.model.values import Duration, show_ms
from rbdsl.rules.context import Context

CODE = Code("RB310", "takes-over-budget", Severity.ERROR)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such phase."""
    for phase in context.plan.phases:
        times = _expected(phase)
        total = expected_ms(phase)
        if total <= phase.budget.ms:
            continue
        terms = f"{' + '.join(map(str, times))} = " if len(times) > 1 else ""
        yield CODE.at(
            phase.budget.span,
            f"the steps of `{phase.name}` take {terms}{show_ms(total)}, "
            f"{show_ms(total - phase.budget.ms)} more than its budget of {phase.budget}",
            labels=[Label(takes.span, f"{takes}") for takes in times],
            hint=f"raise the budget to {show_ms(total)}, or move a step into a phase that runs at "
            "the same time",
        )


def expected_ms(phase: Phase) -> int:
    """What the items of a phase take by their own word, in milliseconds."""
    return sum(takes.ms for takes in _expected(phase))


def _expected(phase: Phase) -> list[Duration]:
    items = (item for item in (*phase.items, *phase.ensure) if isinstance(item, Step | Manual))
    return [item.takes for item in items if item.takes]
