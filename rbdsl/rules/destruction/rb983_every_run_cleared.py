"""All runs that a workflow ever had are cleared, and not only those of the faulty version.

## Why

`airflow tasks clear DAG` without `--start-date` is about every run since the first one. The
scheduler starts all of them again: years of data are computed once more and written over what was
right, and the runs that matter wait at the end of the queue.

## Bad

```rbplan
phase data "Compute the days again" {
  budget 12m
  step clear "Clear the runs" {
    timeout 1m
    run `airflow tasks clear --yes orders_daily`
    expect `./days-are-computed.sh`
  }
}
```

## Good

```rbplan
phase data "Compute the days again" {
  budget 12m
  step clear "Clear the runs since the change" {
    timeout 1m
    run `airflow tasks clear --yes --start-date 2025-11-20 orders_daily`
    expect `./days-are-computed.sh`
  }
}
```

## How it can be fooled

A workflow whose first run is that of the change has no other runs. One start is enough, whatever
it is; `--only-failed` and `--only-running` limit it, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import acting, shown
from rbdsl.rules.context import Context

CODE = Code("RB983", "every-run-cleared", Severity.WARNING)

PROGRAMS = ("airflow",)

_LIMITS = ("s", "start-date", "only-failed", "only-running", "f", "r", "help")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    for placed in acting(context, *PROGRAMS):
        call = placed.call
        clears = call.operands[:2] == ("tasks", "clear") or call.operands[:1] == ("clear",)
        if clears and not call.has(*_LIMITS) and not any("[@]" in w.text for w in call.words):
            yield CODE.at(
                placed.span,
                f"{shown(call.text)} clears every run that there ever was, and all of them run "
                "again",
                hint="say since when: `--start-date`, and until when: `--end-date`",
            )
