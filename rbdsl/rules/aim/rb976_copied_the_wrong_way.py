"""The rollback copies in the direction of the capture: what is broken goes over what was kept.

## Why

Source and target are exchanged, and the command succeeds: it copies the broken files over the saved
ones, `--delete` takes away what only the copy had, and afterwards there is nothing left to go back
to. The line was copied from the capture, or the two variables were filled the wrong way round.

## Bad

```rbplan
let live = "s3://site"
let kept = "s3://kept/3.1"
capture { step keep "Keep" { run `aws s3 sync "$live/" "$kept/"` } }
phase back "Back" { budget 3m; step copy "Copy" { run `aws s3 sync --delete "$live/" "$kept/"` } }
```

## Good

```rbplan
let live = "s3://site"
let kept = "s3://kept/3.1"
capture { step keep "Keep" { run `aws s3 sync "$live/" "$kept/"` } }
phase back "Back" { budget 3m; step copy "Copy" { run `aws s3 sync --delete "$kept/" "$live/"` } }
```

## How it can be fooled

Both the source and the target have to be those of the capture, on the same host; a copy of what is
there now to another place is left alone. Known are the usual programs that copy files and objects,
and dumps of a database into the file of the capture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.acting import acting, shown
from rbdsl.rules.context import Context
from rbdsl.rules.effects import database
from rbdsl.rules.placed_calls import PlacedCall, Role
from rbdsl.source import Span

CODE = Code("RB976", "copied-the-wrong-way", Severity.WARNING)

_COPIES: dict[str, tuple[tuple[str, ...], ...]] = {
    # the words before the source; the target is the last operand
    "aws": (("s3", "sync"), ("s3", "cp"), ("s3", "mv")),
    "gsutil": (("cp",), ("rsync",), ("mv",)),
    "gcloud": (("storage", "cp"), ("storage", "rsync"), ("storage", "mv")),
    "rclone": (("sync",), ("copy",), ("copyto",), ("move",)),
    "mc": (("cp",), ("mirror",), ("mv",)),
    "azcopy": (("copy",), ("sync",), ("cp",)),
    "s3cmd": (("sync",), ("cp",), ("put",), ("get",)),
    "s5cmd": (("sync",), ("cp",)),
    "kubectl": (("cp",),),
    "oc": (("cp",), ("rsync",)),
    "docker": (("cp",),),
    "podman": (("cp",),),
    "rsync": ((),),
    "scp": ((),),
    "cp": ((),),
    "install": ((),),
}
_DUMPS = ("pg_dump", "mysqldump", "mariadb-dump", "mongodump")
_VARIABLE = lazy_pattern(r"\A\$(\w+)")

Way = tuple[str, ...]
PROGRAMS = frozenset([*_COPIES, *_DUMPS])


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each step, at the first such copy or where its variables are filled."""
    calls = list(acting(context, *PROGRAMS))
    kept: dict[Way, PlacedCall] = {}
    for placed in calls:
        way = _way(placed) if placed.place.captures and placed.place.role is Role.RUN else None
        if way:
            kept.setdefault(way, placed)
    reported: set[int] = set()
    for placed in calls if kept else ():
        place = placed.place
        if place.phase is None or place.role is not Role.RUN or id(place) in reported:
            continue
        way = _way(placed)
        if way in kept:
            reported.add(id(place))
            yield _report(placed, kept[way], way[-1])


def _way(placed: PlacedCall) -> Way | None:
    """Where a call copies from and to, and on which host; None where it copies nothing."""
    call = placed.call
    where = tuple(map(placed.filled, call.where))
    if call.program in _DUMPS:
        file = call.value("file", "f", "result-file", "r", "archive", "out", "o")
        targets = [file, *(r.target.text for r in call.redirections if r.operator == ">")]
        target = next((_trimmed(placed, t) for t in targets if t), "")
        source = f"{call.program} {placed.filled(database(call))}"
        return (*where, source, target) if target else None
    starts = _COPIES[call.program]
    operands = call.operands
    start = next((s for s in starts if operands[: len(s)] == s), None)
    if start is None or len(operands) != len(start) + 2:
        return None
    source, target = (_trimmed(placed, word) for word in operands[len(start) :])
    return (*where, source, target) if source and target and source != target else None


def _trimmed(placed: PlacedCall, text: str) -> str:
    return placed.place.settled(text).rstrip("*").rstrip("/").removesuffix("/.")


def _report(placed: PlacedCall, kept: PlacedCall, target: str) -> Diagnostic:
    span = _filling(placed) or placed.span
    own = [Label(placed.span, "copied here")] if span is not placed.span else []
    return CODE.at(
        span,
        f"this copies in the direction of the capture: what is there now goes over `{target}`, "
        "which was kept",
        labels=(*own, Label(kept.span, f"kept here by {shown(kept.call.text)}")),
        hint="exchange source and target",
    )


def _filling(placed: PlacedCall) -> Span | None:
    """Where the text fills the variable of the source itself; None where it does not."""
    place = placed.place
    for word in placed.call.words[1:]:
        name = _VARIABLE.match(word.text)
        if name and name[1] not in (place.values or {}):
            found = re.search(rf"(?m)(?:^|[\s;]){name[1]}=\S*", place.shell.text)
            if found and found.start() < placed.call.start:
                return place.span(found.start() + (found[0][0] in " \t\n;"), found.end())
    return None
