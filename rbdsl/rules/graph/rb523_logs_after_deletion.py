"""Logs are collected of what has been deleted or scaled to zero before.

## Why

The logs of a pod go with the pod. The command then finds nothing, often succeeds, and the one
piece of evidence for the post-mortem is an empty file.

## Bad

```rbplan
service api in production { version "v2.0.8" -> "v2.1" }
phase stop "Stop" {
  budget 1m
  step scale "Scale" { run `kubectl scale deployment api-v2.1 --replicas=0` }
}
phase report "Report" {
  after stop
  budget 1m
  step logs "Logs" { run `kubectl logs -l version=v2.1 --since=30m` }
}
```

## Good

```rbplan
service api in production { version "v2.0.8" -> "v2.1" }
phase stop "Stop" {
  budget 1m
  step logs "Logs" { run `kubectl logs -l version=v2.1 --since=30m` }
  step scale "Scale" { run `kubectl scale deployment api-v2.1 --replicas=0` }
}
```

## How it can be fooled

The two commands are compared by the new version of a service, which both have to name. Logs that
are shipped elsewhere survive the pod; `kubectl logs` does not see them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.restoring import Command, mentions_version, removes_new

CODE = Code("RB523", "logs-after-deletion", Severity.WARNING)

_LOGS = r"^(?:sudo )?(?:kubectl|oc|docker|podman|nomad|crictl)\b.*\blogs\b"


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each command that collects such logs."""
    services = [service for service in context.plan.services if service.replaced]
    commands = context.commands if services else []
    logs = [(at, c) for at, c in enumerate(commands) if re.search(_LOGS, c.text)]
    for at, command in logs:
        for service in services:
            if not service.replaced or not mentions_version(command.text, service.replaced.plain):
                continue
            gone = [
                other
                for position, other in enumerate(commands)
                if removes_new(other, service)
                and _before(context, (position, other), (at, command))
            ]
            if gone:
                yield _report(command, gone[0], service.replaced.plain)
                break


def _before(context: Context, first: tuple[int, Command], second: tuple[int, Command]) -> bool:
    """Whether one command, given with its place in the plan, runs before another."""
    if first[1].phase is second[1].phase:
        return first[0] < second[0]
    return context.runs_before(first[1].phase, second[1].phase)


def _report(command: Command, gone: Command, version: str) -> Diagnostic:
    return CODE.at(
        command.span,
        f"step `{command.step.name}` collects logs of {version}, which `{gone.step.name}` has "
        "taken away by then",
        labels=(Label(gone.span, "nothing is left to collect from"),),
        hint=f"collect them before `{gone.step.name}`",
    )
