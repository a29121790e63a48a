"""Objects or files are removed in number, and nothing has kept them before.

Only an info where the capture has kept a copy: what came since then goes all the same.

## Why

`rm --recursive` with one slash too few takes another prefix with it, and `sync --delete` removes
everything that the source lacks: all of it where the source is empty, because its folder had
another name. With a copy from the capture `--delete` takes away what users have uploaded since.

## Bad

```rbplan
phase assets "Assets" {
  budget 2m
  step back "Put the assets back" {
    run `aws s3 sync --delete before/ s3://shop-assets/`
    expect `./assets-are.sh 3.1`
  }
}
```

## Good

```rbplan
capture {
  step keep "Keep what is there" { run `aws s3 sync s3://shop-assets/ s3://shop-assets-kept/3.1/` }
}
phase assets "Assets" {
  budget 4m
  step failed "Keep what came since" {
    run `aws s3 sync s3://shop-assets/ s3://shop-assets-kept/3.2/`
    expect `./copy-is-whole.sh 3.2`
  }
  step back "Put the assets back" {
    run `aws s3 sync --delete s3://shop-assets-kept/3.1/ s3://shop-assets/`
    expect `./assets-are.sh 3.1`
  }
}
```

## How it can be fooled

`rsync --delete` is how releases are laid out, and only an info. A bucket with versions keeps what
is deleted. A copy of it that is made before, by the order of the phases, spares the finding, and so
does one of which a variable says what it is a copy of; so does `--dryrun`. Where the capture
empties the place that it copies into right behind, or makes that place like what is live, it clears
away what an earlier run has kept: a phase that copies from there shows that the place is its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import shown
from rbdsl.rules.context import Context
from rbdsl.rules.destruction.backups import overlap
from rbdsl.rules.destruction.keeping_commands import ANY
from rbdsl.rules.destruction.programs import LACKING, OBJECTS
from rbdsl.rules.destruction.removal import Removal, Removals
from rbdsl.rules.forms import matching
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB873", "objects-removed", Severity.WARNING)

PROGRAMS = frozenset(OBJECTS)
_MANY = 6
"""As many operands as a copy has at least, in whatever words it is said."""


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    removals = Removals(context)
    filled = _last_filled(context)
    read = _read_by_phases(context)
    lost: set[int] = set()
    for removal in removals.of(OBJECTS, "objects", "files"):
        if _is_made_anew(removal, filled) or _is_own_copy(removal, read):
            continue
        lost.add(id(removal.placed))
        yield CODE.at(
            removal.placed.span,
            f"{shown(removal.placed.call.text)} takes away {removal.form.loses}, and nothing has "
            "kept it before",
            severity=Severity.INFO if removal.placed.call.program == "rsync" else None,
            hint="copy it elsewhere in `capture`, or leave out what deletes",
        )
    for placed in removals.order.acting(*OBJECTS):
        form = matching(placed.call, OBJECTS)
        if form is None or form.loses != LACKING or placed.call.program == "rsync":
            continue
        if (
            placed.place.phase
            and id(placed) not in lost
            and _kept_by_capture_alone(removals, placed)
        ):
            yield CODE.at(
                placed.span,
                f"{shown(placed.call.text)} takes away what came since the capture: only that has "
                "been kept",
                severity=Severity.INFO,
                hint="leave out what deletes, or copy what is there now before",
            )


def _last_filled(context: Context) -> dict[tuple[int, str, int, str], int]:
    """Where a call stands last in a place, by place, program, number of operands, the last one."""
    return {
        (id(placed.place), placed.call.program, _number(placed), _paths(placed)[-1]): (
            placed.call.start
        )
        for placed in context.calls
        if placed.call.program in PROGRAMS and placed.place.captures and _paths(placed)
    }


def _number(placed: PlacedCall) -> int:
    """How many operands a call has, at most so many as a copy has at least."""
    return min(len(placed.call.operands), _MANY)


def _is_made_anew(removal: Removal, filled: dict[tuple[int, str, int, str], int]) -> bool:
    """Whether the capture empties what it copies into right behind: the copy of an earlier run."""
    placed = removal.placed
    gone = {placed.filled(name).rstrip("/*") for name in removal.objects}
    place, program = id(placed.place), placed.call.program
    numbers = range(len(removal.form.words.split()) + 2, _MANY + 1)
    return any(
        filled.get((place, program, number, path), -1) > placed.call.start
        for path in gone
        for number in numbers
    )


def _read_by_phases(context: Context) -> set[tuple[str, str]]:
    """What the phases copy from, by the program, with all folders that it lies in."""
    return {
        (placed.call.program, path[: end or len(path)])
        for placed in context.calls
        if placed.call.program in PROGRAMS and placed.place.phase is not None
        for path in _paths(placed)[:-1]
        for end in (0, *(at for at, sign in enumerate(path) if sign == "/"))
    }


def _is_own_copy(removal: Removal, read: set[tuple[str, str]]) -> bool:
    """Whether the capture makes its copy like what is live: a phase copies from there."""
    placed = removal.placed
    paths = _paths(placed)
    if not placed.place.captures or removal.form.loses != LACKING or len(paths) < 2:
        return False
    return (placed.call.program, paths[-1]) in read


def _paths(placed: PlacedCall) -> list[str]:
    """The operands of a copy, with the values of the plan; lists of options are none."""
    words = (word for word in placed.call.operands if "[@]" not in word)
    return [placed.filled(word).rstrip("/") for word in words]


def _kept_by_capture_alone(removals: Removals, placed: PlacedCall) -> bool:
    """Whether copies of its target have been made before it, and all of them in the capture."""
    target = _paths(placed)[-1:]
    before = [
        backup.placed.place.captures
        for backup in removals.backups.taken
        if backup.store in ("objects", "files", ANY)
        and (not backup.sources or overlap(tuple(target), backup))
        and removals.order.before(backup.placed, placed)
    ]
    return bool(before) and all(before)
