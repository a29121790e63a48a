"""The verification: checks, bounds of metrics and confirmations, removed, weakened or added."""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.model.bounds import FromBaseline, MetricBound
from rbdsl.model.plan import Plan
from rbdsl.model.proof import Check, Verification
from rbdsl.model.steps import Comparison
from rbdsl.review.changes.amounts import Amount
from rbdsl.review.changes.change import Change, Effect, Place
from rbdsl.review.changes.expectations import expectations
from rbdsl.review.changes.meaning import meaning
from rbdsl.review.changes.pairing import paired
from rbdsl.review.changes.rest import rest
from rbdsl.review.changes.wording import named, quoted

_WARN_WHY = "a failure is shown, and no longer fails the rollback"
_WITHIN = Amount(
    "bound-wait",
    "wait",
    Effect.WEAKER,
    Effect.STRONGER,
    "it may be broken for longer",
    added=Effect.NEUTRAL,
)
_TIMEOUT = Amount(
    "timeout",
    "timeout",
    Effect.WEAKER,
    Effect.STRONGER,
    "what gives no answer is found later",
    "what gives no answer is found sooner",
    absent=60_000,
)
"""A question of a check may take a minute, unless it is said otherwise."""


def verification(old: Plan, new: Plan) -> Iterator[Change]:
    """What the rollback has to prove, before and now."""
    before, after = old.verification, new.verification
    if before and not after:
        yield Place("verification", before.span).weaker(
            "verification-removed", "removed", "nothing proves that the rollback worked"
        )
        return
    yield from _checks(before, after)
    yield from _bounds(before, after)
    was = before.confirms if before else ()
    now = after.confirms if after else ()
    pairs = paired(was, now, lambda text: text.plain)
    for text in pairs.gone:
        yield Place("verification", text.span).weaker(
            "confirmation-removed",
            f"{quoted(text.plain)} is not confirmed any more",
            "nobody is asked to look",
        )
    for text in pairs.added:
        yield Place("verification", text.span).stronger(
            "confirmation-added", f"{quoted(text.plain)} is to be confirmed"
        )


def _checks(old: Verification | None, new: Verification | None) -> Iterator[Change]:
    was, now = old.checks if old else (), new.checks if new else ()
    pairs = paired(was, now, lambda c: c.name.text, _likeness)
    for check in pairs.gone:
        yield Place("verification", check.span).weaker(
            "check-removed",
            f"check {named(check.name)} “{check.title.plain}” removed",
            "what it found is not found any more",
        )
    for check in pairs.added:
        words = " as a warning" if check.warn else ""
        yield Place("verification", check.span).stronger(
            "check-added", f"check {named(check.name)} “{check.title.plain}” added{words}"
        )
    for before, after in pairs.kept:
        place = Place(f"verification, check {named(after.name)}", after.span)
        if before.name.text != after.name.text:
            yield place.neutral("check-renamed", f"was called {named(before.name)}")
        if after.warn and not before.warn:
            yield place.weaker("check-weakened", "only warns now", _WARN_WHY)
        elif before.warn and not after.warn:
            yield place.stronger("check-tightened", "fails the rollback now, it only warned")
        given = [[f"{b.name}: {b.value.written}" for b in c.bindings] for c in (before, after)]
        if given[0] != given[1]:
            yield place.neutral(
                "check-changed", "is given other values", before=", ".join(given[0]),
                after=", ".join(given[1]),
            )  # fmt: skip
        yield from _TIMEOUT.compare(place, before.timeout, after.timeout)
        yield from expectations(place, before.expectations, after.expectations)
        yield from rest(place, before, after, "name warn bindings timeout expectations")


def _bounds(old: Verification | None, new: Verification | None) -> Iterator[Change]:
    was, now = old.bounds if old else (), new.bounds if new else ()
    pairs = paired(was, now, _bound_key)
    for bound in pairs.gone:
        yield Place("verification", bound.span).weaker(
            "bound-removed",
            f"metric `{_shown(bound)}` is not demanded any more",
            "a rollback after which it is worse counts as done",
        )
    for bound in pairs.added:
        yield Place("verification", bound.span).stronger(
            "bound-added", f"metric `{_shown(bound)}` is demanded"
        )
    for before, after in pairs.kept:
        place = Place(f"verification, metric {named(after.metric)}", after.span)
        yield from _bound(place, before, after)


def _bound(place: Place, old: MetricBound, new: MetricBound) -> Iterator[Change]:
    change = _tolerance(new) - _tolerance(old)
    what = f"`{_shown(new)}`, was `{_shown(old)}`"
    if change > 0:
        yield place.weaker("bound-loosened", what, "a worse value is good enough")
    elif change < 0:
        yield place.stronger("bound-tightened", what)
    elif new.comparison != old.comparison:
        loose = new.comparison in {Comparison.LESS_EQUAL, Comparison.GREATER_EQUAL}
        effect = Effect.WEAKER if loose else Effect.STRONGER
        yield place.judged(effect, "bound-changed", what)
    elif meaning(new.bound) != meaning(old.bound):
        yield place.neutral("bound-changed", what)
    if new.warn and not old.warn:
        yield place.weaker("bound-weakened", "only warns now", _WARN_WHY)
    elif old.warn and not new.warn:
        yield place.stronger("bound-tightened", "fails the rollback now, it only warned")
    yield from _WITHIN.compare(place, old.within, new.within)
    yield from rest(place, old, new, "metric comparison bound warn within")


def _bound_key(bound: MetricBound) -> str:
    """Bounds that can be compared: of one metric, in one direction, of one kind."""
    relation = bound.comparison.value[0] if bound.comparison else "near"
    kind = "number"
    if isinstance(bound.bound, FromBaseline):
        kind = "part" if bound.bound.part else "plus"
    return f"{bound.metric} {relation} {kind}"


def _tolerance(bound: MetricBound) -> float:
    """How much it lets through: greater is looser."""
    value = bound.bound
    if isinstance(value, FromBaseline):
        size = float(value.part or value.plus)
        return abs(size) if value.near or bound.comparison is None else _signed(bound, size)
    return _signed(bound, float(value.value))


def _signed(bound: MetricBound, size: float) -> float:
    return size if bound.relation.startswith("<") else -size


def _shown(bound: MetricBound) -> str:
    return f"{bound.metric} {bound.relation} {bound.bound}"


def _likeness(old: Check, new: Check) -> float:
    return float(old.title.plain.casefold() == new.title.plain.casefold())
