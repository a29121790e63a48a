"""What stands in a phase beside its steps, and the order of all of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rbdsl.model.plan import Phase, PointOfNoReturn
from rbdsl.model.steps import Gate, Item, Manual, Step
from rbdsl.review.changes.change import Change, Place
from rbdsl.review.changes.pairing import paired
from rbdsl.review.changes.rest import rest
from rbdsl.review.changes.wording import named


def manual(
    place: Place, old: Phase | PointOfNoReturn, new: Phase | PointOfNoReturn
) -> Iterator[Change]:
    """What people do by hand, in a phase or past a point of no return."""
    pairs = paired(_by_hand(old), _by_hand(new), lambda m: m.title.plain, _likeness)
    for item in pairs.gone:
        yield place.neutral("manual-removed", f"“{item.title.plain}” is not done by hand any more")
    for item in pairs.added:
        yield place.neutral("manual-added", f"“{item.title.plain}” is done by hand")
    for before, after in pairs.kept:
        yield from rest(Place(f"{place.where}, “{after.title.plain}”", after.span), before, after)


def reordered(place: Place, old: Phase, new: Phase, renamed: Mapping[str, str]) -> Iterator[Change]:
    """Another order of what is in both; `renamed` are the new names of steps by their old ones."""
    for before, after in ((old.items, new.items), (old.ensure, new.ensure)):
        was = [_name(item, renamed) for item in before]
        now = [_name(item, {}) for item in after]
        order = _kept(now, was)
        if _kept(was, now) != order:
            text = f"{', '.join(order[:-1])} and {order[-1]}"
            yield place.neutral("steps-reordered", f"other order: {text}")


def _kept(these: Sequence[str], others: Sequence[str]) -> list[str]:
    return [name for name in these if name in set(others)]


def _name(item: Item, renamed: Mapping[str, str]) -> str:
    if isinstance(item, Step):
        return named(renamed.get(item.name.text, item.name.text))
    if isinstance(item, Gate | Manual):
        return f"“{item.title.plain}”"
    return "`verify`"


def _by_hand(part: Phase | PointOfNoReturn) -> list[Manual]:
    items = part.items if isinstance(part, Phase) else part.forward_fix
    return [item for item in items if isinstance(item, Manual)]


def _likeness(old: Manual, new: Manual) -> float:
    return float(old.name.text == new.name.text)
