"""`command | grep -q` or `| head -1`: the reader stops early, and the writer dies of it.

## Why

`grep -q` ends at the first match. A writer that has more to say then gets SIGPIPE, and its status,
141, is that of the pipe, since every part of it counts. A check fails because it was right, now
and then, on the day that the output is long.

## Bad

```rbplan
verification {
  check version "The old version has started" {
    expect `kubectl -n shop logs deployment/shop | grep -q "started 3.1.4"`
  }
}
```

## Good

```rbplan
verification {
  check version "The old version has started" {
    expect `kubectl -n shop logs deployment/shop --tail=50` contains "started 3.1.4"
  }
}
```

## How it can be fooled

`yes | command` always fails so, and is an error. Else it is rarely wrong in what it says, and
rarely of consequence: an output under 64 KiB mostly fits the pipe; it is pedantic, and off unless
asked for. Writers that say little (`echo`, `--tail`) are left
alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.silence.answers import readers

CODE = Code("RB854", "reader-stops-early", Severity.PEDANTIC)

_SAYS_MUCH = frozenset(
    """
    kubectl oc docker podman journalctl cat zcat gunzip find psql mysql aws helm terraform dmesg tar
    pg_restore git
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_SHORT = ("tail", "lines", "n", "limit", "max-items")
PROGRAMS = _SAYS_MUCH | {"yes"}


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each writer whose reader may stop before it has said all."""
    known: dict[int, Call | None] = {}
    for placed in context.calls:
        call = placed.call
        if call.program == "yes" and call.stage + 1 < len(call.pipe):
            yield from _of_yes(placed)
        if call.program not in _SAYS_MUCH or not call.strictness.pipefail or call.tested == "||":
            continue
        if call.has(*_SHORT) and call.program not in ("kubectl", "oc"):
            continue
        if call.value("tail"):
            continue
        reader = _stopping(placed, known)
        if reader is not None:
            yield CODE.at(
                placed.span,
                f"`{reader.program}` stops reading at what it looks for, and `{call.program}` may "
                "then end with 141 (SIGPIPE), which fails the pipe",
                hint='write `expect … contains "…"`, or read all: `grep … >/dev/null`',
            )


def _stopping(placed: PlacedCall, known: dict[int, Call | None]) -> Call | None:
    """The first reader that stops; what is found for one writer is `known` for those behind it."""
    if id(placed.call) in known:
        return known[id(placed.call)]
    passed, found = [placed.call], None
    for reader in readers(placed):
        if _stops(reader):
            found = reader
            break
        passed.append(reader)
    known.update((id(call), found) for call in passed)
    return found


def _of_yes(placed: PlacedCall) -> Iterator[Diagnostic]:
    """`yes` never ends by itself: what it writes to is always the first to end."""
    call = placed.call
    if call.strictness.pipefail and not call.tested:
        yield CODE.at(
            placed.span,
            f"this pipe always fails: `yes` ends with 141 (SIGPIPE) once `{call.pipe[-1]}` is done",
            hint="use the option that answers (`-y`, `--yes`), or let a here-string say it: `<<<y`",
            severity=Severity.ERROR,
        )


def _stops(call: Call) -> bool:
    """Whether a reader ends before its input does."""
    if call.program in ("grep", "egrep", "fgrep"):
        return call.has("q", "quiet", "silent", "m", "max-count")
    return call.program == "head"
