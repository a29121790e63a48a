"""A `let`, `param` or `secret` is declared and never used.

Only pedantic for a secret, which programs may read from their environment.

## Why

Whoever changes the version in it believes that the plan now rolls back to another one. A secret
that nothing needs is asked for before each run, and a missing one stops it.

## Bad

```rbplan
let api_image = "api:v2.0.8"
phase apps "Applications" { budget 2m; step deploy "Deploy" { run `./deploy.sh api:v2.0.7` } }
```

## Good

```rbplan
let api_image = "api:v2.0.8"
phase apps "Applications" { budget 2m; step deploy "Deploy" { run `./deploy.sh "$api_image"` } }
```

## How it can be fooled

Variables are in the environment of the scripts that a step calls, and a use in there is not seen:
hand the value over as an argument, which the reader of the plan sees too. The name of a duration
or of a number counts as used wherever it stands behind another word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.model.plan import Variable, VariableKind
from rbdsl.model.values import ValueType
from rbdsl.rules.context import Context

CODE = Code("RB808", "unused-variable", Severity.WARNING)

PARTS = ("variables",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such variable."""
    plan = context.plan
    channels = plan.communications.channels if plan.communications else ()
    secrets = {channel.secret.text for channel in channels if channel.secret}
    secrets |= {n.text for step in plan.steps() for n in step.requires}
    for variable in plan.variables:
        name = variable.name
        if name.shell in context.readers or name.text in secrets or _is_a_value(variable):
            continue
        # A secret is in the environment of every step, for programs that look for it there.
        secret = variable.kind is VariableKind.SECRET
        yield CODE.at(
            name.span,
            f"`{name}` is declared, and nothing uses it",
            hint=f'read it as `"${name.shell}"`, or remove it',
            severity=Severity.PEDANTIC if secret else Severity.WARNING,
        )


def _is_a_value(variable: Variable) -> bool:
    """Whether its name stands in place of a value: `budget patience`, `retry attempts every 5s`."""
    if variable.type not in (ValueType.DURATION, ValueType.INT):
        return False
    name, source = variable.name, variable.span.source.text
    rest = source[: variable.span.start] + source[variable.span.end :]
    mention = rf"(?m)^[^#\n]*\b[a-z_]+\s+{re.escape(name.text)}(?![\w-])"
    return re.search(mention, rest) is not None
