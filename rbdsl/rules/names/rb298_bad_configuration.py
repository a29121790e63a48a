"""A configuration can't be used.

An `rbc.toml`, or the table `[tool.rbc]` of a `pyproject.toml`, that is no valid TOML, has a key,
a type or a code that does not exist, demands another version of rbc, or ignores what no plan is
excused from. The plans below it are not checked.

## Why

A setting that is misspelt would be a setting that is not there: the rule that was made an error
stays a warning, and nobody is told.

## Bad

```toml
ignore = ["RB302", "RB0402"]
severty = { RB803 = "error" }
```

## Good

```toml
ignore = ["RB302"]
severity = { RB803 = "error" }
```

## How it can be fooled

By a code of ShellCheck that does not exist: those are known by their form only.
"""

from rbdsl.diagnostics import Code, Severity

CODE = Code("RB298", "bad-configuration", Severity.ERROR)
