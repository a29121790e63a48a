"""Two phases that may run at the same time change the same object.

## Why

Phases without an order between them run in parallel. Two commands that change one deployment then
overwrite each other: which of them wins differs from run to run, and each waits for a rollout that
the other one has replaced. Helm refuses the second with "another operation is in progress". The
current context of kubectl is such an object too: after `use-context` in both phases one of them
works on the cluster of the other.

## Bad

```rbplan
phase stop "Stop" { budget 1m; step stop "Stop" { run `./stop.sh` } }
phase image "Image" {
  after stop
  budget 2m
  step image "Image" { run `kubectl -n shop set image deployment/web web=web:1.4` }
}
phase size "Size" {
  after stop
  budget 2m
  step scale "Scale" { run `kubectl -n shop scale deployment/web --replicas=6` }
}
```

## Good

```rbplan
phase stop "Stop" { budget 1m; step stop "Stop" { run `./stop.sh` } }
phase image "Image" {
  after stop
  budget 2m
  step image "Image" { run `kubectl -n shop set image deployment/web web=web:1.4` }
}
phase size "Size" {
  after image
  budget 2m
  step scale "Scale" { run `kubectl -n shop scale deployment/web --replicas=6` }
}
```

## How it can be fooled

By names that are only known when the script runs, selectors, and scripts. Two commands that are
word for word the same are not reported. Known are Kubernetes, Helm and systemd, and what a client
remembers: contexts, projects, workspaces, what is checked out in a folder. A state of the step's
own (`KUBECONFIG`, `CLOUDSDK_CONFIG` …) is spared.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Phase
from rbdsl.rules.client_state import CLIENT, client_state
from rbdsl.rules.context import Context
from rbdsl.rules.effects import in_phases
from rbdsl.rules.objects import Object, changed, show
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB532", "parallel-change", Severity.WARNING)

_MOST = 50
"""So many changes of one object are compared with each other."""


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each object and pair of such phases, at the one that is written later."""
    changes: dict[Object, list[PlacedCall]] = {}
    for call in in_phases(context):
        for found in (*changed(call), *client_state(call)):
            changes.setdefault(found, []).append(call)
    for found, calls in changes.items():
        reported: set[tuple[str, str]] = set()
        for at, second in enumerate(calls[:_MOST]):
            for first in calls[:at]:
                one, other = first.place.phase, second.place.phase
                if one is None or other is None or first.texts == second.texts:
                    continue
                names = (one.name.text, other.name.text)
                if one is other or names in reported or _ordered(context, first, second):
                    continue
                reported.add(names)
                yield CODE.at(
                    second.span,
                    f"phases `{one.name}` and `{other.name}` may run at the same time, and both "
                    f"change `{show(found)}`",
                    labels=(Label(first.span, f"`{one.name}` changes it here"),),
                    hint=_hint(found, one, other),
                )


def _hint(found: Object, one: Phase, other: Phase) -> str:
    order = f"say `after {one.name}` in `{other.name}`"
    if found[0] != CLIENT:
        return order
    if found[-2] == "checkout in":
        return f"let each have a folder of its own, by `git worktree add --detach`; or {order}"
    return f"let each command say it by an option, such as `--context` or `-C`; or {order}"


def _ordered(context: Context, first: PlacedCall, second: PlacedCall) -> bool:
    one, other = first.place.phase, second.place.phase
    if one is None or other is None:
        return True
    return context.runs_before(one, other) or context.runs_before(other, one)
