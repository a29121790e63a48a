"""A channel is declared, and nothing is ever sent to it.

## Why

Its readers believe that they would have heard.

## Bad

```rbplan
secret SLACK_WEBHOOK_URL "Webhook of the incident channel"
secret SMTP_URL "Mail server"
communications {
  channel slack "#incidents"      using SLACK_WEBHOOK_URL
  channel email "sre@example.com" using SMTP_URL
  notify slack on start, failure
}
```

## Good

```rbplan
secret SLACK_WEBHOOK_URL "Webhook of the incident channel"
secret SMTP_URL "Mail server"
communications {
  channel slack "#incidents"      using SLACK_WEBHOOK_URL
  channel email "sre@example.com" using SMTP_URL
  notify slack, email on start, failure
}
```

## How it can be fooled

A step with `notify` counts, even one that no scenario runs. Where nothing is sent at all, RB908
says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context

CODE = Code("RB909", "channel-never-used", Severity.WARNING)

PARTS = ("communications",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such channel."""
    plan, communications = context.plan, context.plan.communications
    if not communications:
        return
    used = {name.text for notice in communications.notices for name in notice.channels}
    used |= {name.text for step in plan.steps() if step.notify for name in step.notify.channels}
    # Where nothing is sent at all, RB908 says it once for all of them.
    for channel in communications.channels if used else ():
        if channel.name.text not in used:
            yield CODE.at(
                channel.name.span,
                f"nothing is ever sent to channel `{channel.name}`",
                hint=f"add it to a `notify`, e.g. `notify {channel.name} on failure`",
            )
