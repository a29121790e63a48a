"""What a plan has kept of its data when a command takes them away."""

from __future__ import annotations

from functools import cached_property

from rbdsl.rules.acting import Order
from rbdsl.rules.context import Context
from rbdsl.rules.destruction.keeping_commands import ANY, Backup, backups_of, plain_name, trimmed
from rbdsl.rules.placed_calls import PlacedCall


class Backups:
    """The backups that a plan takes."""

    def __init__(self, context: Context, order: Order) -> None:
        self._context, self._order = context, order

    @cached_property
    def taken(self) -> tuple[Backup, ...]:
        """All of them, in the order in which they are written."""
        return tuple(found for placed in self._order.acting() for found in backups_of(placed))

    def before(
        self,
        placed: PlacedCall,
        store: str,
        name: str = "",
        at: int = 0,
        about: tuple[str, ...] = (),
        lost: tuple[str, str] = ("", ""),
    ) -> bool:
        """Whether a store has been kept when a call starts, or comes to a statement at a place.

        Of two databases that are named it has to be the same one; of what is `about`, and of the
        sources of a copy, one has to lie in the other. A dump of a part has to have what is `lost`,
        its kind and name; without these, everything.
        """
        about = tuple(map(trimmed, about))
        return any(
            backup.store in (store, ANY)
            and (backup.parts is None or backup.parts.keep(*lost))
            and (not about or not backup.sources or overlap(about, backup))
            and not (name and backup.name and plain_name(name) != plain_name(backup.name))
            and (
                backup.start < at
                if backup.placed is placed
                else self._order.before(backup.placed, placed)
            )
            for backup in self.taken
        )


def overlap(about: tuple[str, ...], copy: Backup) -> bool:
    """Whether something lies in something else, or may: what a variable holds is not known."""
    if copy.store == "files":
        about = tuple(one for one in about if "://" not in one)
    for one in about:
        for other in copy.sources:
            if one.startswith(other) or other.startswith(one):
                return True
            if ("$" in one or "$" in other) and ("/" in one) == ("/" in other):
                return True
    return False
