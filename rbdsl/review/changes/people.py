"""Who is told what, who steps in, who looks afterwards; the archive and hooks of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from rbdsl.model.people import Audience, Rung, Window
from rbdsl.model.plan import Plan
from rbdsl.review.changes.afterwards import rung, window
from rbdsl.review.changes.amounts import UNLIMITED, Amount
from rbdsl.review.changes.change import Change, Effect, Place
from rbdsl.review.changes.meaning import said
from rbdsl.review.changes.pairing import paired
from rbdsl.review.changes.rest import rest
from rbdsl.review.changes.wording import quoted

T = TypeVar("T")

_WITHIN = Amount(
    "audience-wait",
    "time in which it is told",
    Effect.WEAKER,
    Effect.STRONGER,
    "it is told later",
    absent=UNLIMITED,
)


def people(old: Plan, new: Plan) -> Iterator[Change]:
    """Channels, notices, audiences, escalation, validation, archive and hooks."""
    was, now = old.communications, new.communications
    yield from _listed(
        "channel", "channel", was.channels if was else (), now.channels if now else (),
        lambda c: c.name.text, "nobody is told there",
    )  # fmt: skip
    yield from _notices(old, new)
    yield from _listed(
        "audience", "audience", was.audiences if was else (), now.audiences if now else (),
        lambda a: a.title.plain, "it is not thought of any more", "within",
    )  # fmt: skip
    yield from _listed(
        "rung", "rung of the escalation", old.escalation, new.escalation,
        lambda r: r.title.plain, "nobody is named for that time",
    )  # fmt: skip
    yield from _listed(
        "validation", "validation window", old.validation, new.validation,
        lambda w: w.title.plain, "nobody looks at it afterwards",
    )  # fmt: skip
    yield from _listed(
        "archive", "archive", [old.archive] if old.archive else [],
        [new.archive] if new.archive else [],
        lambda _: "", "the records of a run stay where it was started",
    )  # fmt: skip
    yield from _listed(
        "hook", "hook", old.hooks, new.hooks, lambda h: h.event.text, "it is not run any more"
    )


def _listed(
    kind: str,
    word: str,
    before: Sequence[T],
    after: Sequence[T],
    key: Callable[[T], str],
    why: str,
    told: str = "",
) -> Iterator[Change]:
    """What is gone, what is new, and what reads otherwise under the same key."""
    where = "people" if kind not in {"archive", "hook"} else "plan"
    pairs = paired(before, after, lambda part: key(part).casefold())
    for part in pairs.gone:
        yield Place(where).weaker(
            f"{kind}-removed", f"{word} {quoted(_shown(part, key))} removed", why
        )
    for was, now in pairs.kept:
        place = Place(f"{word} {quoted(key(now))}" if key(now) else word)
        if isinstance(was, Audience) and isinstance(now, Audience):
            yield from _WITHIN.compare(place, was.within, now.within)
        if isinstance(was, Rung) and isinstance(now, Rung):
            yield from rung(place, was, now)
        elif isinstance(was, Window) and isinstance(now, Window):
            yield from window(place, was, now)
        else:
            yield from rest(place, was, now, told)
    for part in pairs.added:
        yield Place(where).stronger(f"{kind}-added", f"{word} {quoted(_shown(part, key))} added")


def _shown(part: T, key: Callable[[T], str]) -> str:
    return key(part) if hasattr(part, "title") else said(part)


def _notices(old: Plan, new: Plan) -> Iterator[Change]:
    """Each event with each channel that is told of it, however they are listed."""
    was, now = _told(old), _told(new)
    for text in was:
        if text not in now:
            why = "that is not told there any more"
            yield Place("people").weaker("notice-removed", f"notice {quoted(text)} removed", why)
    for text in now:
        if text not in was:
            yield Place("people").stronger("notice-added", f"notice {quoted(text)} added")


def _told(plan: Plan) -> list[str]:
    block = plan.communications
    told = {
        (event.text, channel.text): f"{channel} on {event}"
        for notice in (block.notices if block else ())
        for event in notice.events
        for channel in notice.channels
    }
    return [text for _, text in sorted(told.items(), key=lambda item: item[0][0])]
