"""What a part of a plan means, apart from how and where it is written: two equal ones are the same.

A new field of the model means something until `SAYS_NOTHING` lists it, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC
from enum import Enum
from typing import Any

from rbdsl.analysis.normalised import normalised
from rbdsl.model.values import Duration, Name, Quantity, Shell, Text, Timestamp, Value
from rbdsl.source import Source, Span

SAYS_NOTHING = {
    "span": "where it is written",
    "Plan.source": "the text; what it says is compared",
    "Plan.automation_span": "where it is written",
    "Plan.imports": "what modules give is compared where the plan uses it",
    "Scenario.run": "`a..c` and `a, b, c` are the same; the phases that it runs are compared",
    "Step.call": "where it is written",
    "Step.on_failure": "where it is written; `continue_on_failure` says which of the two holds",
    "Gate.otherwise": "where it is written; `continue_otherwise` says which of the two holds",
    "FromBaseline.margin": "the spelling of `part` and `plus`",
}
"""Fields of records, as `Record.field` or as the name of a field of any record."""


def fields(record: object) -> tuple[str, ...]:
    """The fields of a record of the model that mean something."""
    kind = type(record).__name__
    names: tuple[str, ...] = type(record).__match_args__  # type: ignore[attr-defined]
    return tuple(n for n in names if n not in SAYS_NOTHING and f"{kind}.{n}" not in SAYS_NOTHING)


def meaning(value: object) -> Any:  # noqa: ANN401 - nested tuples of plain values
    """A value that can be compared: texts as people read them, shell in normal form, no places."""
    if isinstance(value, tuple):
        return tuple(meaning(item) for item in value)
    plain = _PLAIN.get(type(value))
    if plain:
        return plain(value)
    if hasattr(type(value), "__match_args__"):
        return (type(value).__name__, *(meaning(getattr(value, n)) for n in fields(value)))
    return value


_PLAIN: Mapping[type, Callable[[Any], Any]] = {
    Name: lambda name: name.text,
    Text: lambda text: text.plain,
    Shell: lambda shell: normalised(shell.text),
    Duration: lambda duration: duration.ms,
    Timestamp: lambda time: time.at.astimezone(UTC).isoformat(),
    Quantity: lambda quantity: (quantity.dimension.value, quantity.value.normalize()),
    Value: lambda value: (value.type.value, value.plain),
    Span: lambda _: True,
    Source: lambda _: True,
}
"""What the small values mean; of a keyword's place, that it is there."""


def said(value: object) -> str:
    """A value in words for a line; empty where there is nothing to show."""
    match value:
        case None | bool() | Span() | Source():
            return ""
        case Shell():
            return normalised(value.text)
        case Enum():
            return str(value.value)
        case Value():
            return value.written
        case tuple():
            return ", ".join(filter(None, map(said, value)))
        case str() | int() | Name() | Text() | Duration() | Timestamp() | Quantity():
            return str(value)
    if hasattr(type(value), "__match_args__"):
        return " ".join(filter(None, (said(getattr(value, name)) for name in fields(value))))
    return str(value)
