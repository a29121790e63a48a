"""What a plan looks at after a command: the rest of its text, its step, later steps, the checks.

By the order in which phases run, not by that in which they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from rbdsl.analysis.calls import Call
from rbdsl.model.steps import Step
from rbdsl.record import dataclass
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall, Role
from rbdsl.rules.silence.answers import expectation


@dataclass(frozen=True)
class Looking:
    """What a plan looks at: the calls that do, and the pieces of shell that they stand in.

    Made once per plan and rule: most plans have few of them for many changes.
    """

    context: Context
    places: tuple[tuple[int, Place, tuple[PlacedCall, ...]], ...]
    steps: Mapping[int, int]
    calls: Mapping[int, tuple[PlacedCall, ...]]

    def behind(self, placed: PlacedCall) -> Iterator[PlacedCall]:
        """Such calls behind a call in its own text, the last one first."""
        for other in reversed(self.calls.get(id(placed.place), ())):
            if other.call.start <= placed.call.start:
                return
            yield other

    def after(self, placed: PlacedCall) -> Iterator[tuple[Place, tuple[PlacedCall, ...]]]:
        """The pieces of shell that run after a call's own step, those written last first."""
        own = placed.place
        first = self.steps.get(id(own.step), -1)
        for at, place, calls in reversed(self.places):
            if place.check is not None:
                yield place, calls
            elif place.phase is None or own.phase is None or place.step is own.step:
                continue
            elif place.phase is own.phase:
                if at > first:
                    yield place, calls
            elif self.context.runs_before(own.phase, place.phase):
                yield place, calls


def looking(
    context: Context, looks: Callable[[Call], bool], judges: Callable[[Place], bool]
) -> Looking:
    """What a plan looks at by calls that look, and by what judges anyway."""
    found = []
    for at, place in enumerate(context.places):
        if place.role is not Role.UNDO and not place.captures:
            calls = tuple(placed for placed in place.calls if looks(placed.call))
            if calls or judges(place):
                found.append((at, place, calls))
    steps = {id(place.step): at for at, place in enumerate(context.places) if place.step}
    held = {id(place): calls for _, place, calls in found}
    return Looking(context, tuple(found), steps, held)


def is_expected(step: Step | None) -> bool:
    """Whether a step says what proves it."""
    return step is not None and (bool(step.expectations) or step.done_when is not None)


def asked_again(place: Place) -> bool:
    """Whether a piece of shell is an expectation that is asked until it holds."""
    own = expectation(place)
    return own is not None and own.within is not None
