"""A loop has no end of its own.

`until curl …; do sleep 2; done` asks until the answer comes, and for ever where it does not.

## Why

What is waited for in a rollback is often exactly what does not come. The loop is ended by the
budget of the phase, which leaves no time for what comes after it, and no word about what was
missing.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step wait "Wait" {
    run ```
      until pg_isready --quiet --timeout=2; do
        sleep 2
      done
    ```
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step wait "Wait" {
    timeout 10s
    run    `pg_ctlcluster 16 main start`
    expect "the database answers" `pg_isready --quiet --timeout=2` within 30s every 2s
  }
}
```

A loop that counts its attempts, or looks at `SECONDS`, has an end; so has one in a step with a
`timeout`. Not so in `done_when` and `crossed when`, which ask for a yes or a no: there a loop waits
for the yes. A `done_when` says no only when the whole limit of its step has gone by; a probe whose
limit ends it counts as crossed, and the phases that it blocks are not run.

## How it can be fooled

By a function or script in the loop that leaves it, and by a count that is compared with nothing. A
`while true` that nothing leaves is an error, whatever limit its step has; in the background (`&`)
it is left alone, since it ends with its step.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.loops import Loop, loops
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.hangs.running import head_span, shortened
from rbdsl.rules.placed_calls import Place, Role

CODE = Code("RB832", "endless-loop", Severity.WARNING)


_QUESTIONS = {
    Role.DONE_WHEN: "where `done_when` is no, its whole limit goes by before the step is run",
    Role.PROBE: "where the point is not crossed the limit of `crossed when` ends it, which "
    "counts as crossed",
}


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such loop."""
    for place in context.places:
        if place.role is Role.QUERY:
            continue
        for loop in loops(place.shell.text):
            if loop.background or loop.limited:
                continue
            if loop.forever:
                yield CODE.at(
                    head_span(place, loop),
                    f"nothing leaves `{loop.head}`: it goes on until it is stopped",
                    hint="leave it by `break` once it is done, or ask by `expect … within`",
                    severity=Severity.ERROR,
                )
            elif loop.asks and place.role in _QUESTIONS:
                yield _of_question(place, loop)
            elif loop.asks and not _is_limited(place):
                yield _report(place, loop)


def _report(place: Place, loop: Loop) -> Diagnostic:
    budget = f", which is {place.phase.budget}" if place.phase else ""
    ends = f"only the budget of the phase ends it{budget}" if place.phase else "nothing ends it"
    return CODE.at(
        head_span(place, loop),
        f"`{shortened(loop.head)}` goes on for ever where the answer does not come: {ends}",
        hint="give the step a `timeout`, count the attempts, or ask by `expect … within`",
    )


def _of_question(place: Place, loop: Loop) -> Diagnostic:
    return CODE.at(
        head_span(place, loop),
        f"`{shortened(loop.head)}` asks until the answer is yes: {_QUESTIONS[place.role]}",
        hint="ask once, without the loop; where the answer takes its time, count the attempts",
    )


def _is_limited(place: Place) -> bool:
    owner = place.step or place.check
    return owner is not None and owner.timeout is not None
