"""A character has no meaning here, or can't be seen.

## Why

Control characters and marks that turn the direction of writing make a text look different from
what it is: a review would see another command than the shell runs.

## Bad

```rbplan
phase restore "Restore" {
  budget 5m
  step load "Load" { run `./load.sh` } @
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

Letters of other alphabets that look alike are allowed in texts.
"""

from rbdsl.syntax.errors import BAD_CHARACTER as CODE

__all__ = ("CODE",)
