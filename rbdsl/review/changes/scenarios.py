"""Partial rollbacks: lost, new, with other phases or steps."""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.results import Analysis, ScenarioResult
from rbdsl.review.changes.amounts import Amount
from rbdsl.review.changes.change import Change, Effect, Place
from rbdsl.review.changes.pairing import paired
from rbdsl.review.changes.rest import rest
from rbdsl.review.changes.wording import named, names

_CLAIM = Amount("claim", "claimed time", Effect.NEUTRAL, Effect.NEUTRAL)


def scenarios(old: Analysis, new: Analysis, now: dict[str, str]) -> Iterator[Change]:
    """What became of the scenarios; `now` are the new names of phases by their old ones."""
    block = old.plan.verification
    checks = {check.name.text for check in block.checks} if block else set()
    pairs = paired(old.scenarios, new.scenarios, _name, _likeness)
    for result in pairs.gone:
        scenario = result.scenario
        yield Place("scenarios", scenario.span).weaker(
            "scenario-lost",
            f"{named(scenario.name)} “{scenario.title.plain}” removed",
            "where it would do, only the whole plan is left",
        )
    for result in pairs.added:
        scenario = result.scenario
        yield Place("scenarios", scenario.span).stronger(
            "scenario-added", f"{named(scenario.name)} “{scenario.title.plain}” added"
        )
    for before, after in pairs.kept:
        place = Place(f"scenario {named(after.scenario.name)}", after.scenario.span)
        if _name(before) != _name(after):
            yield place.neutral("scenario-renamed", f"was called {named(before.scenario.name)}")
        yield from _scenario(place, before, after, now, checks)


def _scenario(
    place: Place,
    old: ScenarioResult,
    new: ScenarioResult,
    now: dict[str, str],
    checks: set[str],
) -> Iterator[Change]:
    was = [now.get(name, name) for name in old.timeline.names]
    runs = list(new.timeline.names)
    if set(was) != set(runs):
        more = [name for name in runs if name not in was]
        less = [name for name in was if name not in runs]
        parts = [f"also runs {names(more)}"] if more else []
        parts += [f"no longer runs {names(less)}"] if less else []
        yield place.neutral("scenario-changed", ", ".join(parts))
    # A check that is new to the whole plan was not left out of anything before.
    skipped = sorted((set(new.skipped_checks) - set(old.skipped_checks)) & checks)
    if skipped:
        yield place.weaker(
            "scenario-checks-less",
            f"leaves out the checks {names(skipped)}",
            "less of its result is proven",
        )
    blocked = {p.name.text for p in new.blocked_by} - {p.name.text for p in old.blocked_by}
    if blocked:
        yield place.neutral("scenario-blocked", f"is not possible past {names(sorted(blocked))}")
    yield from _CLAIM.compare(place, old.scenario.claims, new.scenario.claims)
    yield from rest(place, old.scenario, new.scenario, "name claims")


def _name(result: ScenarioResult) -> str:
    return result.scenario.name.text


def _likeness(old: ScenarioResult, new: ScenarioResult) -> float:
    return float(old.scenario.title.plain.casefold() == new.scenario.title.plain.casefold())
