"""A comment allows a finding that is not there.

## Why

It was right once. Now it waits for the next finding of this kind at this place, and hides it.

## Bad

```rbplan
phase restore "Restore" {
  # rbc: allow RB306 "the dump never takes more than a minute"
  budget 2m
  step load "Load" { timeout 1m; run `./load.sh` }
}
```

## Good

```rbplan
phase restore "Restore" {
  # rbc: allow RB306 "the dump never takes more than a minute"
  budget 1m
  step load "Load" { timeout 2m; run `./load.sh` }
}
```

## How it can be fooled

In a module: its comments are not judged, because it serves other plans too.
"""

from rbdsl.diagnostics import Code, Severity

CODE = Code("RB910", "unused-suppression", Severity.WARNING)
