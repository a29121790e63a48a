"""The baseline accepts a finding that is no longer there.

An entry counts for a plan that was checked, or that does not exist any more; what was not looked
at this time, or is switched off by an option of this call, is not judged.

## Why

It was mended. An entry that stays accepts the next finding of this kind at this place, unseen.

## Bad

```json
{"path": "web.rbplan", "code": "RB306", "in": "phase back", "text": "budget 1m", "count": 1}
```

## Good

The baseline without the entry: `rbc check --write-baseline` writes it anew.

## How it can be fooled

By a plan with mistakes in its language: as long as the rules can't be run on it, none of its
entries is judged.
"""

from rbdsl.diagnostics import Code, Severity

CODE = Code("RB915", "stale-baseline", Severity.WARNING)
