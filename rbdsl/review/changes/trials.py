"""The evidence that the plan was tried: tests, the rehearsal, the checklist."""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.model.plan import Plan
from rbdsl.model.proof import Rehearsal, TestRun
from rbdsl.review.changes.change import Change, Place
from rbdsl.review.changes.pairing import paired
from rbdsl.review.changes.rest import rest
from rbdsl.review.changes.wording import named, quoted

_OLDER = "what was tried is longer ago"


def trials(old: Plan, new: Plan) -> Iterator[Change]:
    """What was tried, before and now."""
    was = old.testing.runs if old.testing else ()
    now = new.testing.runs if new.testing else ()
    pairs = paired(was, now, lambda run: run.environment.text)
    for run in pairs.gone:
        if run.passed:
            yield Place("testing", run.span).weaker(
                "evidence-gone",
                f"the test in {named(run.environment)}, passed {run.passed}, is gone",
                "nothing says that the rollback was tried there",
            )
        else:
            yield Place("testing", run.span).neutral(
                "test-removed", f"the test in {named(run.environment)} is gone; it had not passed"
            )
    for run in pairs.added:
        yield from _run(Place(f"testing in {named(run.environment)}", run.span), None, run)
    for before, after in pairs.kept:
        yield from _run(Place(f"testing in {named(after.environment)}", after.span), before, after)
    yield from _rehearsal(old, new)
    yield from _checklist(old, new)


def _run(place: Place, old: TestRun | None, new: TestRun) -> Iterator[Change]:
    was, now = old.passed if old else None, new.passed
    if was and not now:
        yield place.weaker("evidence-gone", f"no longer passed (was {was})", "it has to be redone")
    elif now and was and now.at < was.at:
        yield place.weaker("evidence-older", f"passed {now}, was {was}", _OLDER)
    elif now and (not was or was.at != now.at):
        since = f", was {was}" if was else ""
        yield place.stronger("evidence-new", f"passed {now}{since}")
    elif not now and not old:
        yield place.neutral("test-added", "added; it has not passed yet")
    failed = old.failed.at if old and old.failed else None
    if new.failed and new.failed.at != failed:
        yield place.weaker("test-failed", f"failed {new.failed}", "the rollback did not work there")
    elif old and old.failed and not new.failed:
        yield place.neutral("test-not-failed", f"does not say any more that it failed {old.failed}")
    if old:
        yield from _result(place, old, new)
        yield from rest(place, old, new, "environment passed failed evidence")


def _result(place: Place, old: TestRun | Rehearsal, new: TestRun | Rehearsal) -> Iterator[Change]:
    """Where the result can be looked up."""
    if new.evidence and not old.evidence:
        yield place.stronger("evidence-new", f"says where the result is ({new.evidence.plain})")
    elif old.evidence and not new.evidence:
        yield place.weaker(
            "evidence-gone", f"no longer says where the result is ({quoted(old.evidence.plain)})",
            "nobody can look it up",
        )  # fmt: skip
    elif old.evidence and new.evidence and old.evidence.plain != new.evidence.plain:
        what = f"the result is at {quoted(new.evidence.plain)}, was {quoted(old.evidence.plain)}"
        yield place.neutral("evidence-changed", what)


def _rehearsal(old: Plan, new: Plan) -> Iterator[Change]:
    was = old.testing.rehearsal if old.testing else None
    now = new.testing.rehearsal if new.testing else None
    held = [r.held if r else None for r in (was, now)]
    if held[0] and not held[1]:
        yield Place("rehearsal", was.span if was else None).weaker(
            "evidence-gone", f"no longer held (was {held[0]})", "nobody has tried it together"
        )
    elif held[0] and held[1] and held[1].at < held[0].at:
        yield Place("rehearsal", now.span if now else None).weaker(
            "evidence-older", f"held {held[1]}, was {held[0]}", _OLDER
        )
    elif held[1] and (not held[0] or held[0].at != held[1].at):
        since = f", was {held[0]}" if held[0] else ""
        yield Place("rehearsal", now.span if now else None).stronger(
            "evidence-new", f"held {held[1]}{since}"
        )
    elif bool(was) != bool(now) and not (held[0] or held[1]):
        block, word = now or was, "added" if now else "removed"
        place = Place("rehearsal", block.span if block else None)
        yield place.neutral(f"rehearsal-{word}", f"{word}; it was not held")
    if was and now:
        yield from _result(Place("rehearsal", now.span), was, now)
        told = "held participants evidence"
        yield from rest(Place("rehearsal", now.span), was, now, told)
    there = _people(now)
    left = [name for key, name in _people(was).items() if key not in there] if now else []
    came = [n for key, n in there.items() if key not in _people(was)] if was else []
    if came:
        yield Place("rehearsal", now.span if now else None).stronger(
            "participants-more", f"also with {', '.join(came)}"
        )
    if left:
        yield Place("rehearsal", now.span if now else None).weaker(
            "participants-fewer", f"without {', '.join(left)}", "fewer have tried it"
        )


def _people(rehearsal: Rehearsal | None) -> dict[str, str]:
    return {p.plain.casefold(): p.plain for p in rehearsal.participants} if rehearsal else {}


def _checklist(old: Plan, new: Plan) -> Iterator[Change]:
    was = old.testing.checklist if old.testing else ()
    now = new.testing.checklist if new.testing else ()
    pairs = paired(was, now, lambda item: item.text.plain)
    for item in pairs.gone:
        yield Place("checklist", item.span).weaker(
            "checklist-item-gone", f"{quoted(item.text.plain)} removed", "nobody is reminded of it"
        )
    for item in pairs.added:
        word = "done" if item.done else "to be done"
        yield Place("checklist", item.span).stronger(
            "checklist-item-added", f"{quoted(item.text.plain)} added, {word}"
        )
    for before, after in pairs.kept:
        text = quoted(after.text.plain)
        if before.done and not after.done:
            yield Place("checklist", after.span).weaker(
                "checklist-undone", f"{text} is to be done again", "it was done"
            )
        elif after.done and not before.done:
            yield Place("checklist", after.span).stronger("checklist-done", f"{text} is done")
