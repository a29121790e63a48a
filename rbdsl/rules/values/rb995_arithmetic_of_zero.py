"""Arithmetic whose value is 0 ends the step, as a failure: `((i++))` with an `i` of 0, `((n = 0))`.

## Why

`((…))` and `let` end with 1 where their value is 0, and that of `i++` is what `i` was before. A
step ends at its first failure, so it ends at the first round of the loop: without a word, and with
the other hosts untouched. It works wherever `set -e` is off, and so in every trial at a terminal.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step reload "Reload all" {
    timeout 90s
    run ```
      done=0
      for host in web1 web2; do
        ./reload.sh "$host"
        ((done++))
      done
      echo "$done hosts"
    ```
    expect `./check.sh`
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step reload "Reload all" {
    timeout 90s
    run ```
      done=0
      for host in web1 web2; do
        ./reload.sh "$host"
        done=$((done + 1))
      done
      echo "$done hosts"
    ```
    expect `./check.sh`
  }
}
```

`((++done))` is 1 at first, and passes; `((done++)) || true` passes, too.

## How it can be fooled

Sure where the variable is set to 0 before, in the same shell, and nothing else is known to set it
between. Counts in functions, in parts of a pipe and in the text for another shell are not looked
at, nor is a text that says `set +e`.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.arithmetic_ends import ZeroEnd, zero_ends
from rbdsl.diagnostics import Code, Diagnostic, Edit, Fix, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, Role

CODE = Code("RB995", "arithmetic-of-zero", Severity.WARNING)

_REDIRECTED = lazy_pattern(r"[ \t]*(?:\d*[<>]|&>)")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such command."""
    for place in context.places:
        if place.role is not Role.QUERY:
            for found in zero_ends(place.shell.text):
                yield _report(place, found)


def _report(place: Place, found: ZeroEnd) -> Diagnostic:
    span = place.span(found.start, found.end)
    said = place.shell.text[found.start : found.end]
    name = found.name
    if found.operator == "=":
        fact, mend = f"`{said}` has the value 0, which is a failure", f"{name}=0"
    else:
        fact = f"`{said}` is a failure where `{name}` was 0, as it is here at first"
        mend = f"{name}=$(({name} {found.operator[0]} 1))"
    # An assignment with a redirection is bash, but none that anybody, or tree-sitter, reads.
    redirected = _REDIRECTED.match(place.shell.text, found.end)
    return CODE.at(
        span,
        f"{fact}: the text ends there",
        hint=f"write `{mend}`",
        fix=None if redirected else Fix(f"write `{mend}`", (Edit(span, mend),)),
    )
