"""A word or sign stands where it can't stand.

## Why

The rest of the statement is not understood, so nothing in it would do what it seems to say.

## Bad

```rbplan
phase restore "Restore" {
  budget of 5m
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

A mistake early in a line may hide another one behind it, which shows up once the first is mended.
"""

from rbdsl.syntax.errors import UNEXPECTED as CODE

__all__ = ("CODE",)
