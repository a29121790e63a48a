"""Modules use each other in a circle.

## Why

None of them could be read first.

## Bad

```rbplan
rbplan 1
use "one.rbplan" as one
plan example "Example" {
  level 2
  phase restore "Restore" { budget 5m; step load "Load" { run `./load.sh` } }
}
```

```rbplan file="one.rbplan"
rbplan 1
use "two.rbplan" as two
module "One"
```

```rbplan file="two.rbplan"
rbplan 1
use "one.rbplan" as one
module "Two"
```

## Good

```rbplan
rbplan 1
use "one.rbplan" as one
plan example "Example" {
  level 2
  phase restore "Restore" { budget 5m; step load "Load" { run `./load.sh` } }
}
```

```rbplan file="one.rbplan"
rbplan 1
use "two.rbplan" as two
module "One"
```

```rbplan file="two.rbplan"
rbplan 1
module "Two"
```

## How it can be fooled

It can't be: files are compared, not their spelling.
"""

from rbdsl.model.errors import IMPORT_CYCLE as CODE

__all__ = ("CODE",)
