"""A comment that should allow a finding has no reason, or names no rule.

## Why

The finding was right, or it was not: whoever reads the plan in a year has to know which. Without
a reason the finding is reported as before.

## Bad

```rbplan
phase restore "Restore" {
  # rbc: allow RB306
  budget 1m
  step load "Load" { timeout 2m; run `./load.sh` }
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

By a reason that is none.
"""

from rbdsl.diagnostics import Code, Severity

CODE = Code("RB911", "bad-suppression", Severity.ERROR)
