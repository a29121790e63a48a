"""Who steps in while it does not work, and who looks at what afterwards: rungs and windows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rbdsl.model.people import Rung, Window
from rbdsl.model.values import Text
from rbdsl.review.changes.amounts import UNLIMITED, Amount
from rbdsl.review.changes.change import Change, Effect, Place
from rbdsl.review.changes.pairing import paired
from rbdsl.review.changes.rest import rest
from rbdsl.review.changes.wording import quoted

_RUNG_START = Amount("rung-start", "begin", Effect.WEAKER, Effect.STRONGER, "they are called later")
_WINDOW_START = Amount(
    "validation-start", "begin", Effect.WEAKER, Effect.STRONGER, "nobody looks before"
)
_WINDOW_END = Amount(
    "validation-end",
    "end",
    Effect.STRONGER,
    Effect.WEAKER,
    "",
    "nobody looks any more after it",
    absent=UNLIMITED,
)


def rung(place: Place, old: Rung, new: Rung) -> Iterator[Change]:
    """A rung of the escalation, before and now; others in place of some are only told."""
    yield from _RUNG_START.compare(place, old.start, new.start)
    told = "start"
    for name, kind, word, why, was, now in (
        ("contacts", "contact", "called", "one less is asked to help", old.contacts, new.contacts),
        ("actions", "action", "done", "nobody is told to do it", old.actions, new.actions),
    ):
        texts = [{text.plain for text in side} for side in (was, now)]
        if texts[0] < texts[1] or texts[1] < texts[0]:
            yield from _listed(place, f"rung-{kind}", word, was, now, why)
            told += f" {name}"
    yield from rest(place, old, new, told)


def window(place: Place, old: Window, new: Window) -> Iterator[Change]:
    """A validation window, before and now; a point is the same in whatever group it stands."""
    yield from _WINDOW_START.compare(place, old.start, new.start)
    yield from _WINDOW_END.compare(place, old.end, new.end)
    why = "nobody is asked to look"
    found = list(_listed(place, "validation-point", "looked at", _points(old), _points(new), why))
    yield from found
    if found and [g.title.plain for g in old.groups] != [g.title.plain for g in new.groups]:
        yield place.neutral("window-groups-changed", "its points stand in other groups")
    yield from rest(place, old, new, "start end groups" if found else "start end")


def _listed(
    place: Place, kind: str, word: str, old: Sequence[Text], new: Sequence[Text], why: str
) -> Iterator[Change]:
    """What is not in a list any more, and what is new in it."""
    pairs = paired(old, new, lambda text: text.plain)
    for text in pairs.gone:
        what = f"{quoted(text.plain)} is not {word} any more"
        yield Place(place.where, text.span).weaker(f"{kind}-removed", what, why)
    for text in pairs.added:
        what = f"{quoted(text.plain)} is {word}, too"
        yield Place(place.where, text.span).stronger(f"{kind}-added", what)


def _points(found: Window) -> list[Text]:
    return [point for group in found.groups for point in group.points]
