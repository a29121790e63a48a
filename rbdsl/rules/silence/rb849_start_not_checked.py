"""A service is started, and nothing looks whether it is up: `systemctl restart`, `docker run -d`.

## Why

The command ends with 0 once the process has been started. One that dies a second later, of a
missing file or a taken port, has been started, too; so has one that needs a minute before it
answers.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step start "Start" { run `sudo -n systemctl restart shop` }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step start "Start" {
    run    `sudo -n systemctl restart shop`
    expect `systemctl is-active shop` within 20s every 2s
    expect `curl -fsS --max-time 2 http://localhost:8080/health` within 30s every 2s
  }
}
```

`docker compose up -d --wait` waits by itself, where the services have health checks.

## How it can be fooled

Anything that asks for a state counts, in the rest of the text, in the step's expectations, in a
later step or in the verification, whatever it asks for.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall, Role
from rbdsl.rules.silence.early import Early, Where, early
from rbdsl.rules.silence.later import Looking, is_expected, looking
from rbdsl.rules.silence.waiting import asks

CODE = Code("RB849", "start-not-checked", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each service that is started and never looked at."""
    later: Looking | None = None
    for placed in context.calls:
        if placed.place.role is not Role.RUN or placed.place.captures:
            continue
        what = early(placed)
        if what is None or what.where is not Where.HOST or placed.call.tested in ("if", "while"):
            continue
        later = later or looking(context, asks, _never)
        if not is_expected(placed.place.step) and not _looked_at(placed, later):
            yield _report(placed, what)


def _looked_at(placed: PlacedCall, later: Looking) -> bool:
    """Whether anything that runs after it asks for a state."""
    if next(later.behind(placed), None) is not None:
        return True
    return any(calls for _, calls in later.after(placed))


def _never(_place: Place) -> bool:
    return False


def _report(placed: PlacedCall, what: Early) -> Diagnostic:
    of = f" {what.names[0]}" if what.names else ""
    option = what.hint.startswith("--")
    return CODE.at(
        placed.span,
        f"`{what.act}` ends before{of or ' the service'} is up, and nothing looks afterwards",
        hint=f"write `{what.hint}`" if option else f"let the step `expect` it: `{what.hint}`",
    )
