"""Of two services that are replaced, only one is stopped before its old version comes back.

## Why

The other one goes on serving with the new version while its data is restored and its neighbour is
exchanged: it writes what the restore then loses, and calls an interface that is already gone.

## Bad

```rbplan
service api  in production { version "1.4" -> "2.0" }
service auth in production { version "1.5" -> "2.0" }
phase stop "Stop 2.0" {
  budget 1m
  step scale "Scale" { run `kubectl -n shop scale deployment/api-2.0 --replicas=0` }
}
phase apps "Old versions" {
  after stop
  budget 2m
  step api  "API"  { for api;  run `kubectl -n shop set image deployment/api api=api:1.4` }
  step auth "Auth" { for auth; run `kubectl -n shop set image deployment/auth auth=auth:1.5` }
}
phase cleanup "Cleanup" {
  after apps
  budget 1m
  step delete "Delete" { run `kubectl -n shop delete deployment api-2.0 auth-2.0` }
}
```

## Good

```rbplan
service api  in production { version "1.4" -> "2.0" }
service auth in production { version "1.5" -> "2.0" }
phase stop "Stop 2.0" {
  budget 1m
  step scale "Scale" {
    run `kubectl -n shop scale --replicas=0 deployment/api-2.0 deployment/auth-2.0`
  }
}
phase apps "Old versions" {
  after stop
  budget 2m
  step api  "API"  { for api;  run `kubectl -n shop set image deployment/api api=api:1.4` }
  step auth "Auth" { for auth; run `kubectl -n shop set image deployment/auth auth=auth:1.5` }
}
phase cleanup "Cleanup" {
  after apps
  budget 1m
  step delete "Delete" { run `kubectl -n shop delete deployment api-2.0 auth-2.0` }
}
```

## How it can be fooled

Commands are known by their words: they name the service and its new version. That the other one
also runs beside its old version is taken from the plan itself, which removes it later. A service
that may serve in both versions at once is a false alarm.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Service
from rbdsl.rules.context import Context
from rbdsl.rules.restoring import Command, removes_new, restores

CODE = Code("RB526", "one-of-two-stopped", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each service that is left running beside one that is stopped."""
    services = [s for s in context.plan.services if s.replaced and s.restored]
    if len(services) < 2:
        return
    removals = {id(s): [c for c in context.commands if removes_new(c, s)] for s in services}
    restored = {id(s): [c for c in context.commands if restores(c, s)] for s in services}
    stopped = [
        (service, first)
        for service in services
        if (first := _stopped_first(context, removals[id(service)], restored[id(service)]))
    ]
    for service in services:
        late = removals[id(service)]
        back = restored[id(service)]
        if not late or not back or any(one is service for one, _ in stopped):
            continue
        if all(_before(context, back[0], command) for command in late):
            for other, command in stopped[:1]:
                yield _report(service, other, command, late[0])


def _stopped_first(
    context: Context, removals: list[Command], restored: list[Command]
) -> Command | None:
    """The command that stops the new version before the old one comes back."""
    for command in removals:
        if restored and all(_before(context, command, other) for other in restored):
            return command
    return None


def _before(context: Context, first: Command, second: Command) -> bool:
    if first.phase is second.phase:
        commands = context.commands
        at = [next(i for i, c in enumerate(commands) if c is one) for one in (first, second)]
        return at[0] < at[1]
    return context.runs_before(first.phase, second.phase)


def _report(service: Service, other: Service, command: Command, late: Command) -> Diagnostic:
    return CODE.at(
        command.span,
        f"only `{other.name}` is stopped: `{service.name}` goes on serving "
        f"{service.replaced} meanwhile",
        labels=(Label(late.span, f"`{service.name}` {service.replaced} is removed only here"),),
        hint=f"stop `{service.name}` here too",
    )
