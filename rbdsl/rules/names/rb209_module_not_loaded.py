"""A module is missing, can't be read, lies outside of the project, or has errors itself.

## Why

Its steps would be missing from the rollback.

## Bad

```rbplan
rbplan 1
use "no-such-file.rbplan" as shared
plan example "Example" {
  level 2
  phase restore "Restore" { budget 5m; step load "Load" { run `./load.sh` } }
}
```

## Good

```rbplan
rbplan 1
use "shared.rbplan" as shared
plan example "Example" {
  level 2
  phase restore "Restore" { budget 5m; step load "Load" shared.load() }
}
```

```rbplan file="shared.rbplan"
rbplan 1
module "Shared"
step load() "Load" { run `./load.sh` }
```

## How it can be fooled

It can't be.
"""

from rbdsl.model.errors import MODULE_NOT_LOADED as CODE

__all__ = ("CODE",)
