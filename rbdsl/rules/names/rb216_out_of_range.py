"""A number is outside of what makes sense here.

## Why

A budget of nothing, a thousand retries, a path that leaves the artifacts folder: each would be
taken literally.

## Bad

```rbplan
phase restore "Restore" { budget 0s; step load "Load" { run `./load.sh` } }
```

## Good

```rbplan
phase restore "Restore" { budget 5m; step load "Load" { run `./load.sh` } }
```

## How it can be fooled

By a number that is possible and wrong.
"""

from rbdsl.model.errors import OUT_OF_RANGE as CODE

__all__ = ("CODE",)
