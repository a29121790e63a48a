"""Channels are declared, and none of them is told when the rollback fails.

## Why

A rollback that starts by itself also fails by itself. If only its start and its success are
announced, the channel shows a rollback that is still running, for ever.

## Bad

```rbplan
secret SLACK_WEBHOOK_URL "Webhook of the incident channel"
communications {
  channel slack "#incidents" using SLACK_WEBHOOK_URL
  notify slack on start, success
}
```

## Good

```rbplan
secret SLACK_WEBHOOK_URL "Webhook of the incident channel"
communications {
  channel slack "#incidents" using SLACK_WEBHOOK_URL
  notify slack on start, failure, sla_breach, success
}
```

## How it can be fooled

By a channel that nobody reads. A `hook failure` counts as telling.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context

CODE = Code("RB908", "failure-not-told", Severity.WARNING)

PARTS = ("communications",)


def check(context: Context) -> Iterator[Diagnostic]:
    """At most one finding."""
    communications = context.plan.communications
    if not communications or not communications.channels:
        return
    told = {event.text for notice in communications.notices for event in notice.events}
    told |= {hook.event.text for hook in context.plan.hooks}
    if "failure" not in told:
        first = communications.channels[0].name
        yield CODE.at(
            communications.notices[0].span if communications.notices else first.span,
            "no channel is told when the rollback fails",
            hint=f"say `notify {first} on failure`",
        )
