"""A metric source has an address that can't be asked, or a path that jq can't read.

## Why

The monitor asks it every few seconds and gets no answer. By the policy for missing data it then
holds still, alarms, or fires on nothing; the bounds of the verification can't be judged at all.

## Bad

```rbplan
metrics from http "metrics.internal/${metric}" json "value" { error_rate ratio }
triggers { automatic { error_rate > 1% for 2m } }
```

## Good

```rbplan
metrics from http "http://metrics.internal/${metric}" json ".value" { error_rate ratio }
triggers { automatic { error_rate > 1% for 2m } }
```

## How it can be fooled

What a variable holds that is set when the script runs is not known, and whether anybody answers
there is not asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context

CODE = Code("RB613", "address-of-metrics", Severity.ERROR)

_BEGINS = lazy_pattern(r"(?:https?://[^/\s]|file:///|\$\{)")
PARTS = ("metric_sources",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such address, and for each such path."""
    for source in context.plan.metric_sources:
        address = source.address.plain
        if not _BEGINS.match(address):
            yield CODE.at(
                source.address.span,
                f"`{address}` is no address that can be asked: it does not begin with `http://` or "
                "`https://`",
                hint=f"write `http://{address.removeprefix('//')}`" if address else None,
            )
        elif re.search(r"\s", address):
            yield CODE.at(
                source.address.span,
                "there is a blank in the address, which no server gets",
                hint="write `%20`, or leave it out",
            )
        if source.json and not source.json.plain.lstrip().startswith((".", "$", "(", "[")):
            yield CODE.at(
                source.json.span,
                f"`{source.json}` is no path into JSON: it does not begin with a dot",
                hint=f"write `.{source.json}`",
            )
