"""Points of no return: new, gone, moved, or no longer tested; and what is irreversible."""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.normalised import normalised
from rbdsl.analysis.results import Analysis
from rbdsl.analysis.unfailing import verdict
from rbdsl.model.plan import PointOfNoReturn
from rbdsl.model.steps import Step
from rbdsl.model.values import show_ms
from rbdsl.patterns import lazy_pattern
from rbdsl.review.changes import steps
from rbdsl.review.changes.change import Change, Place
from rbdsl.review.changes.items import manual
from rbdsl.review.changes.pairing import paired
from rbdsl.review.changes.rest import rest
from rbdsl.review.changes.wording import counted, named, names

_NO = lazy_pattern(r"\A(?:false|exit 1|return 1)\Z|\|\| *(?:false|exit 1|return 1);?\Z")
"""A probe that ends with 1 also where it could not look."""


def reversibility(old: Analysis, new: Analysis, renamed: dict[str, str]) -> Iterator[Change]:
    """What can't be undone, before and now."""
    pairs = paired(
        old.plan.points_of_no_return, new.plan.points_of_no_return, lambda p: p.name.text, _likeness
    )
    for point in pairs.gone:
        yield Place("points of no return", point.span).weaker(
            "point-removed",
            f"{named(point.name)} “{point.title}” removed",
            f"nothing keeps {names(point.blocks) or 'a phase'} from being run past it",
        )
    for point in pairs.added:
        yield Place("points of no return", point.span).neutral(
            "point-added",
            f"{named(point.name)} “{point.title}” added, blocks {names(point.blocks) or 'nothing'}",
            "is there more that can't be undone, or is it only said now?",
        )
    for before, after in pairs.kept:
        where = Place(f"point of no return {named(after.name)}", after.span)
        yield from _point(where, before, after, renamed)
    yield from _irreversible(old, new, renamed)


def _point(
    place: Place, old: PointOfNoReturn, new: PointOfNoReturn, renamed: dict[str, str]
) -> Iterator[Change]:
    was = {renamed.get(n.text, n.text) for n in old.blocks}
    now = {n.text for n in new.blocks}
    if was - now:
        yield place.weaker(
            "point-moved",
            f"no longer blocks {names(sorted(was - now))}",
            "it can be run past the point",
        )
    if now - was:
        yield place.stronger("point-moved", f"also blocks {names(sorted(now - was))}")
    before = normalised(old.crossed_when.text) if old.crossed_when else None
    after = normalised(new.crossed_when.text) if new.crossed_when else None
    if before and not after:
        yield place.weaker(
            "probe-removed", "is not tested any more", "nobody can tell whether it is crossed"
        )
    elif after and not before:
        yield place.stronger("probe-added", "is tested now", after=after)
    elif before and after and verdict(after).cannot_fail and not verdict(before).cannot_fail:
        yield place.weaker(
            "probe-changed",
            "its probe cannot fail any more",
            "it counts as crossed whatever the state is",
            before=before,
            after=after,
        )
    elif before and after and _says_no(after) and not _says_no(before):
        yield place.weaker(
            "probe-changed",
            "its probe takes a failure for a no",
            "it is not crossed then, whatever the state is",
            before=before,
            after=after,
        )
    elif before != after:
        yield place.neutral("probe-changed", "is tested in another way", before=before, after=after)
    if len(new.forward_fix) < len(old.forward_fix):
        yield place.weaker(
            "forward-fix-shortened",
            f"the forward fix has {counted(len(new.forward_fix), 'step')}, "
            f"was {len(old.forward_fix)}",
            "less is left to do past the point",
        )
    elif len(new.forward_fix) > len(old.forward_fix):
        yield place.stronger(
            "forward-fix-extended",
            f"the forward fix has {counted(len(new.forward_fix), 'step')}, "
            f"was {len(old.forward_fix)}",
        )
    yield from _forward_fix(place, old, new)
    yield from rest(place, old, new, "crossed_when blocks forward_fix")


def _says_no(probe: str) -> bool:
    """Whether it ends with 1, which lets the phases run, also where it could not look."""
    return _NO.search(probe) is not None


def _forward_fix(place: Place, old: PointOfNoReturn, new: PointOfNoReturn) -> Iterator[Change]:
    was = [item for item in old.forward_fix if isinstance(item, Step)]
    now = [item for item in new.forward_fix if isinstance(item, Step)]
    pairs = paired(was, now, lambda s: s.name.text, steps.likeness)
    for before, after in pairs.kept:
        yield from steps.step(f"{place.where}, step {named(after.name)}", before, after)
    for gone in pairs.gone:
        yield place.neutral("step-removed", f"step {named(gone.name)} “{gone.title}” removed")
    for added in pairs.added:
        yield place.neutral("step-added", f"step {named(added.name)} “{added.title}” added")
    yield from manual(place, old, new)
    order = [[type(i).__name__ + i.name.text for i in p.forward_fix] for p in (old, new)]
    if order[0] != order[1] and sorted(order[0]) == sorted(order[1]):
        yield place.neutral("steps-reordered", "the forward fix has another order")


def _irreversible(old: Analysis, new: Analysis, renamed: dict[str, str]) -> Iterator[Change]:
    there = {renamed.get(p.name.text, p.name.text): p for p in old.plan.phases}
    was = {name for name, p in there.items() if p.irreversible}
    for phase in new.plan.phases:
        name = phase.name.text
        place = Place(f"phase {named(name)}", phase.span)
        if phase.irreversible and name not in was and name in there:
            yield place.weaker(
                "irreversible-added", "is irreversible now", "its work can't be taken back"
            )
        elif not phase.irreversible and name in was:
            yield place.neutral(
                "irreversible-removed",
                "is not called irreversible any more",
                "is what it does reversible now?",
            )
    starts = [_first_irreversible(analysis) for analysis in (old, new)]
    if starts[0] and starts[1] and starts[0][0] != starts[1][0]:
        (before, _), (after, name) = starts[0], starts[1]
        what = f"comes at {show_ms(after)} (phase {named(name)}), was {show_ms(before)}"
        place = Place("what can't be undone")
        if after < before:
            yield place.weaker("point-moved", what, "there is less time to turn back")
        else:
            yield place.stronger("point-moved", what)


def _first_irreversible(analysis: Analysis) -> tuple[int, str] | None:
    starts = [(t.start_ms, t.phase.name.text) for t in analysis.timeline if t.phase.irreversible]
    return min(starts, default=None)


def _likeness(old: PointOfNoReturn, new: PointOfNoReturn) -> float:
    return float(old.title.plain.casefold() == new.title.plain.casefold())
