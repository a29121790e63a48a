"""A table is altered without a limit on how long it may wait for the lock.

## Why

`ALTER TABLE` waits behind the longest query, and every later query waits behind it, also those
that only read. A change of milliseconds then stops the service for as long as that query takes.

## Bad

```rbplan
phase schema "Schema" {
  budget 1m
  step column "Old name" {
    run `psql -v ON_ERROR_STOP=1 -d shop -c 'alter table orders rename column total_v2 to total'`
    expect `./schema-is.sh 41`
  }
}
```

## Good

```rbplan
phase schema "Schema" {
  budget 1m
  step column "Old name" {
    run ```
      psql -v ON_ERROR_STOP=1 -d shop <<'SQL'
      set lock_timeout = '3s';
      alter table orders rename column total_v2 to total;
      SQL
    ```
    expect `./schema-is.sh 41`
  }
}
```

## How it can be fooled

A table that this plan created itself is spared, and so are concurrent builds of indexes. A role or
database with a `lock_timeout` of its own is not known here. Other databases than PostgreSQL are
not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from rbdsl.analysis.sql import Statement
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import shown
from rbdsl.rules.context import Context
from rbdsl.rules.destruction.damage import span_in
from rbdsl.rules.destruction.removal import Removals

CODE = Code("RB883", "ddl-without-lock-timeout", Severity.WARNING)
DESTROYS = False  # it makes others wait

_DDL = (
    r"(?i)^(?:alter table (?:if exists )?(?:only )?(\S+)"
    r"|create (?:unique )?index (?!concurrently\b).*? on (?:only )?([^\s(]+)"
    r"|drop index (?!concurrently\b)(?:if exists )?([^\s,;]+)"
    r"|drop (?:table|view|trigger \S+ on) (?:if exists )?([^\s,;(]+)"
    r"|truncate (?:table )?(?:only )?([^\s,;]+)"
    r"|(?:vacuum full|cluster|reindex table|lock table) ([^\s,;]+))"
)
_LIMIT = r"(?i)\block_timeout\b|\bnowait\b"
PROGRAMS = ("psql",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such statement."""
    removals = Removals(context)
    for placed in removals.order.acting(*PROGRAMS):
        if _is_limited(placed.place.shell.text):
            continue
        for one in placed.statements:
            table = _locked(one)
            if table and not removals.is_own(placed, table, one.start):
                yield CODE.at(
                    span_in(placed, one.start, one.end),
                    f"{shown(one.text)} waits for its lock without a limit, and all queries of the "
                    "table behind it",
                    hint="set a limit first: `set lock_timeout = '3s';`",
                )


@lru_cache(maxsize=64)
def _is_limited(text: str) -> bool:
    return re.search(_LIMIT, text) is not None


def _locked(statement: Statement) -> str:
    match = re.match(_DDL, statement.text)
    return next((name for name in match.groups() if name), "") if match else ""
