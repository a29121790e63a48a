"""A quantity has no unit, an unknown one, or one of another dimension.

## Why

`budget 5`: minutes or seconds? `latency > 500` on a metric that counts in seconds never fires.
Units are part of the value, and are compared with what they are for.

## Bad

```rbplan
phase restore "Restore" { budget 5; step load "Load" { run `./load.sh` } }
```

## Good

```rbplan
phase restore "Restore" { budget 5m; step load "Load" { run `./load.sh` } }
```

## How it can be fooled

By a metric that is declared with another unit than its source has.
"""

from rbdsl.model.errors import WRONG_UNIT as CODE

__all__ = ("CODE",)
