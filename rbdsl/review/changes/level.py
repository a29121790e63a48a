"""The level: raised or lowered, what it asks for, and what of that the plan proves."""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.policy import LevelPolicy
from rbdsl.analysis.results import Analysis, Requirement, Status
from rbdsl.model.values import show_ms
from rbdsl.review.changes.change import Change, Effect, Place
from rbdsl.review.changes.wording import quoted

_RANK = (Status.MISSING, Status.WEAKENED, Status.PROVEN)


def level(old: Analysis, new: Analysis) -> Iterator[Change]:
    """The level with its limits, then its requirements."""
    before, after = old.plan.level.number, new.plan.level.number
    place = Place("level", new.plan.level.span)
    if after < before:
        yield place.weaker(
            "level-lowered", f"lowered from {before} to {after}", "less is demanded of the plan"
        )
    elif after > before:
        yield place.stronger("level-raised", f"raised from {before} to {after}")
    for kind, was, now in (
        ("SLA", old.policy.sla_ms, new.policy.sla_ms),
        ("target", old.policy.target_ms, new.policy.target_ms),
    ):
        if was != now:
            effect = Effect.WEAKER if now > was else Effect.STRONGER
            what = f"{kind} of {show_ms(now)}, was {show_ms(was)}"
            why = "the rollback may take longer" if now > was else ""
            yield place.judged(effect, f"{kind.lower()}-changed", what, why)
    yield from _policy(place, old.policy, new.policy)
    yield from _requirements(old, new)


def _policy(place: Place, old: LevelPolicy, new: LevelPolicy) -> Iterator[Change]:
    """What else the policies say of the level."""
    if old.rehearsal_before_ms != new.rehearsal_before_ms:
        days = [f"{show_ms(p.rehearsal_before_ms)} before the change" for p in (new, old)]
        words = [d if not d.startswith("0s") else "at any time" for d in days]
        less = new.rehearsal_before_ms < old.rehearsal_before_ms
        effect = Effect.WEAKER if less else Effect.STRONGER
        why = "there may be no time left to mend what it shows" if less else ""
        what = f"the rehearsal has to be {words[0]}, was {words[1]}"
        yield place.judged(effect, "rehearsal-time-changed", what, why)
    for name, was, now in (
        ("breach", old.breach, new.breach),
        ("title", old.title, new.title),
        ("per_region", str(old.per_region).lower(), str(new.per_region).lower()),
    ):
        if was != now:
            what = f"the policy's `{name}` is {quoted(now)}, was {quoted(was)}"
            yield place.neutral("policy-changed", what)


def _requirements(old: Analysis, new: Analysis) -> Iterator[Change]:
    was = {r.id: r for r in old.requirements}
    now = {r.id: r for r in new.requirements}
    for name, requirement in was.items():
        if name not in now:
            proven = requirement.status is Status.PROVEN
            yield Place("level", new.plan.level.span).weaker(
                "requirement-dropped",
                f"“{requirement.title}” is not asked for any more ({requirement.code})",
                "the plan may lose it unnoticed" if proven else f"it was {requirement.status}",
            )
        elif requirement.mandatory and not now[name].mandatory:
            yield Place("level", new.plan.level.span).weaker(
                "requirement-eased",
                f"“{requirement.title}” is only recommended now ({requirement.code})",
                "a plan without it compiles",
            )
        elif now[name].mandatory and not requirement.mandatory:
            yield Place("level", new.plan.level.span).stronger(
                "requirement-demanded", f"“{requirement.title}” is demanded now, not recommended"
            )
    for name, requirement in now.items():
        before = was.get(name)
        place = Place("level", requirement.span)
        if before is None:
            yield _asked(place, requirement)
        elif before.status is not requirement.status:
            what = f"“{requirement.title}” is {_shown(requirement)}, was {before.status}"
            if _RANK.index(requirement.status) < _RANK.index(before.status):
                yield place.weaker("requirement-lost", what, requirement.evidence)
            else:
                yield place.stronger("requirement-gained", what, requirement.evidence)


def _asked(place: Place, requirement: Requirement) -> Change:
    what = f"asks for “{requirement.title}” now: {_shown(requirement)}"
    return place.stronger("requirement-asked", what, requirement.evidence)


def _shown(requirement: Requirement) -> str:
    return f"{requirement.status} ({requirement.code})"
