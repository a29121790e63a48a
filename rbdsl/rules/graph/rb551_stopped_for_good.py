"""A service that the rollback brings back is taken down, and no command ever starts it again.

## Why

`kubectl set image` and `rollout undo` change what runs, and not how many of it: what was scaled to
0 stays at 0, `rollout status` finds none that is missing, and says that all is well. A unit that
was stopped before its data were loaded is down after the last step, and after each drill.

## Bad

```rbplan
service shop in production { version "3.1.4" -> "3.2.0" }
phase back "Back" {
  budget 3m
  step stop "Stop" { for shop; run `kubectl -n shop scale deployment/shop --replicas=0` }
  step image "Old image" {
    for shop
    run `kubectl -n shop set image deployment/shop shop=registry.example.com/shop:3.1.4`
  }
}
```

## Good

```rbplan
service shop in production { version "3.1.4" -> "3.2.0" }
phase back "Back" {
  budget 3m
  step stop "Stop" { for shop; run `kubectl -n shop scale deployment/shop --replicas=0` }
  step image "Old image" {
    for shop
    run `kubectl -n shop set image deployment/shop shop=registry.example.com/shop:3.1.4`
  }
  step start "Start" { for shop; run `kubectl -n shop scale deployment/shop --replicas=4` }
}
```

## How it can be fooled

Only services are looked at that have a version to come back to, or that a step stops to make room
(`Stop writes`), and that the command names as the plan does: what is called `shop-v2`, `shop-
canary`, or stands beside a `shop-blue` may go for good. A script, a program that is not known and a
request that sends something may start anything, and a person by hand may, too: behind one of these
the rule is silent. An `undo` does not count: it runs after a failure only. Titles and notes that
say that something goes or stays off are believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.model.plan import Plan, Service
from rbdsl.model.steps import Manual
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.acting import Order, acting, shown
from rbdsl.rules.context import Context
from rbdsl.rules.graph.bringing_up import leaves_down
from rbdsl.rules.graph.starts_and_loads import applications, takes_down
from rbdsl.rules.placed_calls import PlacedCall, Role
from rbdsl.rules.shell_text import mentions_word

CODE = Code("RB551", "stopped-for-good", Severity.WARNING)

PROGRAMS = frozenset(
    ["kubectl", "oc", "systemctl", "service", "helm", "docker", "docker-compose", "podman"]
)
_CONTAINERS = ("docker", "podman")
_STOPS_READ = 20
"""So many commands that take one service down are looked at, the last ones: it stays linear."""
_GOES = lazy_pattern(
    r"(?i)\b(?:stay|keep|kept|for good|retir|decommission|remov|uninstall|delet|new\b|canar|green"
    r"|blue|until|instead|no longer|switch|traffic|fail ?over|other|stand-?by|passive|drain)"
)
_MEANWHILE = lazy_pattern(
    r"(?i)\b(?:quiesc|paus|hold|stop (?:all )?(?:writ|traffic|jobs|load)|no (?:more )?writ|writers"
    r"|while\b|during|before the (?:re)?(?:load|stor)|for the (?:re)?(?:load|stor)|freez|room for)"
)
_STARTS = lazy_pattern(r"(?i)start|scale|bring|resume|open|enable|deploy|again|back")
_PLACES = lazy_pattern(r"(?i)canar|green|blue|new|old|v\d|stand-?by|passive|second")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each service that is taken down so, at the last command that does."""
    services = context.plan.services
    downs = (
        [placed for placed in acting(context, *PROGRAMS) if _is_stop(placed)] if services else []
    )
    order = Order(context)
    for service in services if downs else ():
        for placed, name in islice(_stops(downs, service), _STOPS_READ):
            if _is_beside(context, name) or _is_by_hand(context.plan, name):
                break
            if not any(_may_start(order, placed, other, name) for other in acting(context)):
                yield _report(placed, service)
                break


def _stops(downs: list[PlacedCall], service: Service) -> Iterator[tuple[PlacedCall, str]]:
    """The calls that take a service down that is to run again, the last one first.

    It is where it has a version to come back to, or the title says that it only makes room.
    """
    for placed in reversed(downs):
        step, phase = placed.place.step, placed.place.phase
        titles = " ".join(one.title.plain for one in (step, phase) if one)
        if service.restored or _MEANWHILE.search(titles):
            for name in _names(placed, service):
                yield placed, name


def _is_stop(placed: PlacedCall) -> bool:
    """Whether a phase takes something down here, and nothing says that it is for good."""
    phase, step = placed.place.phase, placed.place.step
    if phase is None or step is None or placed.place.role is not Role.RUN:
        return False
    texts = (phase.title, phase.objective, phase.critical, step.title, step.note, step.critical)
    if _GOES.search(" ".join(text.plain for text in texts if text)):
        return False
    return not any(_PLACES.search(where) for where in placed.call.where)


def _names(placed: PlacedCall, service: Service) -> list[str]:
    """What a call takes down that is the service: of its name, or of the start of it in a step for
    it alone (`deployment/api` for `api-service`).
    """
    own = service.name.text
    step = placed.place.step
    alone = step is not None and tuple(name.text for name in step.services) == (own,)
    return [
        name
        for name in sorted(_taken_down(placed))
        if name == own or (alone and own.startswith(f"{name}-"))
    ]


def _taken_down(placed: PlacedCall) -> set[str]:
    """The names of what a call takes down."""
    call = placed.call
    words = [placed.filled(word) for word in call.operands]
    if call.program == "helm":
        return set(words[1:]) if words[:1] in (["uninstall"], ["delete"]) else set()
    if call.program == "service":
        return {words[0]} if words[1:2] == ["stop"] else set()
    if call.program in _CONTAINERS and words[:1] in (["stop"], ["kill"], ["rm"]):
        return set(words[1:])
    if call.program == "systemctl" and "stop" not in words[:1] and not call.has("now"):
        return set()  # `disable` alone is about the next boot
    return {found[-1] for found in applications(placed)} if takes_down(placed) else set()


def _is_beside(context: Context, name: str) -> bool:
    """Whether another one of much the same name runs beside it: `shop-blue`, `shop@3.1`."""
    other = re.compile(rf"(?<![\w/.-]){re.escape(name)}[-_@](?:[a-z]*\d|old|blue|green|stable)")
    return any(other.search(word) for placed in context.calls for word in placed.texts)


def _is_by_hand(plan: Plan, name: str) -> bool:
    """Whether a person may start it: a step by hand that says its name, or that it starts."""
    return any(
        isinstance(item, Manual)
        and (
            mentions_word(item.title.plain.lower(), name)
            or re.search(
                r"(?i)start|scale|bring|resume|open|enable|deploy|again|back", item.title.plain
            )
        )
        for phase in plan.phases
        for item in phase.items
    )


def _may_start(order: Order, stop: PlacedCall, placed: PlacedCall, name: str) -> bool:
    """Whether a call may bring up what was stopped, and does not surely run before."""
    place = placed.place
    if placed is stop or place.role is Role.UNDO or place.captures:
        return False
    return not order.before(placed, stop) and not leaves_down(placed, name)


def _report(stop: PlacedCall, service: Service) -> Diagnostic:
    step = stop.place.step
    undo = ", but for an `undo`, which runs after a failure only" if step and step.undo else ""
    version = f" in version {service.restored}" if service.restored else " again"
    return CODE.at(
        stop.span,
        f"{shown(stop.call.text)} takes `{service.name}` down, and nothing in the plan brings it "
        f"up again{undo}",
        hint=f"start it in a later step: `{service.name}` is to run{version}",
    )
