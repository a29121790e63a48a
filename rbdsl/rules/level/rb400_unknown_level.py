"""No policy knows the level.

## Why

Without a level there is no SLA to compare with, and nothing that the plan has to prove. What is
found beside this is what holds at any level; the rest is judged once the level is known.

## Bad

```rbplan
level 7
phase restore "Restore" { budget 5m; step load "Load" { run `./load.sh` } }
```

## Good

```rbplan
level 2
phase restore "Restore" { budget 5m; step load "Load" { run `./load.sh` } }
```

## How it can be fooled

By a policy file that defines the level and demands nothing.
"""

from rbdsl.analysis.analyse import UNKNOWN_LEVEL as CODE

__all__ = ("CODE",)
