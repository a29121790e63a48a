"""A branch is overwritten on the server by force.

## Why

The commits that others have pushed meanwhile, the fix among them, are gone from the branch, and
nobody is told. Protected branches refuse it, and then the rollback stops here.

## Bad

```rbplan
phase code "Code" {
  budget 1m
  step push "Push" { run `git push --force origin main`; expect `./branch-is.sh 3.1` }
}
```

## Good

```rbplan
phase code "Code" {
  budget 1m
  step revert "Revert" {
    run ```
      git revert --no-edit 4f2a9c1
      git push origin main
    ```
    expect `./branch-is.sh 3.1`
  }
}
```

## How it can be fooled

A branch that only this plan uses may be overwritten. `--force-with-lease` refuses where somebody
has pushed since, and is spared.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Edit, Fix, Severity
from rbdsl.rules.acting import acting, shown
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB876", "history-overwritten", Severity.WARNING)

_FORCED = ("force", "mirror")
_SAFE = ("force-with-lease", "force-if-includes", "dry-run")
PROGRAMS = ("git",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such push."""
    for placed in acting(context, *PROGRAMS):
        call = placed.call
        if "push" not in call.operands[:1]:
            continue
        names = {name for name, _ in call.options}
        short = any(w.text in ("-f", "-uf", "-fu") for w in call.words)
        refspec = any(operand.startswith("+") for operand in call.operands[1:])
        if names & set(_SAFE) or not (names & set(_FORCED) or short or refspec):
            continue
        yield CODE.at(
            placed.span,
            f"{shown(call.text)} overwrites what others have pushed since",
            hint="take the change back with `git revert`, or write `--force-with-lease`",
            fix=_fix(placed),
        )


def _fix(placed: PlacedCall) -> Fix | None:
    for word in placed.call.words:
        if word.text in ("--force", "-f"):
            edit = Edit(placed.span_of(word), "--force-with-lease")
            return Fix("refuse where somebody has pushed since", (edit,), safe=False)
    return None
