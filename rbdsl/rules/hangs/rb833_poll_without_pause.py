"""A loop asks again and again without a pause.

## Why

The service that is just coming up gets hundreds of requests a second from its own rollback, and the
log of the run as many lines. A loop that counts to thirty attempts is through after a second, and
fails although the service would have been there after three.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step wait "Wait" {
    timeout 1m
    run `until curl -fsS --max-time 2 http://api/health; do echo "not yet"; done`
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step wait "Wait" {
    timeout 1m
    run `until curl -fsS --max-time 2 http://api/health; do sleep 2; done`
  }
}
```

## How it can be fooled

By a command that waits itself: `kubectl wait`, `rollout status`, `inotifywait`, `read -t` and
scripts of your own are taken to pause.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.analysis.loops import Loop, loops
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.hangs.running import head_span, shortened
from rbdsl.rules.placed_calls import Place, Role

CODE = Code("RB833", "poll-without-pause", Severity.WARNING)

_PAUSING = frozenset(
    """
    sleep usleep inotifywait wait flock tail read ping watch terraform tofu ansible-playbook helm
    argocd rsync pg_ctl systemctl
    """.split()  # noqa: SIM905 - a list of words is read as one
)
"""What waits, or takes long enough for a pause."""


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such loop."""
    for place in context.places:
        if place.role is Role.QUERY:
            continue
        for loop in loops(place.shell.text):
            if loop.polls and not _pauses(place, loop):
                yield CODE.at(
                    head_span(place, loop),
                    f"`{shortened(loop.head)}` asks again without a pause",
                    hint="add `sleep 2` to the loop, or ask by `expect … within 1m every 2s`",
                )


def _pauses(place: Place, loop: Loop) -> bool:
    inside = [p.call for p in place.calls if loop.start <= p.call.start < loop.end]
    own = {call.function for call in (p.call for p in place.calls) if call.function}
    return not inside or any(_takes_time(call, own) for call in inside)


def _takes_time(call: Call, functions: set[str]) -> bool:
    first = call.words[0].text
    if "/" in first or "$" in first or first in functions or call.program in _PAUSING:
        return True
    return call.program in ("kubectl", "oc") and call.operands[:1] in (("wait",), ("rollout",))
