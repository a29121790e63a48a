"""The escalation ladder has a gap, or two rungs at the same time.

## Why

"0 to 5 minutes: the incident commander. 15 to 30 minutes: the CTO." Between them nobody is
responsible, and that is when the retry fails. Where two rungs overlap, two people decide.

## Bad

```rbplan
escalation {
  rung "First attempt failed" 0m..5m { contact "incident-commander"; do "Read the logs" }
  rung "Struggling" 15m..30m { contact "cto"; do "Consider the forward fix" }
}
```

## Good

```rbplan
escalation {
  rung "First attempt failed" 0m..5m { contact "incident-commander"; do "Read the logs" }
  rung "Retry failed" 5m..15m { contact "senior-sre"; do "Try the steps by hand" }
  rung "Struggling" 15m.. { contact "cto"; do "Consider the forward fix" }
}
```

## How it can be fooled

By contacts that nobody can reach.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context

CODE = Code("RB907", "ladder-gap", Severity.WARNING)

PARTS = ("escalation",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each gap and overlap between two rungs that follow each other."""
    ladder = sorted(context.plan.escalation, key=lambda rung: rung.start.ms)
    for lower, upper in pairwise(ladder):
        if lower.end is not None and lower.end.ms == upper.start.ms:
            continue
        gap = lower.end is not None and lower.end.ms < upper.start.ms
        until = lower.end or "open"
        yield CODE.at(
            upper.start.span,
            f"between {lower.end} and {upper.start} nobody is responsible"
            if gap
            else f"“{lower.title}” (until {'the end' if until == 'open' else until}) and "
            f"“{upper.title}” (from {upper.start}) overlap",
            labels=(Label((lower.end or lower.start).span, f"“{lower.title}”"),),
            hint=f"let it start at {lower.end}" if lower.end else "end the rung below it",
        )
