"""A comment allows what no plan may be excused from.

Errors of language, names and types, the demands of the level, and the SLA.

## Why

The level is a promise to others. A plan that excuses itself from it is a plan of a lower level,
and should say so.

## Bad

```rbplan
# rbc: allow-file RB402 "no time"
level 2
```

## Good

```rbplan
level 2
testing { in staging { passed 2025-12-08T10:00:00Z; took 1m } }
```

## How it can be fooled

By a lower level.
"""

from rbdsl.diagnostics import Code, Severity

CODE = Code("RB912", "forbidden-suppression", Severity.ERROR)
