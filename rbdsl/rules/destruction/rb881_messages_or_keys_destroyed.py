"""Messages, keys or secrets are destroyed in number.

## Why

A topic that is deleted loses the messages that nobody has read yet: orders, mails, events. A
prefix in etcd or Consul that is one segment too short is the configuration of everybody.

## Bad

```rbplan
phase queue "Queue" {
  budget 1m
  step purge "Empty the queue" {
    run `rabbitmqadmin purge queue name=orders`
    expect `./queue-answers.sh`
  }
}
```

## Good

```rbplan
phase queue "Queue" {
  budget 1m
  step move "Move the messages of v2 aside" {
    run `./scripts/shovel.sh --from=orders --to=orders-kept --where=version=2`
    expect `./queue-answers.sh`
  }
}
```

## How it can be fooled

A queue that holds only what can be sent again may be emptied. What this plan created is spared,
and so is what a snapshot or export keeps before, by the order of the phases.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import shown
from rbdsl.rules.context import Context
from rbdsl.rules.destruction.programs import QUEUES
from rbdsl.rules.destruction.removal import Removals

CODE = Code("RB881", "messages-or-keys-destroyed", Severity.WARNING)

PROGRAMS = frozenset(QUEUES)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    for removal in Removals(context).of(QUEUES, "queue", "keys"):
        yield CODE.at(
            removal.placed.span,
            f"{shown(removal.placed.call.text)} takes away {removal.form.loses}",
            hint="move it aside, or take a snapshot in `capture`",
        )
