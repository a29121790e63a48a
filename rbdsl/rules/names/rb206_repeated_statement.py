"""A statement that may stand once in its block stands there again.

## Why

Of two budgets one would win in silence, and the reader can't know which.

## Bad

```rbplan
phase restore "Restore" { budget 5m; budget 6m; step load "Load" { run `./load.sh` } }
```

## Good

```rbplan
phase restore "Restore" { budget 5m; step load "Load" { run `./load.sh` } }
```

## How it can be fooled

It can't be.
"""

from rbdsl.model.errors import REPEATED as CODE

__all__ = ("CODE",)
