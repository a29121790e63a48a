"""A service is rolled back to the version that it already has.

## Why

One of the two versions is a slip, and it is the one that the checks compare with: the verification
would be green although nothing was rolled back.

## Bad

```rbplan
service api in production { version "v2.1" -> "v2.1" }
phase apps "Applications" { budget 2m; step deploy "Deploy" { for api; run `./deploy.sh` } }
```

## Good

```rbplan
service api in production { version "v2.0.8" -> "v2.1" }
phase apps "Applications" { budget 2m; step deploy "Deploy" { for api; run `./deploy.sh` } }
```

## How it can be fooled

By two wrong versions.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context

CODE = Code("RB519", "same-version", Severity.ERROR)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such service."""
    for service in context.plan.services:
        old, new = service.restored, service.replaced
        if old and new and old.plain == new.plain:
            yield CODE.at(
                new.span,
                f"`{service.name}` is rolled back from {new} to {old}, which is the same",
                labels=(Label(old.span, "the version to bring back"),),
                hint="write the version from before the change on the left of `->`",
            )
