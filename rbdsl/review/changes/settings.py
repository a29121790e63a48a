"""What the project's configuration says of a plan, before and now: the rules that are reported.

The levels of the configured policy are compared as the levels they are, see `level`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from rbdsl.diagnostics import Diagnostic, Severity
from rbdsl.record import dataclass
from rbdsl.review.changes.change import Change, Place
from rbdsl.review.changes.wording import named, names

_RANKS = ("off", "pedantic", "info", "warning", "error")


def _as_usual(code: str, usual: Severity) -> Severity | None:
    del code
    return usual


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for one plan: rules as they are written in `select`, `ignore` and `severity`.

    `judge` is what becomes of a finding's severity; None where it is not reported.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: tuple[tuple[str, str], ...] = ()
    strict: bool = False
    judge: Callable[[str, Severity], Severity | None] = _as_usual

    def same_as(self, other: Settings) -> bool:
        """Whether both say the same."""
        return _said(self) == _said(other)


def settings(old: Settings, new: Settings) -> Iterator[Change]:
    """What the configuration lets pass that it did not, and the other way round."""
    place = Place("configuration")
    hidden = [rule for rule in new.ignore if rule not in old.ignore]
    heard = [rule for rule in old.ignore if rule not in new.ignore]
    if hidden:
        what = f"{names(hidden)} {_are(hidden)} ignored now"
        yield place.weaker("ignore-added", what, "what this finds is not reported any more")
    if heard:
        yield place.stronger("ignore-removed", f"{names(heard)} {_are(heard)} not ignored any more")
    yield from _selected(place, old.select, new.select)
    yield from _graded(place, dict(old.severity), dict(new.severity))
    if old.strict and not new.strict:
        yield place.weaker("strict-removed", "`strict` is off", "warnings let a check pass")
    elif new.strict and not old.strict:
        yield place.stronger("strict-added", "`strict` is on")


def reported(
    diagnostics: tuple[Diagnostic, ...], own: Settings, other: Settings
) -> tuple[Diagnostic, ...]:
    """The findings of a side that either side reports.

    So a finding that came together with its `ignore` is told, and one that only the configuration
    takes out or brings back is not told a second time.
    """
    judged = (
        (d, own.judge(d.code, d.severity) or other.judge(d.code, d.severity)) for d in diagnostics
    )
    return tuple(d.with_severity(severity) for d, severity in judged if severity)


def _selected(place: Place, old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[Change]:
    if bool(old) != bool(new):
        if new:
            what = f"only {names(new)} {_are(new)} reported now"
            yield place.weaker("select-added", what, "what all others find is not reported")
        else:
            yield place.stronger("select-removed", f"not only {names(old)} {_are(old)} reported")
        return
    less = [rule for rule in old if rule not in new]
    more = [rule for rule in new if rule not in old]
    if less:
        what = f"{names(less)} {_are(less)} not selected any more"
        yield place.weaker("select-changed", what, "what this finds may not be reported any more")
    if more:
        yield place.stronger("select-changed", f"{names(more)} {_are(more)} selected too")


def _graded(place: Place, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    for rule in [*new, *(rule for rule in old if rule not in new)]:
        was, now = old.get(rule), new.get(rule)
        if was == now:
            continue
        words = [named(grade) if grade else "as usual" for grade in (now, was)]
        what = f"the severity of {named(rule)} is {words[0]}, was {words[1]}"
        change = _rank(now) - _rank(was)
        if change > 0:
            yield place.stronger("severity-changed", what)
        elif change < 0:
            yield place.weaker("severity-changed", what, "what this finds counts for less")
        else:
            yield place.neutral("severity-changed", what)


def _rank(grade: str | None) -> int:
    """How much a severity counts; the usual one is mostly a warning."""
    return _RANKS.index(grade or "warning")


def _said(found: Settings) -> tuple[object, ...]:
    return (found.select, found.ignore, found.severity, found.strict)


def _are(rules: list[str] | tuple[str, ...]) -> str:
    return "is" if len(rules) == 1 else "are"
