"""A step reads a variable that nothing sets.

Known are what the plan declares (`let`, `param`, `secret`, artifacts, the region), what the text
sets itself, what bash and the system set, and names that environments usually have (`AWS_…`,
`PG…`).

## Why

Steps are strict: an unset variable ends the step with "unbound variable" at that very line, after
everything before it has been done. It is mostly a name that was changed in one place only.

## Bad

```rbplan
let database = "shop"
phase database "Database" {
  budget 2m
  step tables "Tables" { timeout 10s; run `psql -v ON_ERROR_STOP=1 -d "$databse" -c "select 1"` }
}
```

## Good

```rbplan
let database = "shop"
phase database "Database" {
  budget 2m
  step tables "Tables" { timeout 10s; run `psql -v ON_ERROR_STOP=1 -d "$database" -c "select 1"` }
}
```

`${name:-something}`, and what is asked for by `[[ -v name ]]`, may be unset.

## How it can be fooled

By the environment of the machine: a name that is much like a declared one is an error, another
in small letters a warning, and one in capitals, which may come from there, an information. What
`source` takes in may set anything, so that such a text is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.shell import problem_in
from rbdsl.analysis.shell_variables import variables
from rbdsl.diagnostics import Code, Diagnostic, Edit, Fix, Severity, closest
from rbdsl.rules.context import Context
from rbdsl.rules.values.environment import bound, declared
from rbdsl.rules.values.unset import Unset, unset

CODE = Code("RB890", "unset-variable", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each name and piece of shell."""
    known = declared(context.plan)
    for found in unset(context):
        if problem_in(found.place.shell.text) is not None:
            continue  # RB810: what is set in it can't be told
        if found.elsewhere is None or found.elsewhere is found.place:
            names = known | bound(found.place) | variables(found.place.shell.text).names
            yield _report(found, names)


def _report(found: Unset, known: frozenset[str]) -> Diagnostic:
    reading, place = found.reading, found.place
    name = reading.name
    span = place.span(reading.start, reading.end)
    if name.isdigit():
        return CODE.at(
            span,
            f"`${name}` is the argument of a script, and a step has none",
            hint="make it a `param`",
            severity=Severity.ERROR,
        )
    meant = closest(name, known)
    if meant is not None and not _is_alike(name, meant):
        meant = None
    severity = Severity.INFO if name.isupper() else Severity.WARNING
    if meant:
        severity = Severity.WARNING if name.isupper() else Severity.ERROR
    fix = None
    if meant and span.text.strip("${}") == name:
        fix = Fix(f"read `${meant}`", (Edit(span, span.text.replace(name, meant)),), safe=False)
    return CODE.at(
        span,
        f"nothing sets `${name}`"
        + ("" if severity is Severity.INFO else ": the shell ends there with `unbound variable`"),
        hint=f"did you mean `${meant}`?" if meant else _declaring(name),
        severity=severity,
        fix=fix,
    )


def _declaring(name: str) -> str:
    if name.isupper():
        return f"if the environment has it, say so: `secret {name}`, or `${{{name}:?…}}`"
    return (
        f"declare it by `let {name}` or `param {name}`, or write `${{{name}:-}}` if it may be unset"
    )


def _is_alike(name: str, other: str) -> bool:
    """Whether one is the other with a slip or two, or in other letters."""
    if name.lower().replace("_", "") == other.lower().replace("_", ""):
        return True
    return _distance(name.lower(), other.lower()) <= (1 if min(len(name), len(other)) < 6 else 2)


def _distance(one: str, other: str) -> int:
    """How many letters have to be put in, left out or exchanged."""
    if abs(len(one) - len(other)) > 2:
        return 3
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        before, row[0] = row[0], i
        for j, its in enumerate(other, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (letter != its))
    return row[-1]
