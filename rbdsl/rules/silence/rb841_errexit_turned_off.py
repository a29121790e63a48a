"""`set +e` before a change: from there on nothing ends the text.

## Why

A step is strict: it ends at its first failure. Behind `set +e` it ends with the status of its last
command, whatever failed before, and the rollback goes on as if all had been done.

## Bad

```rbplan
phase back "Back" {
  budget 3m
  step swap "Swap" {
    run ```
      set +e
      systemctl stop shop
      cp -a /srv/shop-3.1.4/. /srv/shop/
      systemctl start shop
    ```
    expect `systemctl is-active shop`
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 3m
  step swap "Swap" {
    run ```
      set +e
      ./drain.sh shop
      drained=$?
      set -e
      echo "drained: $drained"
      systemctl stop shop
      cp -a /srv/shop-3.1.4/. /srv/shop/
      systemctl start shop
    ```
    expect `systemctl is-active shop`
  }
}
```

## How it can be fooled

Sure for commands that are known to change something, unless the text looks at `$?` afterwards; what
it does with it is not judged. A text that is handed to another shell is the business of RB844.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall
from rbdsl.rules.silence.changes import act, changes

CODE = Code("RB841", "errexit-turned-off", Severity.WARNING)

_NEAR = 400
"""Characters behind a command in which its status may be asked for."""
_STATUS = ("$?", "PIPESTATUS")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each `set +e` that changes stand behind."""
    for place in context.places:
        if place.role.acts and "set +" in place.shell.text:
            yield from _in(place)


def _in(place: Place) -> Iterator[Diagnostic]:
    turned: PlacedCall | None = None
    for placed in place.calls:
        call = placed.call
        if call.strictness.of >= 0:
            continue
        if call.program == "set":
            if call.strictness.errexit and "+e" in "".join(w.text for w in call.words[1:2]):
                turned = placed
        elif turned and _is_passed_over(placed):
            yield _report(turned, placed)
            turned = None


def _is_passed_over(placed: PlacedCall) -> bool:
    call = placed.call
    if call.strictness.errexit or call.tested or not changes(call):
        return False
    return not _asked(placed.place.shell.text[call.end : call.end + _NEAR])


def _asked(behind: str) -> bool:
    """Whether the status is looked at right behind a command."""
    line = " ".join(behind.lstrip("\n;& ").split("\n")[:2])
    return any(status in line for status in _STATUS)


def _report(turned: PlacedCall, placed: PlacedCall) -> Diagnostic:
    return CODE.at(
        turned.span,
        f"`set +e` lets the step go on where `{act(placed)}` fails",
        labels=(Label(placed.span, "its failure is passed over"),),
        hint="leave it out, or write `set -e` before this command",
    )
