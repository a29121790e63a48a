"""What is restored is the newest file that is there.

## Why

The newest dump is the one that was taken last: of the broken database, in the night after the
change, or by the run that failed before. Which one it is, nobody has read in the review.

## Bad

```rbplan
phase database "Database" {
  budget 5m
  step restore "Restore" {
    run ```
      latest="$(ls -t /backup/*.dump | head -1)"
      pg_restore --exit-on-error --clean --if-exists -d shop "$latest"
    ```
    expect `./schema-is.sh 41`
  }
}
```

## Good

```rbplan
capture {
  step dump "Dump" {
    creates dump "shop.dump" checksum sha256
    run `pg_dump --no-password --format=custom --file="$dump" --dbname=shop`
  }
}
phase database "Database" {
  budget 5m
  step restore "Restore" {
    uses dump
    run `pg_restore --exit-on-error --clean --if-exists -d shop "$dump"`
    expect `./schema-is.sh 41`
  }
}
```

The second newest release, the last but one revision of a history, and the file that a link
called `latest` leads to are found by their place in a row just the same: a failed attempt, a
hotfix or the nightly job comes in between, and another one stands there.

## How it can be fooled

Only `ls`, `find`, the lists of buckets and a few histories are known, behind which one is taken
by its place, where a restoring command of the same step reads what they say. Logs and what is kept
in `capture` are spared, and so is what is chosen by what it is: `select(.app_version == "3.1")`. A
name with `latest` or `nightly` in it, also by way of a variable of the step, is reported only where
the plan takes a backup of its own in `capture`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import acting, near, shown
from rbdsl.rules.aim.latest import ONE_LINE, by_link, by_place
from rbdsl.rules.aim.sources import restores, sources
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB861", "newest-file", Severity.WARNING)

_CHOOSING = frozenset(["head", "tail", "sed", "awk"])
_ASSIGNED = r"(\w+)=[\"']?\$\([^()\n]*\Z"


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such list, history or name."""
    for placed in acting(context, "restic"):
        if placed.call.operands[:2] == ("restore", "latest"):
            yield CODE.at(
                placed.span,
                f"{shown(placed.call.text)} restores whichever snapshot was made last",
                hint="name the snapshot, from `restic snapshots`",
            )
    for placed in acting(context, "ls", "find", "aws", "gsutil"):
        call = placed.call
        if call.program in ("aws", "gsutil") and "ls" not in call.operands:
            continue
        chosen = [name for name in call.pipe[call.stage + 1 :] if name in _CHOOSING]
        if not chosen or placed.place.captures or "log" in call.text or not _takes_one(placed):
            continue
        reader = _reader(placed)
        if reader:
            yield CODE.at(
                placed.span,
                f"{shown(reader)} restores from whatever {shown(call.text)} has at its end",
                hint="make the file in `capture` with `creates`, and use it by its name",
            )
    for placed, reader in by_place(context):
        yield CODE.at(
            placed.span,
            f"{shown(reader)} goes back to what stands at a place of {shown(placed.call.text)}",
            hint="keep the revision in `capture`, or name it: another attempt moves the places",
        )
    for word, placed, name in by_link(context):
        yield CODE.at(
            placed.span_of(word),
            f"`{name}` is whatever was made last, and not what this plan has captured",
            hint="restore from the artifact of `capture`, by its name",
        )


def _takes_one(placed: PlacedCall) -> bool:
    """Whether a later stage of the pipe takes one line: `head -1`, `tail -n 1`, `sed -n 2p`."""
    return any(
        other.call.pipe == placed.call.pipe
        and other.call.stage > placed.call.stage
        and other.call.start >= placed.call.start
        and re.search(ONE_LINE, other.call.text)
        for other in near(placed)
    )


def _reader(placed: PlacedCall) -> str:
    """The restoring command that gets the name: by a variable, in its words, or by `xargs`."""
    call, text = placed.call, placed.place.shell.text
    piped = [name for name in call.pipe[call.stage + 1 :] if restores(name)]
    if piped:
        return piped[0]
    if not call.substituted:
        return ""
    match = re.search(_ASSIGNED, text[max(0, call.start - 200) : call.start])
    variable = f"${match[1]}" if match else None
    for other in near(placed):
        for word in sources(other):
            inline = word.start <= call.start and call.end <= word.end
            if inline or (variable and other.call.start > call.start and variable in word.text):
                return " ".join(w.text for w in other.call.words[:1])
    return ""
