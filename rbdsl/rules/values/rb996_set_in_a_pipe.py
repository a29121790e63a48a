"""A variable is set in a part of a pipe, and read behind it, where it has not changed.

## Why

Every part of a pipe runs in a shell of its own. `list | while read -r host; do … failed=1; done`
sets `failed` there, and `exit "$failed"` behind it reads the 0 from before: the step succeeds
whatever went wrong. `command | read -r version` sets nothing at all.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step reload "Reload all" {
    timeout 90s
    run ```
      failed=0
      ./hosts.sh | while read -r host; do
        ./reload.sh "$host" </dev/null || failed=1
      done
      exit "$failed"
    ```
    expect `./check.sh`
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step reload "Reload all" {
    timeout 90s
    run ```
      failed=0
      hosts="$(./hosts.sh)"
      while read -r host; do
        ./reload.sh "$host" </dev/null || failed=1
      done <<<"$hosts"
      exit "$failed"
    ```
    expect `./check.sh`
  }
}
```

`shopt -s lastpipe` has the last part run in the shell itself.

## How it can be fooled

By a variable that is used for something else behind the pipe, without being set for that. What the
head of a loop reads (`while read -r host`) does not count, nor what a function sets that is called
in a pipe. The text for another shell is looked at where it stands in single quotes: there `zsh` and
`ksh` run the last part themselves.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.piped_settings import LostSetting, lost_settings
from rbdsl.analysis.shell_variables import variables
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, Role

CODE = Code("RB996", "set-in-a-pipe", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such pipe."""
    for place in context.places:
        text = place.shell.text
        if place.role is Role.QUERY or "|" not in text:
            continue
        for lost in lost_settings(text):
            yield _report(place, lost, 0)
        for quoted in variables(text).quoted if "$" in text else ():
            found = lost_settings(quoted.text)
            if found and _is_run(place, quoted.start, quoted.end):
                yield from (_report(place, lost, quoted.start) for lost in found)


def _is_run(place: Place, start: int, end: int) -> bool:
    """Whether a shell runs what stands there."""
    return any(start <= placed.call.start < end for placed in place.calls)


def _report(place: Place, lost: LostSetting, offset: int) -> Diagnostic:
    text = place.shell.text
    start = lost.start + offset
    stop = text.find("\n", start)
    end = min(lost.end + offset, stop if stop >= 0 else len(text))
    labels = (
        Label(place.span(*(at + offset for at in lost.setting)), "set here"),
        Label(place.span(lost.reading.start + offset, lost.reading.end + offset), "read here"),
    )
    if lost.last:
        hint = 'let it read from `< <(…)`, or from a variable (`<<<"$list"`), instead of a pipe'
    else:
        hint = "write to a process instead of a pipe: `done > >(…)`"
    return CODE.at(
        place.span(start, end),
        f"`{lost.name}` is set in a part of a pipe, which is a shell of its own: behind the pipe "
        "it is what it was before",
        labels=labels,
        hint=hint,
    )
