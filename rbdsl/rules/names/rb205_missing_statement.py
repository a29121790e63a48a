"""A block lacks a statement that it can't do without.

## Why

A phase without a budget has no time, and so the plan has none.

## Bad

```rbplan
phase restore "Restore" { step load "Load" { run `./load.sh` } }
```

## Good

```rbplan
phase restore "Restore" { budget 5m; step load "Load" { run `./load.sh` } }
```

## How it can be fooled

It can't be.
"""

from rbdsl.model.errors import MISSING as CODE

__all__ = ("CODE",)
