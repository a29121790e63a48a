"""The calls of a plan that take away for good what it has neither made nor kept itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from rbdsl.record import dataclass
from rbdsl.rules.acting import Order
from rbdsl.rules.context import Context
from rbdsl.rules.destruction.backups import Backups
from rbdsl.rules.destruction.created import Created
from rbdsl.rules.destruction.damage import DAMAGING, Damage, damages
from rbdsl.rules.destruction.dumped import Parts, parts
from rbdsl.rules.destruction.keeping_commands import Backup
from rbdsl.rules.destruction.programs import LACKING
from rbdsl.rules.forms import Form, matching, objects
from rbdsl.rules.kept_dumps import loaded_dumps
from rbdsl.rules.placed_calls import PlacedCall

_ENGINES = {
    "pg_restore": "postgres",
    "psql": "postgres",
    "dropdb": "postgres",
    "mysql": "mysql",
    "mysqladmin": "mysql",
    "mariadb": "mysql",
    "mariadb-admin": "mysql",
    "sqlite3": "sqlite",
}
_FILLING = ("pg_restore", "psql", "mysql", "mariadb", "sqlite3")


@dataclass(frozen=True, slots=True)
class Removal:
    """A call of a form, and what it is about."""

    placed: PlacedCall
    form: Form
    objects: tuple[str, ...]


class Removals:
    """What a plan takes away, with what it has kept and made before."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.order = Order(context)
        self.backups = Backups(context, self.order)
        self.created = Created(self.order)

    def of(self, forms: Mapping[str, tuple[Form, ...]], *stores: str) -> Iterator[Removal]:
        """The calls of some forms that are about what the plan has not made itself.

        With `stores` those are left out before which one of them has been kept.
        """
        for placed in self.order.acting(*forms):
            form = matching(placed.call, forms)
            if form is None:
                continue
            about = objects(form, placed.call) or ()
            if form.words == "delete":
                about = about[1:]  # the kind stands before the names
            if about and all(self.is_own(placed, name) for name in about):
                continue
            named = tuple(placed.filled(name) for name in about)
            if form.loses == LACKING and placed.call.program != "rsync":
                named = tuple(name for name in named if "[@]" not in name)
                named = named[-1:]  # what it is made like loses nothing
            if any(self.backups.before(placed, store, about=named) for store in stores):
                continue
            yield Removal(placed, form, about)

    def damages(self, *kinds: str) -> Iterator[tuple[PlacedCall, Damage]]:
        """What SQL and its like take away of others, and nothing has kept."""
        for placed in self.order.acting(*DAMAGING):
            for damage in damages(placed):
                if damage.kind not in kinds or self._is_replaced(placed, damage):
                    continue
                name = damage.name if damage.what != "column" else ""
                if name and self.is_own(placed, name, damage.start):
                    continue
                lost = (damage.what, damage.name)
                where = (damage.store, damage.database, damage.start)
                if not self.backups.before(placed, *where, lost=lost):
                    yield placed, damage

    def part_kept(self, placed: PlacedCall, damage: Damage) -> Backup | None:
        """The first dump before that has a part of the store, and not what is taken away."""
        return next(
            (
                backup
                for backup in self.backups.taken
                if backup.parts is not None
                and backup.store == damage.store
                and not backup.parts.keep(damage.what, damage.name)
                and self.order.before(backup.placed, placed)
            ),
            None,
        )

    def is_own(self, placed: PlacedCall, name: str, at: int = 0) -> bool:
        """Whether the plan has made what has this name before; `at` is the place of a statement."""
        bare = name.rpartition("/")[2] if not name.startswith(("/", ".", "$")) else name
        return self.created.before(placed, name, at) or (
            bool(bare) and self.created.before(placed, bare, at)
        )

    def _is_replaced(self, placed: PlacedCall, damage: Damage) -> bool:
        """Whether a dump is read into the same database afterwards: it is what has kept it."""
        if damage.kind not in ("drop", "truncate") or damage.store != "sql":
            return False
        engine = _ENGINES.get(placed.call.program, placed.call.program)
        return any(
            _ENGINES.get(other.call.program) == engine
            and self.order.before(placed, other)
            and (part is None or part.keep(damage.what, damage.name))
            for other, part in self._fillings
        )

    @cached_property
    def _fillings(self) -> tuple[tuple[PlacedCall, Parts | None], ...]:
        """The calls that read a dump into a database, each with what it holds if not everything."""
        loaded = {
            (id(pair.load.place), pair.load.call.start): parts(pair.dump)
            for pair in loaded_dumps(self._context)
        }
        return tuple(
            (placed, loaded.get((id(placed.place), placed.call.start)))
            for placed in self.order.acting(*_FILLING)
            if _fills(placed)
        )


def _fills(placed: PlacedCall) -> bool:
    call = placed.call
    if call.program == "pg_restore":
        return not call.has("l", "list")
    return (
        call.has("f", "file")
        or any(r.operator == "<" for r in call.redirections)
        or (call.stage > 0 and not call.given)
    )
