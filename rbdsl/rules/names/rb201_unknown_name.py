"""A phase, service, scenario, metric, channel, variable or module is named and not declared.

## Why

A scenario that names a phase which was renamed would leave it out. Names are checked, so a
rename is either complete or an error.

## Bad

```rbplan
phase stop "Stop" { budget 1m; step stop "Stop" { run `./stop.sh` } }
phase restore "Restore" { after stopp; budget 5m; step load "Load" { run `./load.sh` } }
```

## Good

```rbplan
phase stop "Stop" { budget 1m; step stop "Stop" { run `./stop.sh` } }
phase restore "Restore" { after stop; budget 5m; step load "Load" { run `./load.sh` } }
```

## How it can be fooled

By a name of something else. Artifacts that are used and never made are RB801.
"""

from rbdsl.model.errors import UNKNOWN_NAME as CODE

__all__ = ("CODE",)
