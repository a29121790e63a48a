"""What is restored has the present date in its name.

## Why

`$(date +%F)` is the day of the rollback, and the dump was made on the day of the change. After
midnight, or a day later, there is no such file; worse where there is one.

## Bad

```rbplan
phase database "Database" {
  budget 5m
  step restore "Restore" {
    run `pg_restore --exit-on-error --clean --if-exists -d shop "/backup/shop-$(date +%F).dump"`
    expect `./schema-is.sh 41`
  }
}
```

## Good

```rbplan
capture {
  step dump "Dump" {
    creates dump "shop.dump" checksum sha256
    run `pg_dump --no-password --format=custom --file="$dump" --dbname=shop`
  }
}
phase database "Database" {
  budget 5m
  step restore "Restore" {
    uses dump
    run `pg_restore --exit-on-error --clean --if-exists -d shop "$dump"`
    expect `./schema-is.sh 41`
  }
}
```

## How it can be fooled

A file that the same step has written under that name before is spared. A date that is handed on by
another script is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import acting, near, shown
from rbdsl.rules.aim.sources import sources
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB862", "date-in-source", Severity.WARNING)

_DATE = r"\$\(\s*date\b|`\s*date\b|\$\{?EPOCHSECONDS|\$\(printf '?%\("
_ASSIGNED = r"(?m)(?:^|[\s;])(\w+)=[\"']?[^\n;\"']*(?:\$\(\s*date\b|`\s*date\b)"


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such source."""
    for placed in acting(context):
        text = placed.place.shell.text
        if placed.place.captures or not _mentions_date(text):
            continue
        dated = _dated(text)
        for word in sources(placed):
            names = dated.intersection(re.findall(r"\$(\w+)", word.text))
            if re.search(_DATE, word.text) or (names and not _written(placed, names)):
                yield CODE.at(
                    placed.span_of(word),
                    f"{shown(word.text)} has the date of the rollback in it, and not that of the "
                    "backup",
                    hint="make the file in `capture` with `creates`, and use it by its name",
                )


@lru_cache(maxsize=64)
def _mentions_date(text: str) -> bool:
    return "date" in text


@lru_cache(maxsize=64)
def _dated(text: str) -> frozenset[str]:
    """The variables that hold the date, by themselves or by way of one another."""
    found = set(re.findall(_ASSIGNED, text))
    for name, value in re.findall(r"(?m)(?:^|[\s;])(\w+)=([^\n;]*)", text):
        if "$" in value and not found.isdisjoint(re.findall(r"\$\{?(\w+)", value)):
            found.add(name)
    return frozenset(found)


def _written(placed: PlacedCall, names: frozenset[str]) -> bool:
    """Whether an earlier command of the same text has the variable: it makes the file."""
    return any(
        names.intersection(re.findall(r"\$(\w+)", _words(o)))
        for o in near(placed)
        if o.call.start < placed.call.start and o.call.program not in ("test", "[", "ls", "echo")
    )


def _words(placed: PlacedCall) -> str:
    call = placed.call
    return " ".join((call.text, *(r.target.text for r in call.redirections)))
