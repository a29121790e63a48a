"""A value is of another type than the one that is needed.

## Why

`level "three"` has no SLA, and a date without a time zone is a different moment in every office.

## Bad

```rbplan
created 2025-12-09T10:00:00
phase restore "Restore" { budget 5m; step load "Load" { run `./load.sh` } }
```

## Good

```rbplan
created 2025-12-09T10:00:00Z
phase restore "Restore" { budget 5m; step load "Load" { run `./load.sh` } }
```

## How it can be fooled

By a value of the right type that is wrong.
"""

from rbdsl.model.errors import WRONG_TYPE as CODE

__all__ = ("CODE",)
