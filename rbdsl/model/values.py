"""The small values of a plan: names, texts, shell, durations, quantities.

Every value carries the span that it was written at. Texts keep their references to variables
(`${name}`), because a shell must read the variable while prose shows its value.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from rbdsl.record import dataclass
from rbdsl.source import Span


@dataclass(frozen=True, slots=True)
class Name:
    """An identifier as written, e.g. `postgresql-primary`."""

    text: str
    span: Span

    @property
    def shell(self) -> str:
        """The identifier as a shell variable: `-` becomes `_`."""
        return self.text.replace("-", "_")

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Reference:
    """`${name}` in a text: the variable, and its value where it is known when compiling.

    `value` is None for what only the running script knows (a secret, the region, and
    `${metric}` in the address of a metric source).
    """

    name: str
    value: str | None
    span: Span

    @property
    def shell(self) -> str:
        """The shell variable that holds it."""
        return self.name.replace("-", "_")


@dataclass(frozen=True, slots=True)
class Text:
    """A text in parts: literal stretches and references to variables."""

    parts: tuple[str | Reference, ...]
    span: Span

    @property
    def plain(self) -> str:
        """The text for people: references by their values, unknown ones kept as `${name}`."""
        return "".join(
            part
            if isinstance(part, str)
            else (part.value if part.value is not None else f"${{{part.name}}}")
            for part in self.parts
        )

    @property
    def references(self) -> tuple[Reference, ...]:
        """The variables that it mentions."""
        return tuple(part for part in self.parts if isinstance(part, Reference))

    def __str__(self) -> str:
        return self.plain


@dataclass(frozen=True, slots=True)
class Shell:
    """Bash as written in the plan: dedented, with LF, without the newline at its end.

    `offsets[i]` is the offset in the source of the first character of line i of `text`; `span`
    includes the backticks.
    """

    text: str
    span: Span
    offsets: tuple[int, ...]

    def locate(self, line: int, column: int) -> int:
        """The offset in the source of a line and column (both from 1) of `text`."""
        at = self.offsets[min(line, len(self.offsets)) - 1] + column - 1
        return min(at, self.span.end)

    def span_of(self, line: int, column: int, end_line: int, end_column: int) -> Span:
        """The span in the source of a stretch of `text`, lines and columns from 1."""
        return Span(self.span.source, self.locate(line, column), self.locate(end_line, end_column))


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in whole milliseconds."""

    ms: int
    span: Span

    @property
    def seconds(self) -> float:
        """In seconds."""
        return self.ms / 1000

    def __str__(self) -> str:
        return show_ms(self.ms)


def show_ms(ms: int) -> str:
    """Milliseconds as people write them: `90s` as `1m30s`, `1500` as `1s500ms`, 0 as `0s`."""
    if ms < 0:
        return "-" + show_ms(-ms)
    parts = []
    for unit, size in (("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        count, ms = divmod(ms, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A point in time (RFC 3339), with its offset from UTC."""

    at: datetime
    span: Span

    def __str__(self) -> str:
        return self.span.text


@dataclass(frozen=True, slots=True)
class ChangeWindow:
    """`window START..END`: when the change is to be made. The end is after the start."""

    start: Timestamp
    end: Timestamp
    span: Span

    def __str__(self) -> str:
        return f"{self.start} to {self.end}"


class Dimension(StrEnum):
    """What a metric measures; quantities are kept in the unit named here."""

    RATIO = "ratio"
    """A part of one: 0.01 is 1 %."""
    DURATION = "duration"
    """Milliseconds."""
    RATE = "rate"
    """Per minute."""
    COUNT = "count"
    """A bare number."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its dimension, in the dimension's own unit (see `Dimension`)."""

    dimension: Dimension
    value: Decimal
    span: Span

    def __str__(self) -> str:
        """As it was written, e.g. `1%`."""
        return self.span.text


class ValueType(StrEnum):
    """The types of `let`, `param` and module parameters."""

    STRING = "string"
    INT = "int"
    BOOL = "bool"
    DURATION = "duration"
    RATIO = "ratio"
    NAME = "name"
    STRINGS = "list<string>"


def a(kind: StrEnum) -> str:
    """A kind with its article: `an int`, `a duration`."""
    return f"{'an' if kind.value[0] in 'aeiou' else 'a'} {kind.value}"


@dataclass(frozen=True, slots=True)
class Value:
    """A typed value in the spelling that the shell gets.

    A scalar has one item, `list<string>` any number. Durations are seconds (`60`, `0.5`), ratios
    decimals (`0.01`), booleans `true` and `false`. `written` is the spelling in the plan.
    """

    type: ValueType
    items: tuple[Text, ...]
    written: str
    span: Span

    @property
    def plain(self) -> str:
        """The value for people: a scalar's text, a list joined by `, `."""
        return ", ".join(item.plain for item in self.items)


@dataclass(frozen=True, slots=True)
class Binding:
    """A parameter of a module's step, phase or check, and the value it was given."""

    name: Name
    value: Value
