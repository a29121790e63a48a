"""An expectation reads back the specification that its own step has just written.

## Why

`kubectl set image` writes the image into the deployment, and `get deployment -o jsonpath={.spec…}`
reads it there: it is right at once, and it stays right when no new pod ever starts. The old pods,
those of the failed version, go on serving, and the plan reports that it is back.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step image "Image" {
    run    `kubectl -n shop set image deployment/web web=registry.example.com/web:3.1`
    expect `kubectl -n shop get deployment web -o json | jq -e '.spec.template' | grep -q web:3.1`
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step image "Image" {
    run    `kubectl -n shop set image deployment/web web=registry.example.com/web:3.1`
    expect `kubectl -n shop rollout status deployment/web --timeout=90s`
  }
}
```

## How it can be fooled

Whatever waits for the change, or asks for the restored version somewhere else, silences it: in the
same step, in a later one, in the verification. Known are workloads of Kubernetes, releases of Helm,
services of ECS and of Swarm; a change of a file, or what takes effect at once, is right to be read
back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall, Role
from rbdsl.rules.restoring import mentions_version
from rbdsl.rules.silence.early import Early, Where, early
from rbdsl.rules.silence.later import Looking, asked_again, looking
from rbdsl.rules.silence.rb847_not_waited_for import waited_for
from rbdsl.rules.silence.specifications import reads_back, reads_specification
from rbdsl.rules.silence.waiting import is_waiting

CODE = Code("RB965", "reads-what-it-wrote", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each step that expects nothing else."""
    later: Looking | None = None
    asking: list[Place] = []
    expecting: dict[int, list[Place]] = {}
    for place in context.places:
        if place.role is Role.EXPECT and place.step and place.phase:
            expecting.setdefault(id(place.step), []).append(place)
    for place in context.places:
        step = place.step
        if place.role is not Role.RUN or step is None or id(step) not in expecting:
            continue
        begun = [(placed, what) for placed in place.calls if (what := _begins(placed))]
        if not begun:
            continue
        placed, what = begun[-1]
        read = [_read_back(one, placed) for one in expecting[id(step)]]
        found = [one for one in read if one is not None]
        if len(found) != len(read):
            continue
        if later is None:
            later, asking = looking(context, is_waiting, asked_again), _asking(context)
        if not waited_for(placed, what, later) and all(one.step is step for one in asking):
            yield _report(found[0], placed, what)


def _begins(placed: PlacedCall) -> Early | None:
    what = early(placed)
    return what if what and what.where is Where.ORCHESTRATOR and not what.server else None


def _read_back(place: Place, written: PlacedCall) -> PlacedCall | None:
    """The call by which an expectation reads what was written; None where it asks something else.

    Readers of its pipe judge what it says, and ask nothing themselves.
    """
    asking = [placed for placed in place.calls if not placed.call.stage]
    if len(asking) != 1 or not reads_back(asking[0], written, place.shell.text):
        return None
    return asking[0]


def _asking(context: Context) -> list[Place]:
    """The expectations that ask for a version that comes back, and not in a specification."""
    versions = [s.restored.plain for s in context.plan.services if s.restored]
    found = []
    for place in context.places:
        if place.role is not Role.EXPECT or place.captures:
            continue
        owner = place.step or place.check
        expected = owner.expectations if owner else ()
        matchers = [e.matcher.value.plain for e in expected if e.matcher]
        text = "\n".join((place.filled(place.shell.text), *map(place.filled, matchers)))
        if any(mentions_version(text, version) for version in versions) and not any(
            reads_specification(placed, place.shell.text) for placed in place.calls
        ):
            found.append(place)
    return found


def _report(read: PlacedCall, written: PlacedCall, what: Early) -> Diagnostic:
    mend = what.hint if re.match(r"leave|ask", what.hint) else f"`{what.hint}`"
    return CODE.at(
        read.span,
        f"this reads what `{what.act}` has just written: it holds at once, and also where nothing "
        "new ever starts",
        labels=(Label(written.span, "written here"),),
        hint=f"wait for the end of it: {mend}; or ask what runs",
    )
