"""The failure of a command is hidden by what takes its output: `local x=$(…)`, `echo "$(…)"`.

## Why

`x=$(command)` fails with the command. `local x=$(command)`, `export x=$(command)` and `program
"$(command)"` do not: their status is that of `local`, of `export`, of the program. The step then
goes on with an empty value, and a change is made to the wrong thing or to nothing.

`echo "$(kubectl rollout undo …)"` and `log "$(…)"` write down what the change said, and lose
whether it was made.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step image "Image" {
    run ```
      export IMAGE="$(./previous-image.sh shop)"
      ./deploy.sh --image "$IMAGE"
    ```
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step image "Image" {
    run ```
      IMAGE="$(./previous-image.sh shop)"
      export IMAGE
      ./deploy.sh --image "$IMAGE"
    ```
  }
}
```

## How it can be fooled

Sure for declarations, and for values in the arguments of commands that are known to change
something; other commands may well refuse an empty value. `date`, `basename` and others that can
hardly fail do not count. Of what is only said (`echo`, `printf`, `log`, `warn`) those commands are
reported that are known to change something, and `kubectl rollout status` and `wait`, unless the
step expects something. A state that is only told is left alone:
`echo "now: $(systemctl is-active shop)"`.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall
from rbdsl.rules.silence.answers import is_shrug
from rbdsl.rules.silence.changes import act, changes
from rbdsl.rules.silence.later import is_expected

CODE = Code("RB845", "status-masked", Severity.WARNING)

_DECLARATIONS = frozenset(["local", "export", "declare", "readonly", "typeset"])
_HARDLY_FAIL = frozenset(
    """
    date basename dirname pwd echo printf hostname whoami id uname seq mktemp tr cut head tail wc
    nproc tput realpath readlink cat true expr exit return ls sed awk grep sort find uniq
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_REFUSE_NOTHING = frozenset(["git", "ln", "cp", "mv", "install", "tar", "chown", "chmod"])
"""What fails by itself where a value is empty."""


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each command whose failure is hidden."""
    for place in context.places:
        if "$(" in place.shell.text or "`" in place.shell.text:
            yield from _in(place)


def _in(place: Place) -> Iterator[Diagnostic]:
    outer: PlacedCall | None = None
    for placed in place.calls:
        call = placed.call
        if call.substituted != "$(":
            outer = placed
        elif call.program in _HARDLY_FAIL or _has_fallback(call):
            continue
        elif call.holder in _DECLARATIONS:
            yield _report(placed, call.holder)
        elif outer and call.holder == "word" and _acts(outer, call) and place.role.acts:
            yield _report(placed, act(outer))
        elif outer and call.holder == "word" and _is_said(outer, placed) and place.role.acts:
            yield _of_said(placed, outer.call.program)


def _has_fallback(call: Call) -> bool:
    """Whether another value is taken where it fails; an `exit` in `$( )` ends only that."""
    return bool(call.otherwise) and call.otherwise[0] not in ("exit", "return")


def _acts(outer: PlacedCall, call: Call) -> bool:
    """Whether the substitution is an argument of a call that changes something."""
    inside = outer.call.start < call.start < outer.call.end
    return inside and outer.call.program not in _REFUSE_NOTHING and changes(outer.call)


def _is_said(outer: PlacedCall, placed: PlacedCall) -> bool:
    """Whether something is done in the arguments of a command that only writes them down."""
    inside = outer.call.start < placed.call.start < outer.call.end
    if not inside or not is_shrug((outer.call.program,)) or outer.call.otherwise:
        return False
    step = placed.place.step
    if step is not None and step.continue_on_failure:
        return False
    return changes(placed.call) or bool(_waiting(placed.call) and not is_expected(step))


def _waiting(call: Call) -> str:
    """The command of a call that waits for a change, and fails where it does not come."""
    words = call.operands
    if call.program not in ("kubectl", "oc"):
        return ""
    if words[:2] == ("rollout", "status"):
        return f"{call.program} rollout status"
    return f"{call.program} wait" if words[:1] == ("wait",) else ""


def _of_said(placed: PlacedCall, says: str) -> Diagnostic:
    call = placed.call
    what = _waiting(call) or act(placed)
    return CODE.at(
        placed.span,
        f"a failure of `{what}` goes unnoticed: the status is that of `{says}`, and the "
        "step goes on",
        hint=f"run it by itself; or first `said=$({call.program} …)`, which fails with it, "
        f'then `{says} "$said"`',
    )


def _report(placed: PlacedCall, holder: str) -> Diagnostic:
    program = placed.call.program or "this command"
    return CODE.at(
        placed.span,
        f"a failure of `{program}` goes unnoticed: the status is that of `{holder}`, and the value "
        "is empty",
        hint=f"first `value=$({program} …)`, which fails with it, then `{holder}`",
    )
