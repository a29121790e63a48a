"""A file holds no plan, two plans, or parts of a module beside a plan.

## Why

One file is one plan or one module, so that its outputs and its history have one name.

## Bad

```rbplan
rbplan 1
plan one "One" {
  level 2
  phase restore "Restore" { budget 5m; step load "Load" { run `./load.sh` } }
}
plan two "Two" {
  level 2
  phase restore "Restore" { budget 5m; step load "Load" { run `./load.sh` } }
}
```

## Good

```rbplan
rbplan 1
plan one "One" {
  level 2
  phase restore "Restore" { budget 5m; step load "Load" { run `./load.sh` } }
}
```

## How it can be fooled

It can't be.
"""

from rbdsl.model.errors import WRONG_FILE as CODE

__all__ = ("CODE",)
