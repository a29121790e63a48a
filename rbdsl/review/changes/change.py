"""One change of a plan: what it is, where, and whether the plan got weaker by it, with why.

`where` and `what` are words for people with names in backticks; `kind` is a stable word for
programs, such as `budget-raised`.
"""

from __future__ import annotations

from enum import StrEnum

from rbdsl.record import dataclass
from rbdsl.source import Span


class Effect(StrEnum):
    """What a change does to the plan: it promises or proves less, more, or something else."""

    WEAKER = "weaker"
    STRONGER = "stronger"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Change:
    """`where` is empty for what is about the whole plan. `before` and `after` are the two values
    where there are any, `lines` a difference of commands, each line with its sign. `span` is in
    the new version, or in the old one where the thing is gone.
    """

    kind: str
    effect: Effect
    where: str
    what: str
    why: str = ""
    before: str | None = None
    after: str | None = None
    lines: tuple[str, ...] = ()
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where changes are noted: makes them with the words for the place filled in."""

    where: str
    span: Span | None = None

    def weaker(self, kind: str, what: str, why: str, **more: str | None) -> Change:
        """A change by which the plan promises, checks or proves less."""
        return self._change(kind, Effect.WEAKER, what, why, **more)

    def stronger(self, kind: str, what: str, why: str = "", **more: str | None) -> Change:
        """A change by which it promises, checks or proves more."""
        return self._change(kind, Effect.STRONGER, what, why, **more)

    def neutral(self, kind: str, what: str, why: str = "", **more: str | None) -> Change:
        """A change that only a reader can judge, or that does not matter."""
        return self._change(kind, Effect.NEUTRAL, what, why, **more)

    def judged(self, effect: Effect, kind: str, what: str, why: str = "") -> Change:
        """A change with an effect that was worked out."""
        return self._change(kind, effect, what, why)

    def _change(self, kind: str, effect: Effect, what: str, why: str, **more: str | None) -> Change:
        before, after = more.get("before"), more.get("after")
        return Change(kind, effect, self.where, what, why, before, after, (), self.span)
