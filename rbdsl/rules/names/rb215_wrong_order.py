"""A range ends before it begins.

## Why

`verification..database` holds no phase at all; `database..verification` was meant.

## Bad

```rbplan
phase database "Database" { budget 3m; step load "Load" { run `./load.sh` } }
phase apps "Apps" { after database; budget 2m; step deploy "Deploy" { run `./deploy.sh` } }
scenario both "Both" { run apps..database }
```

## Good

```rbplan
phase database "Database" { budget 3m; step load "Load" { run `./load.sh` } }
phase apps "Apps" { after database; budget 2m; step deploy "Deploy" { run `./deploy.sh` } }
scenario both "Both" { run database..apps }
```

## How it can be fooled

Ranges follow the order in which phases are written, not the one in which they run.
"""

from rbdsl.model.errors import WRONG_ORDER as CODE

__all__ = ("CODE",)
