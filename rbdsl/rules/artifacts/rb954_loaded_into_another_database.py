"""The dump of one database is loaded into another one, which the plan neither makes nor swaps in.

## Why

A command line was copied, and one of the two names was changed. The load may even succeed: the
tables of `orders` then stand in `billing`, where `--clean` has taken those of the same name away,
and `orders` is what it was before the rollback.

## Bad

```rbplan
capture {
  step dump "Dump" { creates dump "orders.dump"; run `pg_dump -w -Fc -d orders -f "$dump"` }
}
phase data "Data" {
  budget 3m
  step load "Load" { uses dump; run `pg_restore -w -e --clean --dbname=billing "$dump"` }
}
```

## Good

```rbplan
capture {
  step dump "Dump" { creates dump "orders.dump"; run `pg_dump -w -Fc -d orders -f "$dump"` }
}
phase data "Data" {
  budget 3m
  step load "Load" { uses dump; run `pg_restore -w -e --clean --dbname=orders "$dump"` }
}
```

## How it can be fooled

Sure where the capture takes the dump, or a step that says backup, and both names are known. A
database that the plan creates, drops or renames is left alone, and so are one whose name says that
it stands beside (`orders_old`, `staging`), one of two that the same dump is loaded into, one for
administration (`postgres`), and what a text of the plan says of both names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.destruction.dumped import parts
from rbdsl.rules.effects import made
from rbdsl.rules.kept_dumps import (
    ADMINISTRATION,
    DUMPS,
    Loaded,
    creates,
    database_into,
    database_of,
    loaded_dumps,
)
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.shell_text import mentions_word

CODE = Code("RB954", "loaded-into-another-database", Severity.WARNING)

PROGRAMS = DUMPS
_LETTERS = lazy_pattern(r"[a-z]+")
_BESIDE = frozenset(
    """
    after backup bak before beside blue candidate check clone compare copy db dev dr drill forensics
    green kept live new next old orig original prev previous prod production qa rebuild recover
    recovered recovery rehearsal replica restore restored rollback sandbox scratch shadow stage
    staging standby temp temporary test tmp v verify
    """.split()  # noqa: SIM905 - a list of words is read as one
)
"""Words of names that tell two copies of one database apart."""
_KEEPS = lazy_pattern(r"(?i)back-?up|dump|save|keep|captur|snapshot|safe")
_DROPS = lazy_pattern(r"(?i)\b(?:drop(?:db)?|rename)\b")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each load of that kind."""
    pairs = [(pair, *names) for pair in loaded_dumps(context) if (names := _names(pair))]
    loaded: dict[int, set[str]] = defaultdict(set)
    for pair, own, into in pairs:
        loaded[id(pair.dump.call)].add(into if into != own else "")
    apart = [one for one in pairs if _is_apart(*one[1:]) and "" not in loaded[id(one[0].dump.call)]]
    if not apart:
        return
    own_making = made(context) | _dropped(context)
    for pair, own, into in apart:
        if into not in own_making and not _is_said(context, pair.load, own, into):
            yield CODE.at(
                pair.load.span,
                f"`{pair.load.call.program}` loads the dump of `{own}` into `{into}`",
                labels=(Label(pair.dump.span, f"`{own}` is dumped here"),),
                hint=f"load it into `{own}`, or dump `{into}`",
            )


def _names(pair: Loaded) -> tuple[str, str] | None:
    """The database of a dump and the one that it goes into; None where one is not known.

    Where the dump or the load takes it from the dump it is RB952's.
    """
    dump, load = pair.dump, pair.load
    whole = dump.call.has("databases", "B", "all-databases", "A")
    if not _is_backup(pair) or whole or creates(dump.call) or creates(load.call):
        return None
    own, into = database_of(dump).lower(), database_into(load).lower()
    return (own, into) if own and into and into not in ADMINISTRATION else None


def _is_backup(pair: Loaded) -> bool:
    """Whether a dump is there to be loaded again, and not to move data: the capture takes it, or a
    step that says so, of all of the database.
    """
    place = pair.dump.place
    if place.captures or place.step is pair.load.place.step:
        return place.captures
    said = " ".join(one.title.plain for one in (place.step, place.phase) if one)
    return parts(pair.dump) is None and _KEEPS.search(said) is not None


def _is_apart(own: str, into: str) -> bool:
    """Whether two names are those of different data, and not of copies of the same."""
    if own in into or into in own:
        return False
    one, other = ({*_LETTERS.findall(name)} - _BESIDE for name in (own, into))
    return not one <= other and not other <= one


def _dropped(context: Context) -> set[str]:
    """The words of what drops or renames something."""
    return {
        word.strip("\"'`;").lower()
        for placed in context.calls
        for text in (*placed.texts, *placed.call.given)
        if _DROPS.search(placed.call.program) or _DROPS.search(text)
        for word in text.split()
    }


def _is_said(context: Context, load: PlacedCall, own: str, into: str) -> bool:
    """Whether a text of the plan, the phase or the step names both databases."""
    plan, phase, step = context.plan, load.place.phase, load.place.step
    texts = [plan.title, plan.change, plan.note]
    texts += [phase.title, phase.objective, phase.critical] if phase else []
    texts += [step.title, step.note] if step else []
    said = " ".join(text.plain for text in texts if text).lower()
    return mentions_word(said, own) and mentions_word(said, into)
