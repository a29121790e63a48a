"""A text, a piece of shell or a block is never closed.

## Why

Everything behind it would be read as part of it.

## Bad

```rbplan
phase restore "Restore" {
  budget 5m
  objective "Bring the old version back
  step load "Load" { run `./load.sh` }
}
```

## Good

```rbplan
phase restore "Restore" {
  budget 5m
  objective "Bring the old version back"
  step load "Load" { run `./load.sh` }
}
```

## How it can be fooled

A `}` that is missing in the middle is noticed at the next statement that can't stand there, which
may be further down.
"""

from rbdsl.syntax.errors import UNCLOSED as CODE

__all__ = ("CODE",)
