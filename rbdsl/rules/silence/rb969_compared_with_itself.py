"""The reference of a comparison is taken after the restore, from what is then compared with it.

## Why

Counts that are taken from the restored tables are those of the restored tables: half of the rows
may be missing, and the check says that none is. What proves that nothing was lost was counted
before the change, or at least before the restore.

## Bad

```rbplan
phase data "Data" {
  budget 5m
  step load "Load" { run `mysql shop <before.sql` }
  step count "Count" {
    creates counts "counts.txt"
    run     `mysql -N shop -e 'select count(*) from item' >"$counts"`
  }
}
phase proof "Proof" { after data; budget 1m; verify }
verification {
  check items "None is lost" {
    uses counts
    expect `mysql -N shop -e 'select count(*) from item'` equals_file counts
  }
}
```

## Good

```rbplan
capture {
  step count "Count" {
    creates counts "counts.txt"
    run     `mysql -N shop -e 'select count(*) from item' >"$counts"`
  }
}
phase data "Data" { budget 5m; step load "Load" { run `mysql shop <before.sql` } }
phase proof "Proof" { after data; budget 1m; verify }
verification {
  check items "None is lost" {
    uses counts
    expect `mysql -N shop -e 'select count(*) from item'` equals_file counts
  }
}
```

## How it can be fooled

The same command has to write the reference and to be compared with it, word for word. Something
must have put data back before the reference is taken, and nothing that may change data must run
after it: a later migration, or a script of which nobody knows what it does, makes the comparison
one of before and after, and silences it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rbdsl.analysis.file_programs import Use
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.steps import Artifact
from rbdsl.rules.acting import Order
from rbdsl.rules.context import Context
from rbdsl.rules.effects import mutates, restores_over
from rbdsl.rules.placed_calls import Place, PlacedCall, Role
from rbdsl.rules.shell_text import variables_read
from rbdsl.rules.silence.answers import expectation

CODE = Code("RB969", "compared-with-itself", Severity.WARNING)

_LOADERS = frozenset(["pg_restore", "mongorestore", "mongoimport", "xtrabackup", "mariabackup"])
_COMPARING = frozenset(["diff", "cmp", "comm", "test", "["])
_MAY_MIGRATE = frozenset(["make", "ansible", "ansible-playbook", "bash", "sh", "python", "python3"])


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such reference."""
    made = [a for phase in context.plan.phases for step in phase.steps for a in step.creates]
    pairs = list(_compared(context, made)) if made else []
    if not pairs:
        return
    order = Order(context)
    changing = [placed for placed in order.acting() if _may_change(placed)][::-1]
    for artifact, taken, compared in pairs:
        if any(c is not taken and not order.before(c, taken) for c in changing if _in_phase(c)):
            continue  # the last one that is written tells it at once, as a rule
        back = next((c for c in changing if _puts_back(c) and order.before(c, taken)), None)
        if back is not None:
            yield CODE.at(
                artifact.name.span,
                f"`{artifact.name}` is taken from what was put back, and then compared with it: "
                "that holds whatever was lost",
                labels=(
                    Label(back.span, "put back here, before"),
                    Label(compared.span, "compared here"),
                ),
                hint="take the reference in `capture`, before the change",
            )


def _compared(
    context: Context, made: list[Artifact]
) -> Iterator[tuple[Artifact, PlacedCall, PlacedCall]]:
    """The artifacts with the call whose output they are, and the same call that is compared."""
    artifacts = {artifact.name.shell: artifact for artifact in made}
    taken = _taken(context, artifacts)
    for place in context.places if taken else ():
        if place.captures:
            continue
        for name in _compares(place) & taken.keys():
            first = taken[name]
            if place is first.place:
                continue
            for placed in place.calls:
                if placed.texts == first.texts and placed.call.where == first.call.where:
                    yield artifacts[name], first, placed
                    del taken[name]
                    break


def _taken(context: Context, artifacts: Mapping[str, Artifact]) -> dict[str, PlacedCall]:
    """By artifact the call of a phase whose output it is: the first of its pipe."""
    found: dict[str, PlacedCall] = {}
    for file in context.files:
        place, call = file.place, file.file.call
        if place.role is not Role.RUN or place.phase is None or file.use is not Use.WRITE:
            continue
        for name in variables_read(file.file.path) & artifacts.keys():
            first = file.file.pipeline[0] if file.file.pipeline else call
            same = (p for p in place.calls if first and p.call.start == first.start)
            placed = next(same, None)
            if placed is not None:
                found[name] = placed
    return found


def _compares(place: Place) -> frozenset[str]:
    """The shell names of what a piece of shell, or its matcher, compares with."""
    own = expectation(place)
    if own is not None and own.matcher is not None and own.matcher.artifact is not None:
        return frozenset([own.matcher.artifact.shell])
    if any(placed.call.program in _COMPARING for placed in place.calls):
        return variables_read(place.shell.text)
    return frozenset()


def _in_phase(placed: PlacedCall) -> bool:
    return placed.place.phase is not None and placed.place.role is Role.RUN


def _puts_back(placed: PlacedCall) -> bool:
    """Whether it is known to bring data back, or to change them."""
    call = placed.call
    if call.program in _LOADERS:
        return not call.has("l", "list")
    return (
        mutates(call) or restores_over(call) or (call.program == "psql" and call.has("f", "file"))
    )


def _may_change(placed: PlacedCall) -> bool:
    """Whether it changes data, or may: of a script nobody knows."""
    call = placed.call
    script = "/" in call.words[0].text or call.program.endswith(".sh")
    return _puts_back(placed) or script or call.program in _MAY_MIGRATE
