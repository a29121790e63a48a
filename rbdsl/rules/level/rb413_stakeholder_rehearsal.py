"""The rehearsal was held without stakeholders (level 4).

A held rehearsal whose participants name stakeholders.

## Why

At level 4 it is not only engineers who act: support answers customers, the business decides
whether to go on. They have to have seen it once.

## Bad

```rbplan
level 4
testing { rehearsal { held 2025-12-08T16:00:00Z; participants "Engineering", "SRE" } }
```

## Good

```rbplan
level 4
testing {
  rehearsal { held 2025-12-08T16:00:00Z; participants "Engineering", "SRE", "Stakeholders" }
}
```

## How it can be fooled

By a list of names: the compiler looks for the word.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.level.report import report

CODE = Code("RB413", "stakeholder-rehearsal", Severity.ERROR)


def check(context: Context) -> Iterator[Diagnostic]:
    """The requirement `stakeholder-rehearsal` of the level's policy."""
    return report(CODE, context)
