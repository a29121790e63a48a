"""The head of the plan, its services and variables, and who is told: facts, mostly neutral."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbdsl.analysis.normalised import normalised
from rbdsl.model.plan import Automation, Plan, Service, Variable
from rbdsl.model.values import Text
from rbdsl.review.changes.amounts import UNLIMITED, Amount
from rbdsl.review.changes.change import Change, Effect, Place
from rbdsl.review.changes.wording import named, names, quoted

_CLAIM = Amount("claim", "claimed time", Effect.NEUTRAL, Effect.NEUTRAL)
_TIMEOUT = Amount(
    "timeout", "timeout", Effect.WEAKER, Effect.STRONGER, "a run that hangs ends later", "",
    UNLIMITED,
)  # fmt: skip


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
            behind = f", was {quoted(was)}" if was else ""
            yield place.neutral(f"{kind}-changed", f"{kind} {quoted(now)}{behind}")
    if old.automation is not new.automation:
        order = list(Automation)
        what = f"automation {named(new.automation)}, was {named(old.automation)}"
        more_by_hand = order.index(new.automation) > order.index(old.automation)
        why = "more waits for people" if more_by_hand else "less waits for people"
        yield place.neutral("automation-changed", what, why)
    yield from _CLAIM.compare(place, old.claims, new.claims)
    yield from _TIMEOUT.compare(place, old.timeout, new.timeout)
    yield from _services(old.services, new.services)
    yield from _variables(old.variables, new.variables)


def people(old: Plan, new: Plan) -> Iterator[Change]:
    """Channels, notices, escalation, validation, archive and hooks."""
    was, now = old.communications, new.communications
    for kind, word, before, after, why in (
        ("channel", "channel", _channels(old), _channels(new), "nobody is told there"),
        ("notice", "notice", _notices(old), _notices(new), "that is not told there any more"),
        (
            "audience",
            "audience",
            _titles(a.title for a in was.audiences) if was else {},
            _titles(a.title for a in now.audiences) if now else {},
            "it is not thought of any more",
        ),
        (
            "rung",
            "rung of the escalation",
            _titles(r.title for r in old.escalation),
            _titles(r.title for r in new.escalation),
            "nobody is named for that time",
        ),
        (
            "validation",
            "validation window",
            _titles(w.title for w in old.validation),
            _titles(w.title for w in new.validation),
            "nobody looks at it afterwards",
        ),
        (
            "archive",
            "archive",
            {"": old.archive.target.plain} if old.archive else {},
            {"": new.archive.target.plain} if new.archive else {},
            "the records of a run stay where it was started",
        ),
        ("hook", "hook", _hooks(old), _hooks(new), "it is not run any more"),
    ):
        place = Place("people" if kind not in {"archive", "hook"} else "plan")
        yield from _listed(place, kind, word, before, after, why)


def _listed(
    place: Place, kind: str, word: str, before: dict[str, str], after: dict[str, str], why: str
) -> Iterator[Change]:
    """What is gone, new, or under the same key another text but for upper and lower case."""
    for key, text in before.items():
        if key not in after:
            yield place.weaker(f"{kind}-removed", f"{word} {quoted(text)} removed", why)
        elif after[key].casefold() != text.casefold():
            what = f"{word} {quoted(after[key])}, was {quoted(text)}"
            yield place.neutral(f"{kind}-changed", what, before=text, after=after[key])
    for key, text in after.items():
        if key not in before:
            yield place.stronger(f"{kind}-added", f"{word} {quoted(text)} added")


def _titles(titles: Iterable[Text]) -> dict[str, str]:
    return {title.plain.casefold(): title.plain for title in titles}


def _channels(plan: Plan) -> dict[str, str]:
    block = plan.communications
    return {c.name.text: f"{c.name} {c.target}" for c in (block.channels if block else ())}


def _notices(plan: Plan) -> dict[str, str]:
    block = plan.communications
    told: dict[str, list[str]] = {}
    for notice in block.notices if block else ():
        for event in notice.events:
            told.setdefault(event.text, []).extend(channel.text for channel in notice.channels)
    return {
        f"{event} {channel}": f"{channel} on {event}"
        for event, channels in told.items()
        for channel in channels
    }


def _hooks(plan: Plan) -> dict[str, str]:
    found: dict[str, str] = {}
    for hook in plan.hooks:
        number = sum(key.startswith(f"{hook.event} ") for key in found)
        found[f"{hook.event} {number}"] = f"{hook.event}: {normalised(hook.shell.text)}"
    return found


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
                f"{named(name)} is {quoted(after)}, was {quoted(before)}",
                before=before,
                after=after,
            )


def _value(variable: Variable) -> str:
    value = variable.value.written if variable.value else "set from outside"
    return value if variable.kind.value == "let" else f"{variable.kind.value}: {value}"


def _plain(value: object) -> str | None:
    return None if value is None else str(value)
