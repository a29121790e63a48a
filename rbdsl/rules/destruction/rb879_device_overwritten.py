"""A disk, a partition or a data set is overwritten.

## Why

The name of a device is given by the kernel, in the order in which it found them. After a reboot,
or on the second host, `/dev/sdb` may be another disk.

## Bad

```rbplan
phase disk "Disk" {
  budget 2m
  step format "Format" { run `sudo -n mkfs.ext4 -F /dev/sdb1`; expect `./mounted.sh` }
}
```

## Good

```rbplan
capture {
  step snapshot "Snapshot" { run `sudo -n lvcreate -s -n data_before -L 20G vg0/data` }
}
phase disk "Disk" {
  budget 2m
  step merge "Merge the snapshot" {
    run `sudo -n lvconvert --merge vg0/data_before`
    expect `./mounted.sh`
  }
}
```

## How it can be fooled

A disk that is new and empty may be formatted. A snapshot or image of a disk that is taken before,
by the order of the phases, spares the finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import shown
from rbdsl.rules.context import Context
from rbdsl.rules.destruction.programs import DEVICES
from rbdsl.rules.destruction.removal import Removals
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB879", "device-overwritten", Severity.WARNING)

_DEVICE = r"/dev/(?!null\b|stdout|stderr|stdin|tty|fd/|shm/|zero|full|tcp/|udp/|urandom)"
_WRITERS = frozenset(["shred", "tee"])


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    removals = Removals(context)
    for removal in removals.of(DEVICES, "block"):
        yield _report(removal.placed, removal.form.loses)
    for placed in removals.order.acting():
        if _writes_device(placed) and not removals.backups.before(placed, "block"):
            yield _report(placed, "what is on the device")


def _writes_device(placed: PlacedCall) -> bool:
    """Whether `dd of=/dev/sdb`, `shred /dev/sdb` or `… > /dev/sdb` goes to a disk."""
    call = placed.call
    if call.program == "dd":
        return any(re.match(rf"of={_DEVICE}", text) for text in placed.texts)
    if call.program in _WRITERS and any(re.match(_DEVICE, text) for text in placed.texts[1:]):
        return True
    return any(
        r.operator in (">", ">>") and re.match(_DEVICE, r.target.text) for r in call.redirections
    )


def _report(placed: PlacedCall, loses: str) -> Diagnostic:
    return CODE.at(
        placed.span,
        f"{shown(placed.call.text)} destroys {loses}",
        hint="go back by a snapshot, and name disks by `/dev/disk/by-id/…`",
    )
