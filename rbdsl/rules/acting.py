"""The calls of a plan that act, their order in a run, and how commands are shown in messages.

What runs before what is told by the graph of the phases, not by the order of lines.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from itertools import chain
from operator import itemgetter

from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall, Role

_LONGEST = 60
_NEAR = 200


def acting(context: Context, *programs: str) -> Iterator[PlacedCall]:
    """The calls of some programs in `run`, `undo` and hooks, in order; without programs, all."""
    by_program = context.acting
    if not by_program.keys().isdisjoint(programs) or not programs:
        wanted = by_program.keys() & set(programs) if programs else by_program.keys()
        found = sorted(chain.from_iterable(by_program[p] for p in wanted), key=itemgetter(0))
        yield from (placed for _, placed in found)


def near(placed: PlacedCall) -> tuple[PlacedCall, ...]:
    """The calls around one in its text, itself among them: so many that a rule stays linear."""
    calls = placed.place.calls
    at = bisect_left(calls, placed.call.start, key=lambda other: other.call.start)
    return calls[max(0, at - _NEAR) : at + _NEAR]


def is_retried(placed: PlacedCall) -> bool:
    """Whether it may run a second time in one run of the plan: the step has a `retry`."""
    step = placed.place.step
    return placed.place.role is Role.RUN and step is not None and step.retry is not None


class Order:
    """The order of the calls of one plan, and those that act."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @cached_property
    def _index(self) -> dict[int, int]:
        return {id(place): at for at, place in enumerate(self._context.places)}

    def acting(self, *programs: str) -> Iterator[PlacedCall]:
        """The calls of some programs that change something; without programs, all."""
        return acting(self._context, *programs)

    def before(self, first: PlacedCall, second: PlacedCall) -> bool:
        """Whether the first one has run, in every run of the plan, when the second one starts."""
        one, other = first.place, second.place
        if one is other:
            return first.call.start < second.call.start
        if one.captures != other.captures:
            return one.captures
        if one.phase is not None and other.phase is not None and one.phase is not other.phase:
            return self._context.runs_before(one.phase, other.phase)
        if one.phase is not other.phase or one.point is not other.point:
            return False
        return self._index[id(one)] < self._index[id(other)]


def shown(text: str) -> str:
    """A command or statement between backticks: in one line, shortened where it is long."""
    flat = " ".join(text.split()).replace("`", "'")
    return f"`{flat if len(flat) <= _LONGEST else flat[: _LONGEST - 1] + '…'}`"
