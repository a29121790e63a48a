"""The readings of variables that nothing sets, where they are read."""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.shell_variables import Reading, variables
from rbdsl.record import dataclass
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, Role
from rbdsl.rules.values.environment import bound, declared, is_usual, shells


@dataclass(frozen=True, slots=True)
class Unset:
    """A reading of what its own text, the plan and the environment do not set.

    `elsewhere`: another piece of shell of the plan that sets a variable of that name.
    """

    reading: Reading
    place: Place
    elsewhere: Place | None


def unset(context: Context) -> Iterator[Unset]:
    """One for each name and piece of shell, at its first reading."""
    known = declared(context.plan)
    setting: dict[str, Place] = {}
    places = [
        place for place in shells(context) if "$" in place.shell.text or "((" in place.shell.text
    ]
    for place in shells(context):
        if "=" in place.shell.text or "read" in place.shell.text or "for " in place.shell.text:
            for name in variables(place.shell.text).names:
                setting.setdefault(name, place)
    for place in places:
        found = variables(place.shell.text)
        if found.open:
            continue
        seen = found.names | found.tested | known | bound(place)
        reported: set[str] = set()
        for reading in found.readings:
            name = reading.name
            if reading.guarded or name in seen or name in reported or is_usual(name):
                continue
            reported.add(name)
            yield Unset(reading, place, setting.get(name))


def emptied(context: Context) -> Iterator[Unset]:
    """What is read as `${name:-}`, and set by nobody but an earlier step.

    A name in capitals may come from the environment.
    """
    known = declared(context.plan)
    setting: dict[str, Place] = {}
    for place in shells(context):
        text = place.shell.text
        if "-}" in text and setting:
            yield from _emptied(place, setting, known | bound(place))
        if place.role is Role.RUN and place.step and ("=" in text or "read" in text):
            for name in variables(text).names:
                setting.setdefault(name, place)


def _emptied(place: Place, setting: dict[str, Place], known: frozenset[str]) -> Iterator[Unset]:
    found = variables(place.shell.text)
    reported = set(found.names) | known
    for reading in found.readings:
        name, other = reading.name, setting.get(reading.name)
        if other is None or name in reported or found.open or name.isupper() or is_usual(name):
            continue
        if place.shell.text[reading.start : reading.end] in (f"${{{name}:-}}", f"${{{name}-}}"):
            reported.add(name)
            yield Unset(reading, place, other)
