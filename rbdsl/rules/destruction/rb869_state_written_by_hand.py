"""An old Terraform state is put in the place of the present one.

## Why

The state says what exists. An old one does not know what was made since: the next apply makes it
a second time, or leaves it running for ever, and what it wrongly believes in it tries to change.
And `terraform apply` takes a saved plan, or the configuration, and never a state file.

## Bad

```rbplan
phase infrastructure "Infrastructure" {
  budget 2m
  step state "Old state" {
    run `terraform state push -force old.tfstate`
    expect `./drift.sh`
  }
}
```

## Good

```rbplan
phase infrastructure "Infrastructure" {
  budget 2m
  step plan "Plan with the configuration that worked" {
    creates way_back "back.tfplan"
    run `terraform -chdir=before plan -input=false -out="$way_back"`
  }
  step apply "Apply" {
    uses way_back
    run `terraform -chdir=before apply -input=false "$way_back"`
    expect `./drift.sh`
  }
}
```

## How it can be fooled

By a script that does it. Where the state itself is broken and a copy of exactly the same
infrastructure is there, putting it back is right: allow it, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import acting, shown
from rbdsl.rules.context import Context
from rbdsl.rules.destruction.programs import STATE
from rbdsl.rules.forms import matching
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB869", "state-written-by-hand", Severity.WARNING)

_COPIES = frozenset(["cp", "mv", "install", "ln", "rsync"])
_APPLY = frozenset(["terraform", "tofu", "terragrunt"])
_LIVE = r"(?:^|/)terraform\.tfstate\Z"
_STATE_FILE = r"\.tfstate(?:\.backup)?\Z"
PROGRAMS = frozenset([*STATE, *_COPIES, *_APPLY])


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call; an apply that can't work is an error."""
    for placed in acting(context, *PROGRAMS):
        program = placed.call.program
        form = matching(placed.call, STATE) if program in STATE else None
        if form:
            yield CODE.at(
                placed.span,
                f"{shown(placed.call.text)}: {form.loses}",
                hint="apply the configuration that worked, from a plan that was read",
            )
        elif program in _COPIES and _overwrites(placed):
            yield CODE.at(
                placed.span,
                f"{shown(placed.call.text)} puts an old state in the place of the present one: "
                "what was made since is forgotten, and not removed",
                hint="check out the configuration that worked, and apply it",
            )
        elif program in _APPLY and _applies_state(placed):
            yield CODE.at(
                placed.span,
                f"{shown(placed.call.text)}: a state is no plan, so this can't work",
                hint="`terraform plan -out=back.tfplan` writes what `terraform apply` reads",
                severity=Severity.ERROR,
            )


def _overwrites(placed: PlacedCall) -> bool:
    operands = [placed.filled(word) for word in placed.call.operands]
    return (
        len(operands) > 1
        and re.search(_LIVE, operands[-1]) is not None
        and not re.search(_LIVE, operands[0])
    )


def _applies_state(placed: PlacedCall) -> bool:
    operands = [placed.filled(word) for word in placed.call.operands]
    return operands[:1] == ["apply"] and any(re.search(_STATE_FILE, word) for word in operands[1:])
