"""A copy stays on the host that it is made on, is made on one of several, and wanted on each.

## Why

A snapshot of Cassandra, of LVM or ZFS, a tag of Docker, a folder beside the folder: all of these
are on one host and nowhere else. The restore goes through all hosts, finds the first one in order,
and fails on the second: the cluster is half restored, and what the others need was never kept.

## Bad

```rbplan
let hosts = ["web1", "web2", "web3"]
capture {
  step keep "Keep the release" {
    run `ssh -n -o BatchMode=yes "${hosts[0]}" sudo -n cp -a /srv/shop /srv/shop.kept`
  }
}
phase back "Back" {
  budget 3m
  step restore "Restore" {
    run ```
      for host in "${hosts[@]}"; do
        ssh -n -o BatchMode=yes "$host" 'sudo -n rsync -a --delete /srv/shop.kept/ /srv/shop/'
      done
    ```
  }
}
```

## Good

```rbplan
let hosts = ["web1", "web2", "web3"]
capture {
  step keep "Keep the release" {
    run ```
      for host in "${hosts[@]}"; do
        ssh -n -o BatchMode=yes "$host" sudo -n cp -a /srv/shop /srv/shop.kept
      done
    ```
  }
}
phase back "Back" {
  budget 3m
  step restore "Restore" {
    run ```
      for host in "${hosts[@]}"; do
        ssh -n -o BatchMode=yes "$host" 'sudo -n rsync -a --delete /srv/shop.kept/ /srv/shop/'
      done
    ```
  }
}
```

## How it can be fooled

Hosts have to be written down: in a list of the plan, in a loop, or as the argument of `ssh` or of
`docker --host`. A folder that all hosts mount from one server is a false alarm. What anything
copies from there to elsewhere (`scp`, `rsync`, `cat`, `docker push`) is left alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.graph.hosts import hosts_of, made_there
from rbdsl.rules.placed_calls import PlacedCall, Role
from rbdsl.rules.shell_text import mentions_word
from rbdsl.rules.sums import listed

CODE = Code("RB545", "kept-on-one-host", Severity.WARNING)

_CARRYING = frozenset("scp rsync cat gzip zstd dd aws gsutil gcloud rclone".split())  # noqa: SIM905
_CLEARING = frozenset(["rm", "rmdir", "unlink", "echo", "printf", "logger"])
_MOST = 50
"""So many copies are looked at; nobody keeps as many."""
_SHOWN = 3
"""So many hosts are named, of more their number."""

Kept = tuple[PlacedCall, frozenset[str]]


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each copy, where it is made."""
    kept: dict[str, list[Kept]] = defaultdict(list)
    others: list[PlacedCall] = []
    for placed in context.calls:
        if not placed.call.where and not placed.call.has("H", "host", "context"):
            continue
        product = made_there(placed) if placed.place.role is Role.RUN else ""
        if product:
            kept[product].append((placed, hosts_of(placed)))
        others.append(placed)
    for product, makers in islice(kept.items(), _MOST):
        found = _missing(product, makers, others)
        if found and not _is_carried(product, context):
            yield _report(product, makers, *found)


def _missing(
    product: str, makers: list[Kept], others: list[PlacedCall]
) -> tuple[PlacedCall, frozenset[str]] | None:
    """What wants a copy on more hosts than it is made on, and the others."""
    if not all(hosts for _, hosts in makers):
        return None
    made = frozenset().union(*(hosts for _, hosts in makers))
    own = {id(placed) for placed, _ in makers}
    for placed in others:
        if id(placed) in own or placed.place.captures or placed.call.program in _CLEARING:
            continue
        if not any(mentions_word(text, product) for text in placed.texts):
            continue
        wanted = hosts_of(placed)
        if made < wanted:
            return placed, wanted - made
    return None


def _is_carried(product: str, context: Context) -> bool:
    """Whether something copies it from that host to elsewhere, before it is wanted."""
    return any(
        (placed.call.program in _CARRYING or "push" in placed.call.operands[:2])
        and (placed.place.captures or not placed.call.where)
        and not made_there(placed)
        and any(mentions_word(text, product) for text in placed.texts)
        for placed in context.calls
    )


def _report(
    product: str, makers: list[Kept], wanting: PlacedCall, missing: frozenset[str]
) -> Diagnostic:
    placed = makers[0][0]
    shown = listed(sorted(missing)) if len(missing) <= _SHOWN else f"{len(missing)} others"
    return CODE.at(
        placed.span,
        f"`{product}` is kept on {listed(sorted(makers[0][1]))} only, and wanted on {shown}, too",
        labels=(Label(wanting.span, "wanted here, on each"),),
        hint="make it on every host, in a loop over the same list",
    )
