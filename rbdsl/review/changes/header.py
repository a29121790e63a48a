"""The head of the plan, its services and variables: facts, mostly neutral."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbdsl.model.plan import Automation, Plan, Service, Variable
from rbdsl.review.changes.amounts import UNLIMITED, Amount
from rbdsl.review.changes.change import Change, Effect, Place
from rbdsl.review.changes.rest import rest
from rbdsl.review.changes.wording import named, names, quoted

_CLAIM = Amount("claim", "claimed time", Effect.NEUTRAL, Effect.NEUTRAL)
_TIMEOUT = Amount(
    "timeout", "timeout", Effect.WEAKER, Effect.STRONGER, "a run that hangs ends later", "",
    UNLIMITED,
)  # fmt: skip

_TOLD = (
    "name title operation permit owner window risk level automation claims timeout services "
    "variables metric_sources capture triggers points_of_no_return phases scenarios verification "
    "testing communications escalation validation regions archive hooks"
)
"""What this and the other comparisons tell of a plan."""


def header(old: Plan, new: Plan) -> Iterator[Change]:
    """Name, title, automation, claims, risk, services, variables."""
    place = Place("plan", new.name.span)
    for kind, was, now in (
        ("name", old.name.text, new.name.text),
        ("title", old.title.plain, new.title.plain),
        ("operation", _plain(old.operation), _plain(new.operation)),
        ("permit", _plain(old.permit), _plain(new.permit)),
        ("owner", _plain(old.owner), _plain(new.owner)),
        ("window", _plain(old.window), _plain(new.window)),
        ("risk", _plain(old.risk and old.risk.level), _plain(new.risk and new.risk.level)),
    ):
        if was == now:
            continue
        if now is None:
            yield place.neutral(f"{kind}-removed", f"{kind} removed, was {quoted(was or '')}")
        else:
            behind = f", was {quoted(was, now)}" if was else ""
            yield place.neutral(f"{kind}-changed", f"{kind} {quoted(now, was or '')}{behind}")
    if old.automation is not new.automation:
        order = list(Automation)
        what = f"automation {named(new.automation)}, was {named(old.automation)}"
        if old.automation is Automation.FULL and old.triggers and old.triggers.automatic:
            why = "its triggers no longer start it: until a person does, nothing is rolled back"
            yield place.weaker("automation-changed", what, why)
        else:
            more_by_hand = order.index(new.automation) > order.index(old.automation)
            why = "more waits for people" if more_by_hand else "nobody looks before it starts"
            yield place.neutral("automation-changed", what, why)
    yield from _CLAIM.compare(place, old.claims, new.claims)
    yield from _TIMEOUT.compare(place, old.timeout, new.timeout)
    yield from rest(place, old, new, _TOLD)
    if old.risk and new.risk:
        yield from rest(place, old.risk, new.risk, "level")
    yield from _services(old.services, new.services)
    yield from _variables(old.variables, new.variables)


def _services(old: Iterable[Service], new: Iterable[Service]) -> Iterator[Change]:
    was = {f"{s.name} in {s.environment}": s for s in old}
    now = {f"{s.name} in {s.environment}": s for s in new}
    place = Place("services")
    gone, added = [n for n in was if n not in now], [n for n in now if n not in was]
    if gone:
        why = "it is not rolled back any more, as far as the plan says"
        yield place.neutral("service-removed", f"{names(gone)} removed", why)
    if added:
        yield place.neutral("service-added", f"{names(added)} added")
    for name in was.keys() & now.keys():
        before, after = _versions(was[name]), _versions(now[name])
        if before != after:
            what = f"{named(name)}: {after or 'no version'}, was {before or 'without version'}"
            yield Place("services", now[name].span).neutral("version-changed", what)


def _versions(service: Service) -> str:
    if not service.restored and not service.replaced:
        return ""
    return f"{_plain(service.restored)} → {_plain(service.replaced)}"


def _variables(old: Iterable[Variable], new: Iterable[Variable]) -> Iterator[Change]:
    was = {v.name.text: v for v in old}
    now = {v.name.text: v for v in new}
    place = Place("variables")
    gone, added = [n for n in was if n not in now], [n for n in now if n not in was]
    if gone:
        yield place.neutral("variable-removed", f"{names(gone)} removed")
    if added:
        yield place.neutral("variable-added", f"{names(added)} added")
    for name in [n for n in now if n in was]:
        before, after = _value(was[name]), _value(now[name])
        if before != after:
            yield Place("variables", now[name].span).neutral(
                "variable-changed",
                f"{named(name)} is {quoted(after, before)}, was {quoted(before, after)}",
                before=before,
                after=after,
            )
        there = Place(f"variable {named(name)}", now[name].span)
        yield from rest(there, was[name], now[name], "kind name value")


def _value(variable: Variable) -> str:
    value = variable.value.written if variable.value else "set from outside"
    return value if variable.kind.value == "let" else f"{variable.kind.value}: {value}"


def _plain(value: object) -> str | None:
    return None if value is None else str(value)
