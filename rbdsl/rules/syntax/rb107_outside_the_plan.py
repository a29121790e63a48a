"""A statement stands behind the end of the plan.

## Why

Most often there is one `}` too many further up: what follows looks like a part of the plan, and
is not.

## Bad

```rbplan
rbplan 1
plan example "Example" {
  level 2
  phase restore "Restore" { budget 5m; step load "Load" { run `./load.sh` } }
}
owner "sre"
```

## Good

```rbplan
rbplan 1
plan example "Example" {
  level 2
  owner "sre"
  phase restore "Restore" { budget 5m; step load "Load" { run `./load.sh` } }
}
```

## How it can be fooled

It can't be.
"""

from rbdsl.syntax.errors import OUTSIDE as CODE

__all__ = ("CODE",)
