"""Checks that were removed, added, narrowed or widened: of steps and of the verification."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rbdsl.analysis.normalised import normalised
from rbdsl.analysis.unfailing import always_holds, verdict
from rbdsl.model.steps import Expectation, Matcher, MatcherKind
from rbdsl.review.changes.amounts import Amount
from rbdsl.review.changes.change import Change, Effect, Place
from rbdsl.review.changes.guards import guards
from rbdsl.review.changes.matchers import narrowed, rank
from rbdsl.review.changes.meaning import meaning
from rbdsl.review.changes.pairing import paired
from rbdsl.review.changes.questions import asks_nothing, looks_less
from rbdsl.review.changes.rest import rest
from rbdsl.review.changes.wording import command, quoted

_WITHIN = Amount(
    "expectation-wait",
    "wait",
    Effect.WEAKER,
    Effect.STRONGER,
    "what is wrong is accepted for longer",
    "what is wrong is found sooner",
    added=Effect.NEUTRAL,
)


def expectations(
    place: Place, old: Sequence[Expectation], new: Sequence[Expectation]
) -> Iterator[Change]:
    """What became of the expectations of one step or check."""
    pairs = paired(old, new, lambda e: normalised(e.shell.text), _likeness)
    replaced = min(len(pairs.gone), len(pairs.added))
    for before, after in zip(pairs.gone, pairs.added, strict=False):
        yield from _both(Place(place.where, after.span), before, after)
    for gone in pairs.gone[replaced:]:
        yield Place(place.where, gone.span).weaker(
            "expectation-removed",
            f"no longer expects {_shown(gone)}",
            "what this found is not found any more",
            before=_shown(gone),
        )
    for added in pairs.added[replaced:]:
        yield Place(place.where, added.span).stronger(
            "expectation-added", f"also expects {_shown(added)}", after=_shown(added)
        )
    for before, after in pairs.kept:
        yield from _both(Place(place.where, after.span), before, after)


def _both(place: Place, old: Expectation, new: Expectation) -> Iterator[Change]:
    found = list(_question(place, old, new))
    yield from found or _matcher(place, old, new)
    if not found and always_holds(old) == always_holds(new):
        yield from guards(place, old.shell, new.shell, judged=new.matcher is not None)
    yield from _WITHIN.compare(place, old.within, new.within)
    yield from rest(place, old, new, "shell matcher within")


def _question(place: Place, old: Expectation, new: Expectation) -> Iterator[Change]:
    """The command asks less than before, or more; what is compared with it tells nothing then."""
    was, now = old.shell.text, new.shell.text
    if normalised(was) == normalised(now):
        return
    before, after = _shown(old, new), _shown(new, old)
    values = {"before": before, "after": after}
    nothing = (asks_nothing(was), asks_nothing(now))
    if nothing == (False, True) and always_holds(new) and not always_holds(old):
        return  # `_matcher` says so
    if nothing == (False, True):
        what = f"asks nothing any more: expects {after} instead of {before}"
        why = "it is met whatever the state is"
        yield place.weaker("expectation-weakened", what, why, **values)
    elif nothing == (True, False) and not verdict(now).cannot_fail:
        what = f"asks something now: expects {after} instead of {before}"
        yield place.stronger("expectation-tightened", what, **values)
    elif why := looks_less(was, now):
        what = f"looks less closely: expects {after} instead of {before}"
        yield place.weaker("expectation-weakened", what, why, **values)
    elif looks_less(now, was):
        what = f"looks more closely: expects {after} instead of {before}"
        yield place.stronger("expectation-tightened", what, **values)


def _matcher(place: Place, old: Expectation, new: Expectation) -> Iterator[Change]:
    same = normalised(old.shell.text) == normalised(new.shell.text)
    other = meaning(old.matcher) != meaning(new.matcher)
    if same and not other:
        return
    was, now = _words(old.matcher, new.matcher), _words(new.matcher, old.matcher)
    before, after = _shown(old, new), _shown(new, old)
    values = {"before": before, "after": after}
    about = f"expectation {command(new.shell)}"
    narrower = rank(new.matcher) - rank(old.matcher)
    if same:
        narrower = narrowed(old.matcher, new.matcher)
    if always_holds(new) and not always_holds(old):
        yield place.weaker(
            "expectation-weakened",
            f"cannot fail any more: expects {after} instead of {before}",
            "it is met whatever the state is",
            **values,
        )
    elif always_holds(old) and not always_holds(new):
        what = f"can fail now: expects {after} instead of {before}"
        yield place.stronger("expectation-tightened", what, **values)
    elif narrower < 0:
        yield place.weaker(
            "expectation-weakened",
            f"{about}: {now} instead of {was}",
            "more answers are accepted than before",
            **values,
        )
    elif narrower > 0:
        yield place.stronger("expectation-tightened", f"{about}: {now} instead of {was}", **values)
    elif other:
        patterns = MatcherKind.MATCHES in {m.kind for m in (old.matcher, new.matcher) if m}
        unclear = ": only a reader can say which of them lets more answers pass"
        what = f"{about}: {now} instead of {was}{unclear if patterns else ''}"
        yield place.neutral("expectation-changed", what, **values)
    elif not same:
        yield place.neutral("expectation-changed", f"expects {after} instead of {before}", **values)


def _value(matcher: Matcher | None) -> tuple[str, str]:
    """What is compared with, and how; nothing where it is the exit status."""
    if matcher is None:
        return "", ""
    named = matcher.kind is MatcherKind.EQUALS_FILE and matcher.artifact
    return matcher.kind.value, named.text if named else matcher.value.plain


def _words(matcher: Matcher | None, beside: Matcher | None = None) -> str:
    if matcher is None:
        return "exit status 0"
    kind, value = _value(matcher)
    of_file = matcher.kind is MatcherKind.EQUALS_FILE
    return f"{'the content of' if of_file else kind} {quoted(value, _value(beside)[1])}"


def _shown(expectation: Expectation, beside: Expectation | None = None) -> str:
    label = f"{quoted(expectation.label.plain)}: " if expectation.label else ""
    other, shell = (beside.matcher, beside.shell) if beside else (None, None)
    words = f" {_words(expectation.matcher, other)}" if expectation.matcher else ""
    return f"{label}{command(expectation.shell, shell)}{words}"


def _likeness(old: Expectation, new: Expectation) -> float:
    from difflib import SequenceMatcher

    if old.label and new.label and old.label.plain == new.label.plain:
        return 1.0
    before, after = normalised(old.shell.text).split(), normalised(new.shell.text).split()
    return SequenceMatcher(None, before, after, autojunk=False).ratio()
