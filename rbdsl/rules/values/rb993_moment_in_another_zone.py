"""A moment is noted in UTC, and read in the time zone of a host.

## Why

`mysqlbinlog --stop-datetime` takes what it is given in the zone of the machine that it runs on. A
moment that `date -u` has noted before the change is another one there: in Berlin the replay stops
one or two hours early, and what was written in that time is lost; west of Greenwich it goes on into
the change that has to go. Staging servers are often set to UTC, so that a test does not see it.

## Bad

```rbplan
capture {
  step moment "Note the moment" { creates moment "moment.txt"; run `date -u '+%F %T' >"$moment"` }
}
phase replay "Replay" {
  budget 5m
  step replay "Play the logs" {
    uses moment
    timeout 4m
    run `mysqlbinlog --stop-datetime="$(<"$moment")" binlog.000041 | mysql -D shop`
  }
}
```

## Good

```rbplan
capture {
  step moment "Note the moment" { creates moment "moment.txt"; run `date -u '+%F %T' >"$moment"` }
}
phase replay "Replay" {
  budget 5m
  step replay "Play the logs" {
    uses moment
    timeout 4m
    run `TZ=UTC mysqlbinlog --stop-datetime="$(<"$moment")" binlog.000041 | mysql -D shop`
  }
}
```

A position (`--stop-position`) has no zone at all.

## How it can be fooled

A moment counts as UTC where anything in the plan asks for it so (`date -u`, `utc_timestamp()`); one
that is written into the command is believed. Hosts that are set to UTC need no `TZ`, and are safer
with it. A `date` in the same shell that is not in UTC is taken for what turns one into the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.acting import acting
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall, Role
from rbdsl.source import Span

CODE = Code("RB993", "moment-in-another-zone", Severity.WARNING)

PROGRAMS = ("mysqlbinlog", "mariadb-binlog")

_MOMENTS = ("stop-datetime", "start-datetime")
_ZONE = r"\bTZ="
_IN_UTC = r"(?i)\butc_timestamp\b|at time zone 'utc'"


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    noted: Span | None = None
    for placed in acting(context, *PROGRAMS):
        option = next((name for name in _MOMENTS if placed.call.has(name)), "")
        if not option or not _is_computed(placed, option) or _has_zone(placed):
            continue
        noted = noted or _noted_in_utc(context)
        if noted is None:
            return
        yield CODE.at(
            placed.span,
            f"`--{option}` is taken in the time zone of the host, and the moment was noted in UTC",
            labels=(Label(noted, "noted in UTC here"),),
            hint=f"write `TZ=UTC {placed.call.program} …`, or give a position",
        )


def _is_computed(placed: PlacedCall, option: str) -> bool:
    """Whether its moment is known only when it runs."""
    words = [word.text for word in placed.call.words]
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == f"--{option}":
            return "$" in following
        if word.startswith(f"--{option}="):
            return "$" in word
    return False


def _has_zone(placed: PlacedCall) -> bool:
    """Whether its text says a zone, or has a `date` that turns the moment into one of the host."""
    if re.search(_ZONE, placed.place.shell.text):
        return True
    others = (other.call for other in placed.place.calls if other.call.program == "date")
    return any(not call.has("u", "utc", "universal") for call in others)


def _noted_in_utc(context: Context) -> Span | None:
    """Where the plan asks for a moment in UTC before it is needed."""
    for placed in context.calls:
        call = placed.call
        if placed.place.role is Role.QUERY:
            continue
        by_date = call.program == "date" and call.has("u", "utc", "universal")
        if by_date or re.search(_IN_UTC, "\n".join((call.text, *call.given))):
            return placed.span
    return None
