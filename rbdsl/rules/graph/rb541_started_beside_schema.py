"""The application is started or deployed while its database goes back: nothing orders the phases.

## Why

Phases without an order between them run at the same time. The old version comes up on the schema
of the new one, fails its first queries, and writes into tables that are just being changed; and the
locks of its transactions make the migration wait until its time is over. In the test, where the
migration took two seconds, it was done before the first pod was there.

## Bad

```rbplan
phase stop "Stop" {
  budget 1m
  step stop "Stop" { run `kubectl -n shop scale deploy/shop --replicas=0` }
}
phase schema "Schema" { needs stop; budget 2m; step down "Down" { run `alembic downgrade 41` } }
phase start "Start" {
  after stop
  budget 1m
  step start "Start" { run `kubectl -n shop scale deploy/shop --replicas=4` }
}
```

## Good

```rbplan
phase stop "Stop" {
  budget 1m
  step stop "Stop" { run `kubectl -n shop scale deploy/shop --replicas=0` }
}
phase schema "Schema" { needs stop; budget 2m; step down "Down" { run `alembic downgrade 41` } }
phase start "Start" {
  after schema
  budget 1m
  step start "Start" { run `kubectl -n shop scale deploy/shop --replicas=4` }
}
```

## How it can be fooled

By schemas and applications that have nothing to do with each other: where both steps say what they
are `for`, the names must have a word in common, unless the plan deploys one service only. Known are
migration tools, SQL that alters or drops tables and renames databases, and restores that say that
they replace; of starts, orchestrators, `scale`, restarts and systemd. Rows that are loaded count
where the plan takes the same application down. What scripts do is not seen. Where a page stands
before an application that does nothing by itself, it is a false alarm.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbdsl.analysis.sql import CLIENTS
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Phase
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.effects import DOWNGRADING, database, downgrades, in_phases, made, restores_over
from rbdsl.rules.graph.starts_and_loads import (
    LOADERS,
    applications,
    brings_up,
    loads_by_halves,
    takes_down,
)
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.service_names import belong_together

CODE = Code("RB541", "started-beside-schema", Severity.WARNING)

_SQL = lazy_pattern(
    r"(?i)^\s*(?:alter\s+table|drop\s+(?:table|column)|alter\s+database\s+\S+\s+rename"
    r"|rename\s+table)\b"
)
_RESTORERS = ("pg_restore", "mongorestore")
PROGRAMS = frozenset([*DOWNGRADING, *_RESTORERS, *CLIENTS, *LOADERS])


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each phase that starts something, with the first such change beside it.

    It stands at the `needs` or `after` that is too short, or at the phase where there is none.
    """
    changing = [call for call in in_phases(context) if _may_change(call)]
    if not changing:
        return
    own = made(context)
    changing = _first_of_each(c for c in changing if not _is_beside(c, own))
    down = {name for c in in_phases(context) if takes_down(c) for name in applications(c)}
    starting = _first_of_each(c for c in in_phases(context) if changing and brings_up(c))
    themselves = {call.place.phase.name.text for call in changing if call.place.phase}
    only_one = len({name for call in starting for name in _services(call)}) <= 1
    reported: set[str] = set()
    for start in starting:
        phase = start.place.phase
        if phase is None or phase.name.text in reported | themselves:
            continue  # what changes a schema itself starts what belongs to that one
        for change in changing:
            other = change.place.phase
            if other is None or _ordered(context, phase, other):
                continue
            if not _alters(change) and down.isdisjoint(applications(start)):
                continue  # rows alone: only where the plan keeps the application out meanwhile
            alone = only_one and not _only_restarts(start)
            if alone or _may_belong_together(start, change):
                reported.add(phase.name.text)
                yield _report(phase, other, start, change)
                break


def _report(phase: Phase, other: Phase, start: PlacedCall, change: PlacedCall) -> Diagnostic:
    waits = (*phase.needs, *phase.after)
    alters = _alters(change)
    return CODE.at(
        waits[0].span if waits else phase.name.span,
        f"phase `{phase.name}` brings the application up, and may run at the same time as "
        f"`{other.name}`, which {'changes its schema' if alters else 'loads its data'}",
        labels=(
            *(Label(phase.name.span, "this phase") for _ in waits[:1]),
            Label(start.span, "brought up here"),
            Label(change.span, f"the {'schema changes' if alters else 'data comes'} here"),
        ),
        hint=f"let `{phase.name}` wait for `{other.name}`, too, or the other way round, where that "
        "version works with both",
    )


def _first_of_each(found: Iterable[PlacedCall]) -> list[PlacedCall]:
    """The first call of each phase and service: the others of these say the same."""
    first: dict[tuple[str, frozenset[str]], PlacedCall] = {}
    for call in found:
        phase = call.place.phase
        first.setdefault((phase.name.text if phase else "", frozenset(_services(call))), call)
    return list(first.values())


def _may_change(placed: PlacedCall) -> bool:
    return _alters(placed) or loads_by_halves(placed, set())


def _alters(placed: PlacedCall) -> bool:
    """Whether it changes the schema, or puts another database in the place of the one in use."""
    call = placed.call
    if downgrades(call) or (call.program in _RESTORERS and restores_over(call)):
        return True
    return any(_SQL.match(statement.text) for statement in placed.statements)


def _is_beside(placed: PlacedCall, own: set[str]) -> bool:
    """Whether it works on a database that the plan has made, and nobody uses yet."""
    name = placed.filled(database(placed.call))
    return bool(name) and name in own


def _ordered(context: Context, one: Phase, other: Phase) -> bool:
    return one is other or context.runs_before(one, other) or context.runs_before(other, one)


def _only_restarts(placed: PlacedCall) -> bool:
    """Whether it restarts the pods of a deployment, which may be there for other reasons."""
    return placed.call.operands[:2] == ("rollout", "restart")


def _services(placed: PlacedCall) -> set[str]:
    step = placed.place.step
    return {name.text for name in step.services} if step else set()


def _may_belong_together(start: PlacedCall, change: PlacedCall) -> bool:
    """Whether the services of both steps do, or one of them names none."""
    ours, theirs = _services(start), _services(change)
    return not ours or not theirs or belong_together(ours, theirs)
