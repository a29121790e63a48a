"""A function with several steps is called in a condition, where `set -e` does not hold.

## Why

In what stands behind `if`, `while` or `!`, and before `&&` or `||`, a shell ends at no failure, nor
in a function that is called there. `restore "$host" || exit 1` is to stop at the first host that
fails, and does not: where the copy in `restore` fails, the restart behind it still runs, and its
success is that of the function.

## Bad

```rbplan
phase back "Back" {
  budget 3m
  step hosts "Hosts" {
    run ```
      restore() {
        rsync -a "/srv/kept/$1/" "$1:/etc/shop/"
        ./restart.sh "$1"
      }
      for host in web1 web2; do
        restore "$host" || exit 1
      done
    ```
    expect `./check.sh`
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 3m
  step hosts "Hosts" {
    run ```
      restore() {
        rsync -a "/srv/kept/$1/" "$1:/etc/shop/" || return
        ./restart.sh "$1"
      }
      for host in web1 web2; do
        restore "$host" || exit 1
      done
    ```
    expect `./check.sh`
  }
}
```

Called on a line of its own the function ends at its first failure, and the step with it.

## How it can be fooled

Reported is a function in which something that changes a system, or a script of your own, is
followed by more, with neither `||` nor `&&` behind it. What only looks may fail: the function then
says no by its last command.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.acting import shown
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall
from rbdsl.rules.silence.changes import act, changes
from rbdsl.rules.silence.waiting import is_call_that_looks

CODE = Code("RB968", "function-in-condition", Severity.WARNING)

_IN_CONDITION = frozenset(["if", "while", "!", "&&", "||"])
_MADE = ("()", "function ")
_ELSEWHERE = frozenset(["ssh", "kubectl", "oc", "docker", "podman"])

Bodies = Mapping[tuple[int, str], list[PlacedCall]]
"""The calls of each function, by the text that it is made in and its name."""


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such function, where it is called so first."""
    for place in context.places:
        if place.role.acts and any(sign in place.shell.text for sign in _MADE):
            yield from _in(place)


def _in(place: Place) -> Iterator[Diagnostic]:
    bodies: dict[tuple[int, str], list[PlacedCall]] = defaultdict(list)
    for placed in place.calls:
        if placed.call.function:
            bodies[placed.call.strictness.of, placed.call.function].append(placed)
    judged: set[tuple[int, str]] = set()
    for placed in place.calls if bodies else ():
        call = placed.call
        key = (call.strictness.of, call.words[0].text)
        if key in judged or key not in bodies or call.function == key[1]:
            continue
        if call.tested in _IN_CONDITION and call.strictness.errexit:
            judged.add(key)
            lost = next((p for p in bodies[key] if _is_lost(p) and _acts(p, bodies)), None)
            if lost is not None:
                yield _report(placed, lost)


def _is_lost(placed: PlacedCall) -> bool:
    """Whether the function goes on where a call fails, and does not end with its status."""
    call = placed.call
    if call.tested or call.otherwise or call.substituted or call.background:
        return False
    return not call.strictness.last


def _acts(placed: PlacedCall, bodies: Bodies) -> bool:
    """Whether what follows a call needs what it does."""
    call = placed.call
    if changes(call):
        return True
    if call.program in _ELSEWHERE:
        behind = placed.place.behind(placed)
        for other in behind:
            if len(other.call.where) <= len(call.where) or other.call.start > call.end:
                return False
            if changes(other.call):
                return True
        return False
    own = bodies.get((call.strictness.of, call.words[0].text))
    if own is not None:
        return any(_acts(p, {}) for p in own)
    is_script = "/" in call.words[0].text or call.program.endswith(".sh")
    return is_script and not is_call_that_looks(call)


def _report(placed: PlacedCall, lost: PlacedCall) -> Diagnostic:
    name = placed.call.words[0].text
    what = act(lost) if changes(lost.call) else shown(lost.call.words[0].text).strip("`")
    return CODE.at(
        placed.span,
        f"`{name}` goes on where `{what}` in it fails: `set -e` does not hold in a condition, and "
        "the function ends with the status of its last command",
        labels=(Label(lost.span, "a failure of this is passed over"),),
        hint=f"write `|| return` behind each command of `{name}`, or call it on a line of its own",
    )
