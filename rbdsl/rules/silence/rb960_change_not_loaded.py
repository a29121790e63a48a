"""What was put back is not taken up: nothing reads it anew.

## Why

The file is the old one again, the object has its old values, every comparison says so, and what
runs goes on with what it read when it was started: pods with the variables of a ConfigMap, systemd
with the unit that it has in memory, a container with the image it was made from. The rollback is
green and the incident goes on.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step unit "Unit" {
    run ```
      install -m 644 shop-4.0.service /etc/systemd/system/shop.service
      systemctl restart shop
    ```
    expect `systemctl is-active --quiet shop`
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step unit "Unit" {
    run ```
      install -m 644 shop-4.0.service /etc/systemd/system/shop.service
      systemctl daemon-reload
      systemctl restart shop
    ```
    expect `systemctl is-active --quiet shop`
  }
}
```

A ConfigMap or Secret is followed by `kubectl rollout restart`, or by anything else that may give
its pods a new start; a changed `.env`, compose file or image by `docker compose up -d`.

## How it can be fooled

Pods that follow a mounted ConfigMap need no restart: where the plan says `reload` anywhere, be it
in a comment, ConfigMaps are not reported, nor are those whose name says that they are followed
(certificates, dashboards, rules). Any unknown program may restart something, and counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from rbdsl.analysis.file_programs import Use
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.kept_objects import CLUSTER, kept_objects, put_back
from rbdsl.rules.placed_calls import PlacedCall, Role
from rbdsl.rules.silence.loading import (
    HOT,
    VALUES,
    Written,
    changes_image,
    compose_input,
    edits_compose_input,
    events,
    makes_containers,
    may_start_anew,
    only_restarts,
    reloads_units,
    sets_values,
    started_units,
    unit,
    unit_by_call,
)

CODE = Code("RB960", "change-not-loaded", Severity.WARNING)

_STARTERS = frozenset(["systemctl", "service", "docker", "podman", "docker-compose"])
PROGRAMS = _STARTERS | set(CLUSTER)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each change of values, and for each start that comes too early."""
    programs = context.acting.keys()
    if not programs.isdisjoint(CLUSTER):
        yield from _values(context)
    if not programs.isdisjoint(_STARTERS):
        yield from _starts(context)


def _values(context: Context) -> Iterator[Diagnostic]:
    """ConfigMaps and Secrets behind which nothing may start anew."""
    kept = kept_objects(context)
    files = {
        id(placed): kept[path].names[0] if kept[path].names else ""
        for placed, path in put_back(context, "apply", "replace", "create")
        if path in kept and kept[path].kinds <= VALUES
    }
    waiting: list[tuple[PlacedCall, str]] = []
    for placed in context.calls:
        if placed.place.phase is None or placed.place.role is not Role.RUN:
            continue
        name = files.get(id(placed), sets_values(placed))
        if name is not None:
            if not HOT.search(name):
                waiting.append((placed, name))
        elif waiting and may_start_anew(placed):
            waiting = []
    if waiting and "reload" not in context.plan.span.source.text.lower():
        yield from (_unread(placed, name) for placed, name in waiting)


def _unread(placed: PlacedCall, name: str) -> Diagnostic:
    what = f"`{name}`" if name and "$" not in name else "the object"
    return CODE.at(
        placed.span,
        f"nothing gives the pods that read {what} a new start after this: they keep the values "
        "that they were started with",
        hint="`kubectl rollout restart deployment/NAME` and wait for it with `rollout status`; "
        "where the pods follow the change, say in a comment that they reload it",
    )


def _starts(context: Context) -> Iterator[Diagnostic]:
    """Starts between which and the last change nothing is read anew."""
    written: Written = defaultdict(list)
    for file in context.files:
        if file.use in (Use.WRITE, Use.REMOVE) and not file.place.captures:
            written[id(file.place), file.file.call].append(file)
    units: dict[str, PlacedCall] = {}
    inputs: PlacedCall | None = None
    for placed in context.calls:
        if placed.place.phase is None or placed.place.role is not Role.RUN:
            continue
        found = [unit_by_call(placed), *map(unit, events(placed, written))]
        units |= {name: placed for name in found if name is not None}
        if reloads_units(placed.call):
            units = {}
        for name in started_units(placed) if units else ():
            change = (
                units.get(name) or units.get("") or ("$" in name and next(iter(units.values())))
            )
            if change:
                yield _old_unit(placed, change, name)
                units = {}
                break
        if _changes_containers(placed, written):
            inputs = placed
        elif makes_containers(placed.call):
            inputs = None
        elif inputs and only_restarts(placed.call):
            yield _old_container(placed, inputs)
            inputs = None


def _changes_containers(placed: PlacedCall, written: Written) -> bool:
    return (
        changes_image(placed.call)
        or edits_compose_input(placed)
        or any(map(compose_input, events(placed, written)))
    )


def _old_unit(placed: PlacedCall, change: PlacedCall, name: str) -> Diagnostic:
    return CODE.at(
        placed.span,
        f"no `systemctl daemon-reload` since the unit was changed: `{name}` is started with the "
        "unit that systemd has in memory",
        labels=[Label(change.span, "changed here")],
        hint="write `systemctl daemon-reload` before it, on the same host",
    )


def _old_container(placed: PlacedCall, change: PlacedCall) -> Diagnostic:
    word = only_restarts(placed.call)
    return CODE.at(
        placed.span,
        f"`compose {word}` starts the containers that there are, with the image and the variables "
        "that they were made with",
        labels=[Label(change.span, "changed here")],
        hint="`docker compose up -d --wait` makes new ones of what has changed",
    )
