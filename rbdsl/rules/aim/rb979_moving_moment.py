"""What is gone back to is so long before the rollback, and not before the change.

## Why

An hour before is before the change only for the first hour. Decided later, the rollback takes the
state that the change has already spoiled, copies it over itself, and says that it worked: the point
moves on with the clock of the one who runs it.

## Bad

```rbplan
phase table "Table of before" {
  budget 5m
  step back "Copy it over" {
    run `bq --quiet cp --force finance.revenue@-3600000 finance.revenue`
    expect `./sums-are-right.sh`
  }
}
```

## Good

```rbplan
capture {
  step keep "Keep the table" {
    run `bq --quiet cp --force finance.revenue finance.revenue_before`
  }
}
phase table "Table of before" {
  budget 5m
  step back "Copy it over" {
    run `bq --quiet cp --force finance.revenue_before finance.revenue`
    expect `./sums-are-right.sh`
  }
}
```

A moment that is written down before the change does as well: `@1764129600000`, `timestamp
'2025-11-26 03:55:00+00'`, a `param`.

## How it can be fooled

Known are the ways of BigQuery, Snowflake, Oracle, Delta, CockroachDB, SQL Server and MariaDB to ask
for the past, and the options of programs that restore to a point in time; the latest there is the
last moment that can be had, with the change in it. What a capture asks for at its own time is
right, and so is the latest moment of a database that was lost as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.acting import acting, shown
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB979", "moving-moment", Severity.WARNING)

_SQL = (
    *("bq", "snow", "snowsql", "sqlplus", "sql", "psql", "cockroach", "sqlcmd", "mysql", "mariadb"),
    *("spark-sql", "databricks", "trino", "beeline"),
)
_NOW = (
    r"(?:current_timestamp|systimestamp|sysdate|now|getdate|getutcdate|sysutcdatetime|sysdatetime"
    r"|current_date|localtimestamp)"
)
_PAST = lazy_pattern(
    r"(?i)(?<=[\w\]`}])@-\d{3,}"
    rf"|\b(?:system_time|timestamp|version|scn)\s+as\s+of\b[^;'\"]{{0,80}}?\b{_NOW}\b"
    rf"|\bas\s+of\s+(?:timestamp|system_time)\b[^;'\"]{{0,60}}?\b{_NOW}\b"
    rf"|\bto\s+timestamp\b[^;'\"]{{0,40}}?\b{_NOW}\b"
    r"|\b(?:at|before)\s*\(\s*offset\s*=>\s*-"
    rf"|\b(?:at|before)\s*\(\s*timestamp\s*=>[^;'\"]{{0,60}}?\b{_NOW}\b"
    r"|\bas\s+of\s+system\s+time\s+'-"
)
_RESTORING = {
    "aws": ("restore-time", "restore-to-time", "restore-date-time"),
    "gcloud": ("point-in-time", "restore-instance-time"),
    "az": ("time", "t", "restore-point-in-time", "restore-timestamp"),
    "pgbackrest": ("target",),
    "barman": ("target-time",),
    "wal-g": ("target-time", "since", "until"),
    "mongorestore": ("oplogLimit",),
    "mysqlbinlog": ("stop-datetime",),
    "influx": ("time",),
}
"""The options of programs that restore to a point in time."""
_LATEST = "use-latest-restorable-time"
_DATE = lazy_pattern(r"(?:\$\(|`)\s*date\b([^)`]*)")
_GIVEN = lazy_pattern(r"(?:^|\s)(?:-\w*[dr]\b|--date\b|--reference\b)")
_RELATIVE = lazy_pattern(
    r"(?i)\bago\b|\byesterday\b|\blast\b|-v ?-\d|[-+] ?\d+ ?(?:sec|min|hour|day)"
)
PROGRAMS = frozenset([*_SQL, *_RESTORING])


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such command."""
    for placed in acting(context, *PROGRAMS):
        if placed.place.captures:
            continue
        if placed.call.program in _SQL:
            said = "\n".join((" ".join(placed.texts), *placed.call.given))
            found = _PAST.search(said)
            if found:
                yield _report(placed, f"`{' '.join(found[0].split())}`")
        elif moment := _moment(placed):
            yield _report(placed, moment)


def _moment(placed: PlacedCall) -> str:
    """What a command that restores to a point in time takes from the clock; empty for nothing."""
    call = placed.call
    words = [word.text for word in call.words]
    if call.program == "aws" and f"--{_LATEST}" in words:
        return f"`--{_LATEST}`"
    for at, word in enumerate(words):
        name, equals, value = word.lstrip("-").partition("=")
        if not word.startswith("-") or name not in _RESTORING[call.program]:
            continue
        text = value if equals else "".join(words[at + 1 : at + 2])
        for said in (text, *_assigned(placed, text)):
            date = _DATE.search(said)
            if date and (_RELATIVE.search(date[1]) or not _GIVEN.search(date[1])):
                return shown(date[0] + said[date.end() : date.end() + 1])
    return ""


def _assigned(placed: PlacedCall, text: str) -> Iterator[str]:
    """What the shell itself assigns to the variables of a word."""
    for name in re.findall(r"\$\{?(\w+)", text):
        yield from re.findall(rf"(?m)\b{name}=(\S*\$\([^\n]*)", placed.place.shell.text)


def _report(placed: PlacedCall, moment: str) -> Diagnostic:
    return CODE.at(
        placed.span,
        f"{moment} moves on with the clock of the rollback: once the change is older than that, "
        "what it has spoiled is restored",
        hint="keep the state in `capture`, or write down the moment before the change",
    )
