"""Something is asked of a workload that was deleted or scaled to zero before.

## Why

`kubectl exec` into what is gone fails, and `kubectl wait --for=condition=ready` waits for pods that
will not come until its time is over. The rollback breaks off there, with the service stopped.

## Bad

```rbplan
phase stop "Stop" {
  budget 2m
  step scale "Scale" { run `kubectl -n shop scale deployment/web --replicas=0` }
  step flush "Flush" { run `kubectl -n shop exec deployment/web -- ./flush.sh` }
}
```

## Good

```rbplan
phase stop "Stop" {
  budget 2m
  step flush "Flush" { run `kubectl -n shop exec deployment/web -- ./flush.sh` }
  step scale "Scale" { run `kubectl -n shop scale deployment/web --replicas=0` }
}
```

## How it can be fooled

Both commands must name the workload. Anything in between that may bring it back silences the rule:
a scale to more than zero, `apply`, `create`, `rollout`, `helm`, a script, or another phase in
parallel. Logs that name the new version are the business of RB523.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.effects import comes_before
from rbdsl.rules.objects import Object, changed, named
from rbdsl.rules.placed_calls import PlacedCall, Role
from rbdsl.rules.restoring import mentions_version

CODE = Code("RB525", "used-after-removal", Severity.WARNING)

_ASKS = {"logs": "logs", "exec": "exec", "port-forward": "port-forward", "wait": "wait"}
_FOR = ("condition=ready", "condition=available")
_LASTING = ("deployment", "statefulset", "daemonset")
_KNOWN = frozenset(
    """
    kubectl oc curl psql sleep echo printf jq grep test true cat awk sed cut tee date aws set xargs
    redis-cli pg_dump pg_restore
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_BRINGS_BACK = ("apply", "create", "rollout", "replace", "patch", "edit", "run")
PROGRAMS = ("kubectl", "oc")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such command."""
    acting = [
        call
        for call in context.calls
        if call.place.phase is not None and call.place.role in (Role.RUN, Role.EXPECT)
    ]
    removed: dict[Object, PlacedCall] = {}
    for call in acting:
        if call.place.role is Role.RUN:
            for found in _removes(call):
                removed.setdefault(found, call)
    for call in acting if removed else ():
        for found in _asks(call):
            gone = removed.get(found)
            if gone and _follows(context, gone, call) and not _back(context, acting, gone, call):
                if not _is_of_version(context, call):
                    yield _report(call, gone, found)
                break


def _removes(call: PlacedCall) -> Iterator[Object]:
    one = call.call
    if one.program not in PROGRAMS:
        return
    verb = (*one.operands, "")[0]
    if verb == "delete" or (verb == "scale" and call.call.value("replicas") == "0"):
        yield from (found for found in changed(call) if found[-2] in _LASTING)


def _asks(call: PlacedCall) -> Iterator[Object]:
    one = call.call
    verb = (*one.operands, "")[0]
    if one.program not in PROGRAMS or verb not in _ASKS:
        return
    awaited = (one.value("for") or "").lower()
    words = tuple(call.filled(text) for text in one.operands[1:])
    if verb == "wait":
        words = tuple(word for word in words if not word.startswith("condition"))
        if not any(awaited.startswith(kind) for kind in _FOR):
            return
    else:
        words = words[:1]
    yield from named(call, words)


def _follows(context: Context, gone: PlacedCall, call: PlacedCall) -> bool:
    if gone.place.step is call.place.step and gone.place is not call.place:
        return call.place.role is Role.EXPECT
    return comes_before(context, gone, call)


def _back(context: Context, acting: list[PlacedCall], gone: PlacedCall, call: PlacedCall) -> bool:
    """Whether something may have brought it back before the command."""
    for other in acting:
        if other is gone or other is call or other.call.where:
            continue
        if comes_before(context, other, gone) or comes_before(context, call, other):
            continue
        one = other.call
        verb = (*one.operands, "")[0]
        if one.program in PROGRAMS:
            if verb in _BRINGS_BACK and one.operands[1:2] != ("status",):
                return True
            if verb == "scale" and one.value("replicas") != "0":
                return True
        elif one.program not in _KNOWN:
            return True
    return False


def _is_of_version(context: Context, call: PlacedCall) -> bool:
    replaced = (service.replaced for service in context.plan.services if service.replaced)
    return "logs" in call.call.operands[:1] and any(
        mentions_version(call.call.text, version.plain) for version in replaced
    )


def _report(call: PlacedCall, gone: PlacedCall, found: Object) -> Diagnostic:
    verb = (*call.call.operands, "")[0]
    deleted = "delete" in gone.call.operands[:1]
    state = "deleted" if deleted else "scaled to zero"
    return CODE.at(
        call.span,
        f"`{call.call.program} {verb}` asks `{found[-2]}/{found[-1]}`, which is {state} by then",
        labels=(Label(gone.span, f"{state} here"),),
        hint="do this before",
    )
