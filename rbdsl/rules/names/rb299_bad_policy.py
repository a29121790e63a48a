"""A file of level policies can't be read.

## Why

The policies say what a level demands. A requirement that is misspelt there would be demanded of
no plan.

## Bad

```toml
[levels.3]
sla = "15 minutes"
```

## Good

The shipped file, `stdlib/levels.toml`, shows every key.

## How it can be fooled

By leaving a requirement out.
"""

from rbdsl.analysis.policy_tables import BAD_POLICY as CODE

__all__ = ("CODE",)
