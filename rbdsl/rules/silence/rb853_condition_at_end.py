"""A step that ends with `[ … ] && command`: it fails wherever the condition does not hold.

## Why

Where the condition is false, the whole line is, and as the last one it is the status of the step.
The rollback stops, in the normal case, at a step that had nothing to do.

## Bad

```rbplan
phase cache "Cache" {
  budget 1m
  step warm "Warm" {
    run ```
      ./scripts/flush.sh auth
      [ -f /etc/shop/warm-list ] && ./scripts/warm.sh /etc/shop/warm-list
    ```
  }
}
```

## Good

```rbplan
phase cache "Cache" {
  budget 1m
  step warm "Warm" {
    run ```
      ./scripts/flush.sh auth
      if [ -f /etc/shop/warm-list ]; then ./scripts/warm.sh /etc/shop/warm-list; fi
    ```
  }
}
```

## How it can be fooled

By a step that is meant to fail where the condition is false; then write the condition alone, on a
line before. Expectations, where this is the usual way to ask for two things, are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.shapes import condition_at_end
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place

CODE = Code("RB853", "condition-at-end", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each text that acts and ends so."""
    for place in context.places:
        if place.role.acts and "&&" in place.shell.text:
            found = condition_at_end(place.shell.text)
            if found:
                yield _report(place, found.start, found.end)


def _report(place: Place, start: int, end: int) -> Diagnostic:
    line = place.shell.text.find("\n", start, end)
    return CODE.at(
        place.span(start, end if line < 0 else line),
        "the step fails where this condition does not hold: its last line then ends with 1",
        hint="write `if …; then …; fi`",
    )
