"""What is saved before the change: backups, the baseline, facts."""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.model.plan import Plan
from rbdsl.review.changes import steps
from rbdsl.review.changes.change import Change, Place
from rbdsl.review.changes.pairing import paired
from rbdsl.review.changes.rest import rest
from rbdsl.review.changes.wording import named, names, quoted


def capture(old: Plan, new: Plan) -> Iterator[Change]:
    """Its steps, its baseline, and the facts that are written down."""
    before = old.capture.steps if old.capture else ()
    after = new.capture.steps if new.capture else ()
    pairs = paired(before, after, lambda s: s.name.text, steps.likeness)
    for was, now in pairs.kept:
        yield from steps.step(f"capture, step {named(now.name)}", was, now)
    for step in pairs.gone:
        kept = names(a.name for a in step.creates)
        yield Place("capture", step.span).weaker(
            "backup-removed",
            f"step {named(step.name)} removed" + (f", and with it {kept}" if kept else ""),
            "what it saved is not there when it is needed",
        )
    for step in pairs.added:
        yield Place("capture", step.span).stronger("backup-added", f"step {named(step.name)} added")
    was_kept = old.capture.baseline if old.capture else None
    now_kept = new.capture.baseline if new.capture else None
    if was_kept and not now_kept:
        yield Place("capture", was_kept.span).weaker(
            "baseline-removed",
            "the baseline of the metrics is not taken any more",
            "nothing tells how it was before the change",
        )
    elif now_kept and not was_kept:
        yield Place("capture", now_kept.span).stronger("baseline-added", "takes a baseline")
    elif was_kept and now_kept:
        yield from rest(Place("capture, baseline", now_kept.span), was_kept, now_kept)
    yield from _facts(old, new)


def _facts(old: Plan, new: Plan) -> Iterator[Change]:
    was = old.capture.facts if old.capture else ()
    now = new.capture.facts if new.capture else ()
    pairs = paired(was, now, lambda fact: fact.label.plain)
    for fact in pairs.gone:
        yield Place("capture", fact.span).neutral(
            "fact-removed",
            f"fact {quoted(fact.label.plain)} removed, it was {quoted(fact.value.plain)}",
        )
    for fact in pairs.added:
        yield Place("capture", fact.span).neutral(
            "fact-added", f"fact {quoted(fact.label.plain)} added: {quoted(fact.value.plain)}"
        )
    for before, after in pairs.kept:
        place = Place(f"capture, fact {quoted(after.label.plain)}", after.span)
        yield from rest(place, before, after)
