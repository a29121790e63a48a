"""Changes of a length of time: raised, lowered, added or removed, and which way is weaker."""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.model.values import Duration, show_ms
from rbdsl.record import dataclass
from rbdsl.review.changes.change import Change, Effect, Place

UNLIMITED = 10**15
"""What stands for a limit that is not there."""


@dataclass(frozen=True, slots=True)
class Amount:
    """How a kind of duration is judged.

    `more` and `less` are the effects of raising and lowering it, with the reasons; `absent` is
    what holds in milliseconds where the plan is silent. `added` is the effect of stating it at all,
    where that is another one.
    """

    kind: str
    name: str
    more: Effect
    less: Effect
    why_more: str = ""
    why_less: str = ""
    absent: int = 0
    added: Effect | None = None

    def compare(self, place: Place, old: Duration | None, new: Duration | None) -> Iterator[Change]:
        """The change, if there is one."""
        before = self.absent if old is None else old.ms
        after = self.absent if new is None else new.ms
        if (before, old is None) == (after, new is None):
            return
        shown = (None if old is None else show_ms(old.ms), None if new is None else show_ms(new.ms))
        if old is None:
            verb, what = "added", f"{self.name} of {shown[1]} added"
        elif new is None:
            verb, what = "removed", f"{self.name} removed, it was {shown[0]}"
        else:
            verb = "raised" if after > before else "lowered"
            what = f"{self.name} {verb} from {shown[0]} to {shown[1]}"
        effect, why = Effect.NEUTRAL, ""
        if after > before:
            effect, why = self.more, self.why_more
        elif after < before:
            effect, why = self.less, self.why_less
        if old is None and self.added is not None:
            effect, why = self.added, ""
        yield Change(f"{self.kind}-{verb}", effect, place.where, what, why, *shown, (), place.span)
