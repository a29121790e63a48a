"""Phases and their steps: added, removed, renamed, moved, reordered, and what they allow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from rbdsl.model.plan import Phase, Plan
from rbdsl.model.steps import Step
from rbdsl.record import dataclass
from rbdsl.review.changes import steps
from rbdsl.review.changes.amounts import Amount
from rbdsl.review.changes.change import Change, Effect, Place
from rbdsl.review.changes.gates import gates
from rbdsl.review.changes.items import manual, reordered
from rbdsl.review.changes.pairing import paired
from rbdsl.review.changes.rest import rest
from rbdsl.review.changes.wording import counted, named, names, work

_BUDGET = Amount(
    "budget",
    "budget",
    Effect.WEAKER,
    Effect.STRONGER,
    "it may take longer before anybody is told",
    "it is told sooner when it takes too long",
)
_TOLD = "name budget after needs timeout off_clock irreversible run_once items ensure"


@dataclass(frozen=True, slots=True)
class _Placed:
    """A step, the words for where it stands, and whether it is one of `ensure`."""

    step: Step
    where: str
    ensure: bool = False

    @property
    def full(self) -> str:
        return f"{self.where}, step {named(self.step.name)}"


def phases(old: Plan, new: Plan) -> Iterator[Change]:
    """All changes of the phases, in the order of the new version; then what is gone."""
    pairs = paired(old.phases, new.phases, lambda p: p.name.text, _likeness)
    gone: list[_Placed] = [s for phase in pairs.gone for s in _placed(phase)]
    added: list[_Placed] = [s for phase in pairs.added for s in _placed(phase)]
    found: list[Change] = []
    for before, after in pairs.kept:
        where = f"phase {named(after.name)}"
        found += _phase(Place(where, after.span), before, after)
        kept = paired(_placed(before), _placed(after), _name, _alike)
        for was, now in kept.kept:
            found += steps.step(now.full, was.step, now.step)
            found += _ensured(was, now)
        now_called = {was.step.name.text: now.step.name.text for was, now in kept.kept}
        found += reordered(Place(where, after.span), before, after, now_called)
        gone += kept.gone
        added += kept.added
    for phase in pairs.added:
        found.append(
            Place(f"phase {named(phase.name)}", phase.span).neutral(
                "phase-added", f"added, {phase.budget}, {counted(len(phase.items), 'item')}"
            )
        )
    for phase in pairs.gone:
        found.append(
            Place(f"phase {named(phase.name)}", phase.span).weaker(
                "phase-removed",
                f"removed, with {counted(len(phase.items), 'item')}",
                "the rollback no longer does its work, unless other steps do",
            )
        )
    found += _order(old, new, {b.name.text: a.name.text for b, a in pairs.kept})
    found += _moved(gone, added, {phase.name.text for phase in pairs.gone})
    numbers = {p.name.text: n for n, p in enumerate([*new.phases, *pairs.gone])}
    yield from sorted(found, key=lambda change: numbers.get(change.where.split("`")[1], 0))


def renamed(old: Plan, new: Plan) -> dict[str, str]:
    """The names of the phases in the new version by those that they had."""
    pairs = paired(old.phases, new.phases, lambda p: p.name.text, _likeness)
    return {before.name.text: after.name.text for before, after in pairs.kept}


def places(old: Plan, new: Plan) -> dict[str, str]:
    """The words for a phase or step of the new version by those for it in the old one."""
    pairs = paired(old.phases, new.phases, lambda p: p.name.text, _likeness)
    found = {}
    for before, after in pairs.kept:
        found[f"phase {named(before.name)}"] = f"phase {named(after.name)}"
        for was, now in paired(_placed(before), _placed(after), _name, _alike).kept:
            found[was.full] = now.full
        for gate in after.gates:
            words = f", gate “{gate.title}”"
            found[f"phase {named(before.name)}{words}"] = f"phase {named(after.name)}{words}"
    return found


def _phase(place: Place, old: Phase, new: Phase) -> Iterator[Change]:
    if old.name.text != new.name.text:
        yield place.neutral("phase-renamed", f"was called {named(old.name)}")
    yield from _BUDGET.compare(place, old.budget, new.budget)
    yield from steps.TIMEOUT.compare(place, old.timeout, new.timeout)
    if new.off_clock and not old.off_clock:
        yield place.weaker("off-clock", "is off the clock now", "its time is no longer counted")
    elif old.off_clock and not new.off_clock:
        yield place.stronger("on-clock", "is on the clock now")
    if old.verifies and not new.verifies:
        yield place.weaker(
            "verify-removed", "no longer runs the verification", "it ends without a proof"
        )
    elif new.verifies and not old.verifies:
        yield place.stronger("verify-added", "runs the verification")
    if bool(old.run_once) != bool(new.run_once):
        word = "once for all regions" if new.run_once else "in each region"
        yield place.neutral("run-once-changed", f"is run {word} now")
    yield from gates(place, old.gates, new.gates)
    yield from manual(place, old, new)
    yield from rest(place, old, new, _TOLD)


def _moved(gone: list[_Placed], added: list[_Placed], lost: set[str]) -> Iterator[Change]:
    """Steps that left their phase: gone for good, come new, or found in another one."""
    pairs = paired(gone, added, lambda s: work(s.step) or s.step.name.text, _alike_elsewhere)
    for was, now in pairs.kept:
        yield Place(now.where, now.step.span).neutral(
            "step-moved", f"step {named(now.step.name)} came from {was.where}"
        )
        yield from steps.step(now.full, was.step, now.step)
    for item in pairs.gone:
        if item.where.removeprefix("phase `").removesuffix("`") in lost:
            continue  # told with its phase
        word = "`ensure` step" if item.ensure else "step"
        yield Place(item.where, item.step.span).weaker(
            "step-removed",
            f"{word} {named(item.step.name)} “{item.step.title.plain}” removed",
            "what it did is not done any more, unless another step does it",
        )
    for item in pairs.added:
        word = "`ensure` step" if item.ensure else "step"
        effect = Effect.STRONGER if item.ensure else Effect.NEUTRAL
        yield Place(item.where, item.step.span).judged(
            effect, "step-added", f"{word} {named(item.step.name)} “{item.step.title.plain}” added"
        )


def _order(old: Plan, new: Plan, now: dict[str, str]) -> Iterator[Change]:
    """Other waits: what a phase comes after, in the names of the new version."""
    there = {p.name.text for p in new.phases}
    before = {now.get(p.name.text): p for p in old.phases}
    for phase in new.phases:
        was = before.get(phase.name.text)
        if was is None:
            continue
        place = Place(f"phase {named(phase.name)}", phase.span)
        after, needs = ([now.get(n.text, n.text) for n in x] for x in (was.after, was.needs))
        after_now, needs_now = ([n.text for n in x] for x in (phase.after, phase.needs))
        loose = [name for name in needs if name in after_now and name not in needs_now]
        firm = [name for name in needs_now if name in after and name not in needs]
        if loose:
            what = f"is only `after` {names(loose)} now, and no longer `needs` it"
            yield place.weaker("needs-loosened", what, "a scenario may be run without it")
        if firm:
            what = f"`needs` {names(firm)} now, was only `after` it"
            yield place.stronger("needs-tightened", what)
        told = {*loose, *firm}
        for kind, word, waits, waits_now in (
            ("order", "comes after", [*after, *needs], [*after_now, *needs_now]),
            ("needs", "needs", needs, needs_now),
        ):
            other = set(waits) ^ set(waits_now)
            if not (other - told if kind == "needs" else other):
                continue
            dropped = [name for name in waits if name in there and name not in waits_now]
            text = f"{word} {names(waits_now) or 'nothing'}, was {names(waits) or 'nothing'}"
            yield place.neutral(
                f"{kind}-changed",
                text,
                f"it no longer waits for {names(dropped)} itself" if dropped else "",
            )


def _placed(phase: Phase) -> list[_Placed]:
    where = f"phase {named(phase.name)}"
    return [
        *(_Placed(step, where) for step in phase.steps),
        *(_Placed(step, where, ensure=True) for step in phase.ensure),
    ]


def _name(item: _Placed) -> str:
    return item.step.name.text


def _ensured(was: _Placed, now: _Placed) -> Iterator[Change]:
    place = Place(now.full, now.step.span)
    if was.ensure and not now.ensure:
        yield place.weaker(
            "ensure-removed", "is no `ensure` step any more", "it is not run after a failure"
        )
    elif now.ensure and not was.ensure:
        yield place.stronger("ensure-added", "is an `ensure` step now")


def _alike(old: _Placed, new: _Placed) -> float:
    return steps.likeness(old.step, new.step)


def _alike_elsewhere(old: _Placed, new: _Placed) -> float:
    """Across phases a name alone tells little: only what does the same has moved."""
    score = steps.likeness(old.step, new.step)
    return score if score >= 0.85 else 0.0


def _likeness(old: Phase, new: Phase) -> float:
    if old.title.plain.casefold() == new.title.plain.casefold():
        return 1.0
    return SequenceMatcher(None, _works(old.steps), _works(new.steps), autojunk=False).ratio()


def _works(found: Sequence[Step]) -> list[str]:
    return [work(step) for step in found]
