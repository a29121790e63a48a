"""A channel has an address that no message can be sent to.

## Why

The message is made, the sending fails, and the run goes on, as it should. The people who were to be
told learn of the incident from somebody else.

## Bad

```rbplan
communications {
  channel webhook "status.example.com/hooks/rollback"
  notify webhook on failure
}
```

## Good

```rbplan
communications {
  channel webhook "https://status.example.com/hooks/rollback"
  notify webhook on failure
}
```

## How it can be fooled

What stands in a secret is known when the script runs, and not asked here.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context

CODE = Code("RB917", "address-of-channel", Severity.ERROR)

_URL = lazy_pattern(r"(?:https?://[^/\s][^\s]*|\$\{.*)\Z")
_RECIPIENT = lazy_pattern(r"[^@\s,<>]+@[^@\s,<>]+\Z|.*<[^@\s,<>]+@[^@\s,<>]+>\Z|\$\{.*\Z")
PARTS = ("communications",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such channel."""
    communications = context.plan.communications
    for channel in communications.channels if communications else ():
        target = channel.target.plain
        kind = channel.name.text
        if kind == "webhook" and channel.secret is None and not _URL.match(target):
            yield CODE.at(
                channel.target.span,
                f"`{target}` is no address of a webhook",
                hint="write an URL without blanks: `https://host/path`",
            )
        if kind == "email":
            wrong = [one for one in target.split(",") if not _RECIPIENT.match(one.strip())]
            if wrong:
                yield CODE.at(
                    channel.target.span,
                    f"`{wrong[0].strip()}` is no mail address",
                    hint="write recipients with commas between them: `sre@example.com`",
                )
