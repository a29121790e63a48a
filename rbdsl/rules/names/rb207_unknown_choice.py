"""A word is none of the possible ones.

## Why

`automation sometimes` would have to be read as something, and whatever it were, half of the
readers would have meant the other.

## Bad

```rbplan
automation sometimes
phase restore "Restore" { budget 5m; step load "Load" { run `./load.sh` } }
```

## Good

```rbplan
automation gated
phase restore "Restore" { budget 5m; step load "Load" { run `./load.sh` } }
```

## How it can be fooled

It can't be.
"""

from rbdsl.model.errors import UNKNOWN_CHOICE as CODE

__all__ = ("CODE",)
