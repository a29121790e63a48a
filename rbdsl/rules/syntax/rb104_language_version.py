"""The file does not begin with a language version that this compiler knows.

## Why

The version says what the words mean. A plan that is read by the rules of another version might
compile and do something else.

## Bad

```rbplan
rbplan 9
plan example "Example" {
  level 2
}
```

## Good

```rbplan
rbplan 1
plan example "Example" {
  level 2
  phase restore "Restore" { budget 5m; step load "Load" { run `./load.sh` } }
}
```

## How it can be fooled

By a plan that says 1 and was written for something else.
"""

from rbdsl.syntax.errors import LANGUAGE_VERSION as CODE

__all__ = ("CODE",)
