r"""A text holds a backslash that means nothing, or a `${` that is no reference.

## Why

A regular expression in a text needs its backslashes doubled. If `\.` were read as `.`, the
expectation would match what it should not.

## Bad

```rbplan
verification { check version "Version" { expect `./version.sh` matches "v2\.0" } }
```

## Good

```rbplan
verification { check version "Version" { expect `./version.sh` matches "v2\\.0" } }
```

## How it can be fooled

By a sequence that exists: `\n` and `\t` in a Windows path are a newline and a tab.
"""

from rbdsl.syntax.errors import BAD_ESCAPE as CODE

__all__ = ("CODE",)
