"""Two things of one kind have the same name.

## Why

Which of the two phases called `database` does `--from database` mean?

## Bad

```rbplan
phase restore "Restore" { budget 1m; step load "Load" { run `./load.sh` } }
phase restore "Restore more" { budget 1m; step load "Load" { run `./more.sh` } }
```

## Good

```rbplan
phase restore "Restore" { budget 1m; step load "Load" { run `./load.sh` } }
phase restore_more "Restore more" { budget 1m; step load "Load" { run `./more.sh` } }
```

## How it can be fooled

It can't be.
"""

from rbdsl.model.errors import DUPLICATE_NAME as CODE

__all__ = ("CODE",)
