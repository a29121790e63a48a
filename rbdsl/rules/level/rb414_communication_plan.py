"""There is no communication plan (level 4).

Channels, what they are told of (`notify … on …`), and at least one audience with its message.

## Why

Silence is read as "they have not noticed". The words for customers are written badly at night by
whoever has a hand free; written before, they are only sent.

## Bad

```rbplan
level 4
communications { channel slack "#incidents" }
```

## Good

```rbplan
level 4
secret SLACK_WEBHOOK_URL "Webhook of the incident channel"
communications {
  channel slack "#incidents" using SLACK_WEBHOOK_URL
  notify slack on start, failure, sla_breach, success
  audience "Customers" { within 15m; message "We are restoring an earlier version." }
}
```

## How it can be fooled

By a channel that nobody reads.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.level.report import report

CODE = Code("RB414", "communication-plan", Severity.ERROR)


def check(context: Context) -> Iterator[Diagnostic]:
    """The requirement `communication-plan` of the level's policy."""
    return report(CODE, context)
