"""The schema is taken back by a tool inside a workload that already runs the old image.

## Why

The script of a migration comes with the version that brought it. The old image lacks it: Alembic
stops with "Can't locate revision", Rails and Flyway say nothing and take back another one. The old
version then runs on the new schema, and the plan ends there.

## Bad

```rbplan
phase app "App" {
  budget 2m
  step image "Image" { run `kubectl -n shop set image deployment/shop shop=shop:3.1.4` }
}
phase schema "Schema" {
  after app
  budget 2m
  step down "Down" { run `kubectl -n shop exec deployment/shop -- alembic downgrade 41` }
}
```

## Good

```rbplan
phase app "App" {
  budget 2m
  step image "Image" { run `kubectl -n shop set image deployment/shop shop=shop:3.1.4` }
}
phase schema "Schema" {
  after app
  budget 2m
  step down "Down" {
    run `docker run --rm --env-file shop.env registry.example.net/shop:3.2.0 alembic downgrade 41`
  }
}
```

## How it can be fooled

Known are the workloads that a command names: `deployment/shop` of Kubernetes, a release of Helm
that has its name, a container. A migration that the old version has already brought is a false
alarm.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Plan
from rbdsl.rules.context import Context
from rbdsl.rules.effects import DOWNGRADING, comes_before, deploys, downgrades, in_phases
from rbdsl.rules.objects import Object, changed, named, show
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.restoring import mentions_version

CODE = Code("RB537", "downgrade-in-old-image", Severity.WARNING)

_CLUSTER = ("kubectl", "oc")
_CONTAINERS = ("docker", "podman", "docker-compose")
PROGRAMS = DOWNGRADING


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such downgrade, with the last exchange of the image before it."""
    down = [call for call in in_phases(context) if call.call.where and downgrades(call.call)]
    if not down:
        return
    exchanged = [
        (call, found)
        for call in in_phases(context)
        if not _brings_new(call, context.plan)
        for found in _exchanged(call)
    ]
    for call in down:
        inside = _inside(call)
        if inside is None:
            continue
        before = (
            other
            for other, found in reversed(exchanged)
            if _same(found, inside) and comes_before(context, other, call)
        )
        image = next(before, None)
        if image:
            yield CODE.at(
                call.span,
                f"`{call.call.program}` runs in `{show(inside)}`, which has the old image by then: "
                "the migration that is to be taken back is not in it",
                labels=(Label(image.span, "the old image comes here"),),
                hint="take the schema back first, with the writers stopped, or run the tool from "
                "the new image in a container of its own",
            )


def _exchanged(call: PlacedCall) -> Iterator[Object]:
    """The workloads that a command gives another image."""
    one = call.call
    if one.program in _CONTAINERS:
        if one.operands[:1] == ("run",) and one.value("name"):
            yield "docker", *one.where, "container", call.filled(one.value("name") or "")
        elif "up" in one.operands[:2] and one.environment:  # TAG=3.1.4 docker compose up -d shop
            for name in one.operands[one.operands.index("up") + 1 :]:
                yield "docker", *one.where, "container", call.filled(name)
    elif deploys(one):
        yield from changed(call)


def _inside(call: PlacedCall) -> Object | None:
    """The workload that a call runs in, by the `exec` that it stands behind."""
    place = call.call.where[-1]
    program, _, rest = place.partition(" exec ")
    if program in _CONTAINERS and rest:
        return ("docker", *call.call.where[:-1], "container", call.filled(rest))
    for outer in call.place.before(call):
        one = outer.call
        if one.program in _CLUSTER and "exec" in one.operands and _holds(outer, call):
            at = one.operands.index("exec") + 1
            words = tuple(outer.filled(word) for word in one.operands[at : at + 1])
            return next(named(outer, words), None)
    return None


def _holds(outer: PlacedCall, call: PlacedCall) -> bool:
    return outer.call.start <= call.call.start <= outer.call.end


def _same(image: Object, inside: Object) -> bool:
    """Whether a workload is one of a release, or the same one."""
    if image[0] != "helm":
        return image == inside
    name = inside[-1]
    spaces = {image[1], inside[-3]} - {""}
    return name == image[-1] and len(spaces) < 2 and inside[0] == "kubectl"


def _brings_new(call: PlacedCall, plan: Plan) -> bool:
    """Whether a command names the version that is replaced: it puts no old image in place."""
    new = [service.replaced.plain for service in plan.services if service.replaced]
    return any(mentions_version(text, version) for text in call.texts for version in new)
