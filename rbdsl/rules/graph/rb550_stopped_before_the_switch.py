"""The variant that serves is stopped, and only a later step sends the traffic to the other one.

## Why

Blue and green stand side by side so that nobody notices the switch. In the wrong order everybody
does: from the stop to the switch no pod answers, and where the switch fails, it stays like that.

## Bad

```rbplan
service shop in production { version "v41" -> "v42" }
phase stop "Stop green" {
  budget 1m
  step stop "Stop" { run `kubectl -n shop scale deployment/shop-green --replicas=0` }
}
phase switch "Traffic to blue" {
  after stop
  budget 1m
  step switch "Switch" {
    run `kubectl -n shop patch service shop -p '{"spec":{"selector":{"colour":"blue"}}}'`
  }
}
```

## Good

```rbplan
service shop in production { version "v41" -> "v42" }
phase switch "Traffic to blue" {
  budget 1m
  step switch "Switch" {
    run `kubectl -n shop patch service shop -p '{"spec":{"selector":{"colour":"blue"}}}'`
  }
}
phase stop "Stop green" {
  after switch
  budget 1m
  step stop "Stop" { run `kubectl -n shop scale deployment/shop-green --replicas=0` }
}
```

## How it can be fooled

What is stopped has to be called like a variant (a colour, `canary`, `next`, the version that goes),
must not come up again, and the switch has to be for the same service. Whatever may have taken the
traffic away before silences it, and so does a plan that changes data, which may want nobody to
write. A variant that gets no traffic yet is a false alarm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.effects import comes_before, in_phases, mutates
from rbdsl.rules.forms import Form, by_program, matching
from rbdsl.rules.graph.starts_and_loads import LOADERS, applications, brings_up, takes_down
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.quiet import says_quiet
from rbdsl.rules.restoring import mentions_version

CODE = Code("RB550", "stopped-before-the-switch", Severity.WARNING)

_SWITCHES = by_program(
    [
        Form("kubectl|oc", "patch service|services|svc|ingress|virtualservice|vs|httproute|route"),
        Form("kubectl|oc", "set selector"),
        Form("oc", "set route-backends"),
        Form("aws", "elbv2 modify-listener|modify-rule"),
        Form("aws", "route53 change-resource-record-sets"),
        Form("aws", "lambda update-alias"),
        Form("aws", "globalaccelerator update-endpoint-group"),
        Form("gcloud", "run services update-traffic"),
        Form("gcloud", "app services set-traffic"),
        Form("gcloud", "compute url-maps|backend-services set-default-service|update"),
        Form("gcloud", "dns record-sets update|transaction"),
        Form("az", "webapp deployment slot swap"),
        Form("az", "network traffic-manager endpoint update"),
        Form("az", "containerapp ingress traffic set"),
        Form("cf", "map-route"),
        Form("consul", "config write"),
    ]
)
_TAKES_AWAY = by_program(
    [
        Form("aws", "elbv2 deregister-targets"),
        Form("aws", "autoscaling set-desired-capacity", options="desired-capacity=0"),
        Form("aws", "autoscaling update-auto-scaling-group", options="desired-capacity=0"),
        Form("kubectl|oc", "delete deployment|deploy|statefulset|sts"),
        Form("nomad", "job stop"),
        Form("nomad", "stop"),
        Form("cf", "stop|delete"),
        Form("docker|podman", "stop|rm"),
        Form("az", "webapp stop"),
        Form("helm", "uninstall|delete"),
    ]
)
_VARIANT = re.compile(r"(?i)(?<![a-z])(?:green|blue|canary|next|new|candidate|stage[db]?)(?![a-z])")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each step that stops a variant, with the switch that comes too late."""
    calls = list(in_phases(context))
    switching = [call for call in calls if matching(call.call, _SWITCHES)]
    if not switching:
        return
    stopping = [call for call in calls if _stops(call) and _is_variant(context, call)]
    if not stopping or any(_is_about_data(call) for call in calls):
        return
    up = {name for call in calls if brings_up(call) for name in _names(call)}
    reported: set[int] = set()
    for call in stopping:
        if id(call.place) in reported or not up.isdisjoint(_names(call)):
            continue
        own = [one for one in switching if _for_the_same(context, call, one)]
        if any(comes_before(context, one, call) for one in own) or _is_quiet(context, call):
            continue
        late = next((one for one in own if comes_before(context, call, one)), None)
        if late is not None:
            reported.add(id(call.place))
            yield _report(call, late)


def _stops(placed: PlacedCall) -> bool:
    return takes_down(placed) or matching(placed.call, _TAKES_AWAY) is not None


def _names(placed: PlacedCall) -> set[str]:
    return {found[-1] for found in applications(placed)}


def _is_variant(context: Context, placed: PlacedCall) -> bool:
    """Whether what is stopped is called like a variant, or like the version that has to go."""
    words = [text for text in placed.texts[1:] if not text.startswith("-")]
    if any(_VARIANT.search(word) for word in words):
        return True
    versions = [service.replaced.plain for service in context.plan.services if service.replaced]
    return any(
        not version.isdigit() and mentions_version(word, version)
        for word in words
        for version in versions
    )


def _is_about_data(placed: PlacedCall) -> bool:
    """Whether it changes what is in a database: then the stop may have to come first."""
    return mutates(placed.call) or placed.call.program in LOADERS


def _is_quiet(context: Context, placed: PlacedCall) -> bool:
    """Whether something before may have taken the traffic away; the stop itself says so, too."""
    own = placed.place.phase
    if own is None or any(context.runs_before(phase, own) for phase in context.quieting):
        return True
    for item in own.items:
        if item is placed.place.step:
            break
        if says_quiet(item.span.text):
            return True
    before = (c for c in placed.place.calls if c.call.end <= placed.call.start)
    return any(says_quiet(other.call.text) for other in before)


def _for_the_same(context: Context, one: PlacedCall, other: PlacedCall) -> bool:
    """Whether two steps are for the same service; in a plan with one service they are."""
    if len(context.plan.services) == 1:
        return True
    steps = (one.place.step, other.place.step)
    first, second = ({name.text for name in step.services} if step else set() for step in steps)
    return not first.isdisjoint(second)


def _report(placed: PlacedCall, late: PlacedCall) -> Diagnostic:
    phase = late.place.phase
    where = f" in `{phase.name}`" if phase is not None and phase is not placed.place.phase else ""
    return CODE.at(
        placed.span,
        f"this stops what serves, and the traffic is sent elsewhere only later{where}: in between "
        "nobody answers",
        labels=(Label(late.span, "the traffic is switched here"),),
        hint="switch the traffic first, and stop the variant behind it",
    )
