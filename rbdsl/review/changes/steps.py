"""Changes inside of one step: its commands, limits, retries, checks and artifacts."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher, ndiff

from rbdsl.analysis.normalised import normalised
from rbdsl.analysis.unfailing import verdict
from rbdsl.model.steps import Step
from rbdsl.model.values import Shell
from rbdsl.review.changes.amounts import UNLIMITED, Amount
from rbdsl.review.changes.change import Change, Effect, Place
from rbdsl.review.changes.expectations import expectations
from rbdsl.review.changes.guards import guards
from rbdsl.review.changes.rest import rest
from rbdsl.review.changes.wording import counted, named, names, work

TIMEOUT = Amount(
    "timeout",
    "timeout",
    Effect.WEAKER,
    Effect.STRONGER,
    "what hangs is stopped later",
    "what hangs is stopped sooner",
    UNLIMITED,
)

_SEVERITIES = ("info", "low", "medium", "high", "critical")
_TOLD = (
    "name services uses creates run undo done_when expectations notify timeout retry "
    "continue_on_failure bindings"
)


def likeness(old: Step, new: Step) -> float:
    """How much two steps of different names look like one that was renamed: 0 to 1."""
    before, after = work(old), work(new)
    if before and before == after:
        return 1.0
    if old.title.plain.casefold() == new.title.plain.casefold():
        return 0.95
    return SequenceMatcher(None, before.split(), after.split(), autojunk=False).ratio()


def step(where: str, old: Step, new: Step) -> Iterator[Change]:
    """What changed between two versions of one step; `where` names the new one."""
    place = Place(where, new.span)
    if old.name.text != new.name.text:
        yield place.neutral("step-renamed", f"was called {named(old.name)}")
    yield from _commands(place, old, new)
    yield from _ways(place, old, new)
    yield from TIMEOUT.compare(place, old.timeout, new.timeout)
    yield from _attempts(place, old, new)
    yield from expectations(place, old.expectations, new.expectations)
    yield from _artifacts(place, old, new)
    yield from _surroundings(place, old, new)
    yield from _telling(place, old, new)
    yield from rest(place, old, new, _TOLD)


def _commands(place: Place, old: Step, new: Step) -> Iterator[Change]:
    before, after = work(old), work(new)
    if before == after:
        return
    lines = [line for line in ndiff(before.split("\n"), after.split("\n")) if line[0] in "+-"]
    yield Change(
        "commands-changed",
        Effect.NEUTRAL,
        place.where,
        "does something else",
        "only a reader can say which is better",
        before,
        after,
        tuple(line for line in lines if line[2:].strip()),
        place.span,
    )
    yield from guards(place, old.run, new.run)


def _ways(place: Place, old: Step, new: Step) -> Iterator[Change]:
    """`undo`, `done_when` and what happens after a failure."""
    for kind, word, before, after, why in (
        ("undo", "`undo`", old.undo, new.undo, "what it does is not taken back on a failure"),
        (
            "done-when",
            "`done_when`",
            old.done_when,
            new.done_when,
            "a resumed run does not see that it is done already",
        ),
    ):
        if _text(before) == _text(after):
            continue
        if after is None:
            yield place.weaker(f"{kind}-removed", f"{word} removed", why)
        elif before is None:
            yield place.stronger(f"{kind}-added", f"{word} added")
        elif after is new.done_when and _always_holds(after) and not _always_holds(before):
            yield place.weaker(
                f"{kind}-changed",
                f"{word} always holds now",
                "the step is taken for done, and never run",
                before=_text(before),
                after=_text(after),
            )
        else:
            yield place.neutral(
                f"{kind}-changed",
                f"{word} does something else",
                before=_text(before),
                after=_text(after),
            )
            yield from guards(place, before, after)
    if new.continue_on_failure and not old.continue_on_failure:
        yield place.weaker("failure-ignored", "a failure no longer ends the run", "it goes on")
    elif old.continue_on_failure and not new.continue_on_failure:
        yield place.stronger("failure-heeded", "a failure now ends the run")


def _always_holds(shell: Shell) -> bool:
    return verdict(shell.text).cannot_fail


def _text(shell: Shell | None) -> str | None:
    return normalised(shell.text) if shell else None


def _attempts(place: Place, old: Step, new: Step) -> Iterator[Change]:
    before, after = old.attempts, new.attempts
    if before != after:
        yield place.neutral(
            "retries-changed",
            f"is tried up to {counted(after, 'time')} instead of {before}",
            "the worst case takes longer" if after > before else "one failure less is borne",
        )
    if old.retry and new.retry:
        yield from rest(place, old.retry, new.retry, "count")


def _artifacts(place: Place, old: Step, new: Step) -> Iterator[Change]:
    before = {a.name.text: a for a in old.creates}
    after = {a.name.text: a for a in new.creates}
    for name in before.keys() - after.keys():
        yield place.weaker(
            "artifact-removed",
            f"no longer makes the artifact {named(name)}",
            "what was kept there is not there when it is needed",
        )
    for name in sorted(after.keys() - before.keys()):
        yield place.stronger("artifact-added", f"makes the artifact {named(name)}")
    for name in sorted(before.keys() & after.keys()):
        if before[name].checksum and not after[name].checksum:
            yield place.weaker(
                "checksum-removed",
                f"the artifact {named(name)} has no checksum any more",
                "a damaged copy is not noticed",
            )
        elif after[name].checksum and not before[name].checksum:
            yield place.stronger("checksum-added", f"the artifact {named(name)} has a checksum")
        told = "" if before[name].checksum and after[name].checksum else "checksum"
        there = Place(f"{place.where}, artifact {named(name)}", after[name].span)
        yield from rest(there, before[name], after[name], told)


def _telling(place: Place, old: Step, new: Step) -> Iterator[Change]:
    """How urgent its message is; who gets it is part of its work."""
    if not old.notify or not new.notify:
        return
    was, now = old.notify.severity, new.notify.severity
    words = [str(severity) if severity else "none" for severity in (was, now)]
    if words[0] == words[1]:
        return
    ranks = [_SEVERITIES.index(word) for word in words if word in _SEVERITIES]
    what = f"tells with severity {named(words[1])}, was {named(words[0])}"
    if len(ranks) < 2:
        yield place.neutral("severity-changed", what)
    elif ranks[1] < ranks[0]:
        yield place.weaker("severity-lowered", what, "it may be heard too late")
    else:
        yield place.stronger("severity-raised", what)


def _surroundings(place: Place, old: Step, new: Step) -> Iterator[Change]:
    for kind, word, before, after in (
        ("services", "for", old.services, new.services),
        ("uses", "uses", old.uses, new.uses),
    ):
        was, now = {n.text for n in before}, {n.text for n in after}
        if was == now:
            continue
        parts = [f"also {names(sorted(now - was))}"] if now - was else []
        parts += [f"no longer {names(sorted(was - now))}"] if was - now else []
        yield place.neutral(f"{kind}-changed", f"`{word}`: {', '.join(parts)}")
