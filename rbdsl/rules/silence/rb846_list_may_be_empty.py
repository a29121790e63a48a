"""A loop over what a command prints: where it fails, the loop does nothing and succeeds.

## Why

`for pod in $(kubectl get pods …)` runs zero times where `kubectl` has no answer, and `for` does not
look at its status. Neither does a `while read` that reads from `<(…)`. No pod was restarted, no
table restored, and the step is done.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step reload "Reload" {
    run ```
      for pod in $(kubectl -n shop get pods -l app=shop -o name); do
        kubectl -n shop exec "$pod" -- nginx -s reload
      done
    ```
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step reload "Reload" {
    run ```
      pods="$(kubectl -n shop get pods -l app=shop -o name)"
      [[ -n "$pods" ]] || { echo "no pod of shop" >&2; exit 1; }
      for pod in $pods; do
        kubectl -n shop exec "$pod" -- nginx -s reload
      done
    ```
  }
}
```

## How it can be fooled

Sure about the status. Whether an empty list is an answer, too, nobody can know but you; a list of
files, of numbers, or out of a variable is left alone, and so is a loop that is all an expectation
prints, where the matcher refuses an empty answer, or one in which all that is done may fail
(`|| :`) and changes nothing, or stands in a step with `on_failure continue`. Nor is a list that is
read by `mapfile` and counted in a test behind it: `(( ${#pods[@]} > 0 )) || exit 1`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.analysis.empty_answers import LOCAL
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.silence.best_effort import feeds_best_effort
from rbdsl.rules.silence.judged_loops import missing_is_refused

CODE = Code("RB846", "list-may-be-empty", Severity.WARNING)

_LISTS = frozenset(["mapfile", "readarray"])
_MISSING_FAILS = frozenset(["diff", "cmp", "read"])


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each loop or reader whose list may be missing unnoticed."""
    for placed in context.calls:
        call = placed.call
        if not call.substituted or call.program in LOCAL or call.otherwise:
            continue
        if (
            call.strictness.of >= 0
        ):  # of a text that `ssh` or `bash -c` runs, it is these that count
            continue
        if missing_is_refused(placed):
            continue
        listed = call.holder == "for" or (call.substituted == "<(" and not _is_missed(placed))
        if listed and not feeds_best_effort(placed):
            yield _report(placed)


def _is_missed(placed: PlacedCall) -> bool:
    """Whether the reader of `<(…)` fails where there is nothing: `diff`, a single `read`."""
    for other in placed.place.before(placed):
        reader, start = other.call, placed.call.start
        held = reader.start < start < reader.end
        held = held or any(r.target.start < start < r.target.end for r in reader.redirections)
        if held and reader.program in _LISTS and _is_counted(placed, reader):
            return True
        if held or not reader.substituted:
            return held and reader.program in _MISSING_FAILS and reader.tested != "while"
    return False


def _is_counted(placed: PlacedCall, reader: Call) -> bool:
    """Whether the text asks behind it how many there are: `(( ${#pods[@]} > 0 )) || exit 1`."""
    name = re.escape(reader.operands[-1] if reader.operands else "MAPFILE")
    asked = rf"(?:\(\(|\[|\btest\b)[^\n]*\$\{{#{name}\[[@*]\]\}}"
    return re.search(asked, placed.place.shell.text[placed.call.end :]) is not None


def _report(placed: PlacedCall) -> Diagnostic:
    call = placed.call
    program = call.program or "this command"
    if call.substituted == "<(":
        fact = (
            f"a failure of `{program}` goes unnoticed: nobody gets the status of what is in `<( )`"
        )
    else:
        fact = f"where `{program}` fails the loop runs zero times, and the step goes on"
    return CODE.at(
        placed.span,
        fact,
        hint=f'first `list="$({program} …)"`, which fails with it and can be asked for being empty',
    )
