"""A step reads a variable that another step sets.

Each step, each `expect`, `undo` and `done_when` is run by a bash of its own.

## Why

What one sets is gone when the next begins: "unbound variable", in the middle of the rollback. A
script in one piece, cut into steps, breaks in just this way.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step find "Find the release" { timeout 10s; run `release="$(cat /srv/previous)"` }
  step link "Link it" { timeout 10s; run `ln -sfn "/srv/releases/$release" /srv/current` }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step link "Link the release" {
    timeout 10s
    run ```
      release="$(cat /srv/previous)"
      ln -sfn "/srv/releases/$release" /srv/current
    ```
  }
}
```

`${release:-}` only hides it: the command runs, with nothing in the place of the value. With another
default than nothing it is a choice. What a later step needs is written to a file, an artifact:
`creates release "release.txt"`.

## How it can be fooled

By an environment that happens to have the name as well: a name in capitals is a warning only.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place
from rbdsl.rules.values.unset import emptied, unset
from rbdsl.source import Span

CODE = Code("RB894", "variable-of-another-step", Severity.ERROR)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each name and piece of shell that reads it."""
    for found in unset(context):
        reading, place, other = found.reading, found.place, found.elsewhere
        if other is None or other is place:
            continue
        same = place.step is not None and other.step is place.step
        where = f"the `{other.role}` of this step" if same else _owner(other)
        yield CODE.at(
            place.span(reading.start, reading.end),
            f"`${reading.name}` is set in {where}, and gone here: each runs in its own shell",
            labels=(Label(_first_line(other), "this sets it"),),
            hint="do both in one step, or hand it on by an artifact",
            severity=Severity.WARNING if reading.name.isupper() else Severity.ERROR,
        )
    for hidden in emptied(context):
        reading, other = hidden.reading, hidden.elsewhere
        if other is None:
            continue
        yield CODE.at(
            hidden.place.span(reading.start, reading.end),
            f"`${reading.name}` is set in {_owner(other)}, and empty here: each runs in its own "
            "shell",
            labels=(Label(_first_line(other), "this sets it"),),
            hint="do both in one step, or hand it on by an artifact",
            severity=Severity.WARNING,
        )


def _owner(place: Place) -> str:
    if place.step:
        return f"step `{place.step.name}`"
    if place.check:
        return f"check `{place.check.name}`"
    return f"a `{place.role}`"


def _first_line(place: Place) -> Span:
    owner = place.step or place.check
    return owner.name.span if owner else place.shell.span
