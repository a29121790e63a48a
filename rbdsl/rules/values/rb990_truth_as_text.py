"""A boolean of the plan is asked whether it is empty, which it never is.

The shell gets the word `true` or the word `false`.

## Why

`[ -n "$keep" ]` holds for `false` too: the step does in every run what was meant for one of two
cases. A rehearsal with the usual value shows nothing of it.

## Bad

```rbplan
param keep: bool = true "Keep the queue"
phase back "Back" {
  budget 2m
  step queue "Queue" { timeout 1m; run `if [ -z "$keep" ]; then ./empty-queue.sh; fi` }
}
```

## Good

```rbplan
param keep: bool = true "Keep the queue"
phase back "Back" {
  budget 2m
  step queue "Queue" { timeout 1m; run `if [ "$keep" = false ]; then ./empty-queue.sh; fi` }
}
```

`if "$keep"` is fine as well: `true` and `false` are commands.

## How it can be fooled

By a copy of the value in another variable, and by a text that sets the variable anew: that one is
left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.bare_tests import BareTest, bare_tests
from rbdsl.analysis.shell_variables import variables
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.model.values import ValueType
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place
from rbdsl.rules.shell_text import variables_read
from rbdsl.rules.values.environment import shells

CODE = Code("RB990", "truth-as-text", Severity.ERROR)

_OUTCOMES = {
    "-z": "this never holds",
    ":+": "this is put in whatever it says",
}


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such test."""
    of_plan = {v.name.shell for v in context.plan.variables if v.type is ValueType.BOOL}
    for place in shells(context):
        known = of_plan | _bound(place)
        if known.isdisjoint(variables_read(place.shell.text)):
            continue
        made = variables(place.shell.text).names
        for test in bare_tests(place.shell.text):
            if test.name in known and test.name not in made:
                yield _report(place, test)


def _bound(place: Place) -> set[str]:
    owner = place.step or place.check
    bindings = owner.bindings if owner else ()
    return {b.name.shell for b in bindings if b.value.type is ValueType.BOOL}


def _report(place: Place, test: BareTest) -> Diagnostic:
    name = test.name
    outcome = _OUTCOMES.get(test.operator, "this always holds")
    return CODE.at(
        place.span(test.start, test.end),
        f"{outcome}: `${name}` is the word `true` or the word `false`, and never empty",
        hint=f'compare it: `[ "${name}" = true ]`',
    )
