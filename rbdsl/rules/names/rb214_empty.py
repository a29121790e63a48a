"""A piece of shell, a title or a block has nothing in it.

## Why

A step with an empty command succeeds.

## Bad

```rbplan
phase restore "" { budget 5m; step load "" { run `./load.sh` } }
```

## Good

```rbplan
phase restore "Restore" { budget 5m; step load "Load" { run `./load.sh` } }
```

## How it can be fooled

By a command that does nothing, such as `true`.
"""

from rbdsl.model.errors import EMPTY as CODE

__all__ = ("CODE",)
