"""The language, or this block, has no such statement.

## Why

A misspelt `budget` that was skipped in silence would be a phase without a time. Nothing is ever
skipped: each word of a plan means something, or is an error.

## Bad

```rbplan
phase restore "Restore" {
  budgte 5m
  step load "Load" { run `./load.sh` }
}
```

## Good

```rbplan
phase restore "Restore" {
  budget 5m
  step load "Load" { run `./load.sh` }
}
```

## How it can be fooled

By a misspelling that is another statement.
"""

from rbdsl.syntax.errors import UNKNOWN_STATEMENT as CODE

__all__ = ("CODE",)
