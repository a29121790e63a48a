"""`redis-cli` without `-e` ends with 0 when the server answers an error.

## Why

`NOAUTH Authentication required`, `READONLY You can't write against a read only replica`, `OOM`:
`redis-cli` prints them as an answer like any other and succeeds. The cache was not flushed, and the
old version reads what the new one wrote.

## Bad

```rbplan
phase cache "Cache" {
  budget 1m
  step drop "Drop" { run `redis-cli -h cache DEL auth:tokens` }
}
```

## Good

```rbplan
phase cache "Cache" {
  budget 1m
  step drop "Drop" { run `redis-cli -e -h cache DEL auth:tokens` }
}
```

`-e` came with Redis 7.0. With an older client, judge the answer: `expect … equals "OK"`, or
`| grep -x OK`.

## How it can be fooled

Sure where nobody looks at the answer. A step that compares with what the server says afterwards
(`expect … redis-cli EXISTS … equals "0"`) notices by itself, whatever it asks. Commands that are
given to read (`redis-cli < file`) are not helped by `-e`; there only the answers tell.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall, Role
from rbdsl.rules.silence.answers import is_shrug, looked_at
from rbdsl.rules.silence.changes import changes, redis_words
from rbdsl.rules.silence.mends import with_option, written

CODE = Code("RB838", "redis-error-passes", Severity.WARNING)

_ELSE = ("pipe", "cluster", "rdb", "scan", "bigkeys", "latency", "version", "v", "help", "stat")
PROGRAMS = ("redis-cli",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each call that changes something, or that is a check."""
    for placed in context.calls:
        call = placed.call
        if call.program not in PROGRAMS or call.has("e", *_ELSE) or is_shrug(call.otherwise):
            continue
        judges = placed.place.role in (Role.EXPECT, Role.DONE_WHEN, Role.PROBE)
        if (changes(call) or judges) and not looked_at(placed) and not _is_asked_for(placed):
            yield _report(placed)


def _is_asked_for(placed: PlacedCall) -> bool:
    """Whether the step compares with what the server says afterwards."""
    step = placed.place.step
    expected = step.expectations if step and placed.place.role is Role.RUN else ()
    return any(e.matcher is not None and "redis-cli" in e.shell.text for e in expected)


def _report(placed: PlacedCall) -> Diagnostic:
    command = (redis_words(placed.call) or ("it",))[0]
    reads = not placed.call.operands
    hint = "judge the answers: `| grep -x OK`" if reads else f"write `{written(placed, '-e')}`"
    return CODE.at(
        placed.span,
        f"an error of the server passes for success: `redis-cli` ends with 0 whatever `{command}` "
        "is answered",
        hint=hint + ("" if reads else ", or judge the answer where the client is older than 7.0"),
        fix=None if reads else with_option(placed, "-e", safe=False),
    )
