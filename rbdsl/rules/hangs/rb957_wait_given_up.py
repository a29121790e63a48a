"""A loop waits some tries long, and where all of them fail the step goes on as if it had come.

## Why

`for … do curl … && break; sleep 2; done` ends in two ways, and both look alike: after `break`, and
after the last `sleep`, with its status 0. So the rollback sends all traffic to what never answered,
or loads into a database that is not up, and says that it worked.

## Bad

```rbplan
phase wake "Wake the old pool" {
  budget 3m
  step wait "Wait" {
    timeout 90s
    run ```
      for try in {1..30}; do
        if curl --fail --silent --max-time 2 --output /dev/null http://blue-1:8080/ready; then
          break
        fi
        sleep 2
      done
    ```
  }
}
```

## Good

```rbplan
phase wake "Wake the old pool" {
  budget 3m
  step wait "Wait" {
    timeout 90s
    run    `./start-blue.sh`
    expect `curl -fsS --max-time 2 http://blue-1:8080/ready` within 60s every 2s
  }
}
```

In shell: `exit 0` in the loop and `exit 1` behind it, or the same question once more behind it.

## How it can be fooled

A loop counts as a wait if it has a `sleep` and a `break`, or asks in its condition until a count is
over. It is spared where anything in it leaves or fails, where it sets a flag, where anything behind
it in the same text looks (`if`, `[ … ]`, `curl`), and where the step has an expectation of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.given_up import given_up
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.hangs.running import shortened
from rbdsl.rules.placed_calls import Place, Role

CODE = Code("RB957", "wait-given-up", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such loop."""
    for place in context.places:
        if "sleep" not in place.shell.text or _is_judged(place):
            continue
        for start, body in given_up(place.shell.text):
            head = " ".join(place.shell.text[start:body].split()).rstrip("; ")
            line = place.shell.text.find("\n", start)
            end = min(body, line if line >= 0 else body)
            yield CODE.at(
                place.span(start, max(end, start + 1)),
                f"where all tries fail, `{shortened(head)}` just ends, with the status of its last "
                "command: the step goes on as if the answer had come",
                hint="leave by `exit 0` and fail behind the loop, or ask by `expect … within`",
            )


def _is_judged(place: Place) -> bool:
    """Whether an expectation looks at what came of it, or nothing depends on it."""
    if place.role in (Role.QUERY, Role.DEPLOY, Role.HOOK):
        return True
    if place.role is Role.RUN and place.step is not None and place.step.expectations:
        return True
    if place.role is not Role.EXPECT:
        return False
    owner = place.step or place.check
    expectations = owner.expectations if owner else ()
    return any(e.shell is place.shell and e.matcher is not None for e in expectations)
