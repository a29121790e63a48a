"""The rules of a firewall are thrown away.

## Why

With the rules go those of others: of Docker, of Kubernetes, of the VPN. With a policy of `DROP`
the host can't be reached any more, also not by the rest of the rollback; with `ACCEPT` it is open.

## Bad

```rbplan
phase network "Network" {
  budget 1m
  step rules "Old rules" { run `sudo -n iptables -F`; expect `./reachable.sh` }
}
```

## Good

```rbplan
phase network "Network" {
  budget 1m
  step rule "Remove the rule of the change" {
    run `sudo -n iptables -D INPUT -p tcp --dport 8443 -j DROP`
    expect `./reachable.sh`
  }
}
```

## How it can be fooled

Rules that were saved before, by `iptables-save` or `nft list ruleset` and by the order of the
phases, spare the finding: somebody thought of the way back.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import shown
from rbdsl.rules.context import Context
from rbdsl.rules.destruction.programs import FIREWALL
from rbdsl.rules.destruction.removal import Removals

CODE = Code("RB880", "firewall-flushed", Severity.WARNING)

PROGRAMS = frozenset(FIREWALL)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    for removal in Removals(context).of(FIREWALL, "firewall"):
        yield CODE.at(
            removal.placed.span,
            f"{shown(removal.placed.call.text)} takes away {removal.form.loses}",
            hint="delete the rule of the change alone, or save all of them in `capture`",
        )
