"""A configuration can't be used.

An `rbc.toml`, or the table `[tool.rbc]` of a `pyproject.toml`, that is no valid TOML, has a key,
a type or a code that does not exist, demands another version of rbc, or ignores what no plan is
excused from. The plans below it are not checked.

It is a warning where a `per-path` is about a folder or file that does not exist, such as
`[per-path."plans/legcy/**"]`; what holds for all plans holds then.

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

By a code of ShellCheck that does not exist: those are known by their form only. By a `per-path` in
whose folder no file matches: only the names before its first `*`, `?` or `[` are looked for.
"""

from rbdsl.diagnostics import Code, Severity

CODE = Code("RB298", "bad-configuration", Severity.ERROR)
