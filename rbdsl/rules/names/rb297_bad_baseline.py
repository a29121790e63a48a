"""A baseline can't be used.

A file of accepted findings that is no valid JSON, was written by a newer rbc, has unknown keys, or
is missing. The plans that it is about are not reported on.

## Why

A baseline that is read by halves would accept half of what it should, or all of it.

## Bad

```json
{"format": 1, "findings": [{"path": "web.rbplan", "code": "RB306", "cuont": 2}]}
```

## Good

What `rbc check --write-baseline` has written, in a merge resolved by writing it anew.

## How it can be fooled

By entries that were added by hand: whoever may edit the baseline may accept anything that can be
accepted. Reviews should look at its difference.
"""

from rbdsl.diagnostics import Code, Severity

CODE = Code("RB297", "bad-baseline", Severity.ERROR)
