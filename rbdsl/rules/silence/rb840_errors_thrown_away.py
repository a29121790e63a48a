"""What a change says of its errors is thrown away.

## Why

The step fails, at night, under a time limit, and its log is empty: whoever is on call sees *that*
it failed, and has to run it again by hand to see why.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step image "Image" {
    run `kubectl -n shop set image deployment/shop shop=shop:3.1.4 2>/dev/null`
    expect `kubectl -n shop rollout status deployment/shop --timeout=60s`
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step image "Image" {
    run `kubectl -n shop set image deployment/shop shop=shop:3.1.4`
    expect `kubectl -n shop rollout status deployment/shop --timeout=60s`
  }
}
```

What a step prints is kept in a file of its own; there is no need to keep it quiet. Throwing away
the plain output (`>/dev/null`) is fine.

## How it can be fooled

Sure for commands that are known to change something. That a command only prints warnings there, and
never what went wrong, is not known to the rule.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Edit, Fix, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.silence.answers import is_shrug
from rbdsl.rules.silence.changes import act, changes

CODE = Code("RB840", "errors-thrown-away", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each change that is silenced, unless its failure is swallowed (RB839)."""
    for placed in context.calls:
        call = placed.call
        if not call.redirections or not call.silenced() or not placed.place.role.acts:
            continue
        if changes(call) and not is_shrug(call.otherwise) and call.tested not in ("if", "!"):
            yield _report(placed)


def _report(placed: PlacedCall) -> Diagnostic:
    return CODE.at(
        placed.span,
        f"when `{act(placed)}` fails nobody sees why: what it says goes to /dev/null",
        hint="leave the redirection out; what a step prints is kept in a file",
        fix=_mend(placed),
    )


def _mend(placed: PlacedCall) -> Fix | None:
    """The mend for ` 2>/dev/null`; none where it is written in another way, or for a group."""
    place, text = placed.place, placed.place.shell.text
    found = [r for r in placed.call.redirections if r.descriptor == 2]
    if len(found) != 1 or found[0].operator != ">":
        return None
    target = found[0].target
    begin = target.start - len(" 2>")
    if begin < 0 or text[begin : target.end] != " 2>/dev/null":
        return None
    return Fix("keep the errors", (Edit(place.span(begin, target.end), ""),), safe=True)
