"""A release gets its old chart back, and keeps the values of the version that has to go.

## Why

`helm upgrade --reuse-values` begins with the values of the last release, and in a rollback the last
release is the faulty one. What that one was given by `-f` and `--set` stays, and so do the defaults
of its chart: its image, its limits, its switches. The old chart is installed, `helm list` shows its
number, and it runs with the settings that were to be removed. `--reset-then-reuse-values` only
leaves out the defaults. Without any of these options Helm takes the last release's values, too,
where it is given none.

## Bad

```rbplan
phase back "Chart 4" {
  budget 6m
  step chart "Install the old chart" {
    timeout 330s
    run `helm -n edge upgrade ingress charts/ingress --version 4.11.3 --reuse-values --wait`
  }
}
```

## Good

```rbplan
phase back "Chart 4" {
  budget 6m
  step chart "Go back to revision 23" {
    timeout 330s
    run `helm -n edge rollback ingress 23 --wait --timeout 5m`
  }
}
```

Or `helm upgrade --reset-values -f values-4.yaml`, with the values that the capture has kept by
`helm get values`.

## How it can be fooled

A value that is given (`-f`, `--set image.tag=…`) is believed to be the one that the change was
about, though others may have changed with it. Without an option it counts only where what the plan
says of its change names a file of values. What asks for `helm get values` anywhere in the plan but
in its capture looks for itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.model.plan import Plan
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall, Role

CODE = Code("RB549", "values-stay", Severity.WARNING)

PROGRAMS = ("helm",)

_GIVEN = ("values", "set", "set-string", "set-file", "set-json", "set-literal")
_REUSING = ("reuse-values", "reset-then-reuse-values")
_FILE_OF_VALUES = lazy_pattern(r"(?i)\bvalues[\w./-]*\.ya?ml\b|\b[\w-]+[-_.]values\.ya?ml\b")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such upgrade in a phase."""
    calls = [placed for name in PROGRAMS for placed in context.calls_by_program.get(name, ())]
    if any(_asks_for_values(placed) for placed in calls):
        return
    for placed in calls:
        if placed.place.role is not Role.RUN or placed.place.phase is None:
            continue
        how = _keeps(placed, context.plan)
        if how:
            yield CODE.at(
                placed.span,
                f"{how} takes the values of the last release, which is the one that has to go",
                hint="go back to its revision, `helm rollback RELEASE N`; or `--reset-values -f` "
                "with the values that were kept before the change",
            )


def _keeps(placed: PlacedCall, plan: Plan) -> str:
    """What lets an upgrade keep the values of the last release; empty where it does not."""
    call = placed.call
    if "upgrade" not in call.operands[:2] or call.has("reset-values", *_GIVEN):
        return ""
    if any(name == "dry-run" and value != "none" for name, value in call.options):
        return ""
    if any("[@]" in word.text for word in call.words):  # options that nobody knows
        return ""
    reusing = next((name for name in _REUSING if call.has(name)), "")
    if reusing:
        return f"`--{reusing}`"
    told = plan.change is not None and _FILE_OF_VALUES.search(plan.change.plain)
    return "`helm upgrade` without values" if told else ""


def _asks_for_values(placed: PlacedCall) -> bool:
    """Whether it looks at the values of a release, outside of the capture."""
    words = placed.call.operands
    return not placed.place.captures and "get" in words and not {"values", "all"}.isdisjoint(words)
