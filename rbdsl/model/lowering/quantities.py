"""Numbers, durations, thresholds and timestamps: from their spelling to values with units."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

from rbdsl.diagnostics import Diagnostic
from rbdsl.model.errors import OUT_OF_RANGE, WRONG_TYPE, WRONG_UNIT
from rbdsl.model.values import Dimension, Duration, Quantity, Timestamp
from rbdsl.patterns import lazy_pattern
from rbdsl.source import Span

LONGEST_MS = 366 * 24 * 3_600_000
"""No duration may be longer than a year."""

_UNIT_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_DURATION = lazy_pattern(r"(?:\d{1,12}(?:\.\d{1,6})?(?:ms|s|m|h|d))+")
_LONG = lazy_pattern(r"(?=.*[1-9]\d{12})(?:\d+(?:\.\d{1,6})?(?:ms|s|m|h|d))+")
"""Of more digits than `_DURATION` takes."""
_DURATION_PART = lazy_pattern(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_NUMBER = lazy_pattern(r"-?\d{1,15}(?:\.\d{1,15})?")
_RATE = lazy_pattern(r"(\d{1,15}(?:\.\d{1,15})?)/(s|min|m|h)")
_PER_MINUTE = {"s": Decimal(60), "min": Decimal(1), "h": Decimal(1) / Decimal(60)}
_TIMESTAMP = lazy_pattern(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)")
_UNIT_SLIPS = {
    "min": "m", "mins": "m", "minute": "m", "minutes": "m", "sec": "s", "secs": "s",
    "second": "s", "seconds": "s", "hr": "h", "hrs": "h", "hour": "h", "hours": "h",
    "day": "d", "days": "d", "msec": "ms", "millis": "ms",
}  # fmt: skip


def duration_ms(text: str) -> int | None:
    """The milliseconds of a spelling such as `1h30m`, or None where it is none."""
    if not _DURATION.fullmatch(text):
        return None
    total = sum(Decimal(n) * _UNIT_MS[unit] for n, unit in _DURATION_PART.findall(text))
    return int(total)


def read_duration(text: str, span: Span, *, zero: bool = False) -> Duration | Diagnostic:
    """A duration, or what is wrong with it; `zero` allows `0s`."""
    ms = duration_ms(text)
    if ms is None and not _LONG.fullmatch(text):
        return _no_duration(text, span)
    if ms is None or ms > LONGEST_MS:
        return OUT_OF_RANGE.at(span, f"`{text}` is longer than a year")
    if ms == 0 and not zero:
        return OUT_OF_RANGE.at(span, f"`{text}` must be more than nothing")
    return Duration(ms, span)


def _no_duration(text: str, span: Span) -> Diagnostic:
    if _NUMBER.fullmatch(text):
        return WRONG_UNIT.at(
            span,
            f"`{text}` is a number without a unit, and a duration is needed",
            hint=f"write `{text.lstrip('-')}s`, `{text.lstrip('-')}m` or `{text.lstrip('-')}h`",
        )
    slip = re.fullmatch(r"(\d+(?:\.\d+)?)([a-z]+)", text, re.IGNORECASE)
    if slip and slip[2].lower() in _UNIT_SLIPS:
        return WRONG_UNIT.at(
            span,
            f"`{slip[2]}` is no unit of time",
            hint=f"write `{slip[1]}{_UNIT_SLIPS[slip[2].lower()]}`",
        )
    return WRONG_UNIT.at(
        span,
        f"`{text}` is no duration",
        hint="a duration is a number with `ms`, `s`, `m`, `h` or `d`, such as `90s` or `1h30m`",
    )


def read_integer(text: str, span: Span, *, least: int, most: int) -> int | Diagnostic:
    """A whole number within bounds, or what is wrong with it."""
    if not re.fullmatch(r"-?\d{1,18}", text):
        return WRONG_TYPE.at(span, f"`{text}` is no whole number")
    number = int(text)
    if not least <= number <= most:
        return OUT_OF_RANGE.at(span, f"`{text}` is not between {least} and {most}")
    return number


def read_timestamp(text: str, span: Span) -> Timestamp | Diagnostic:
    """A point in time, or what is wrong with it."""
    hint = "write it as RFC 3339: `2025-12-09T10:00:00Z`"
    if not _TIMESTAMP.fullmatch(text):
        missing = _TIMESTAMP.fullmatch(text + "Z") is not None
        message = f"`{text}` has no time zone" if missing else f"`{text}` is no point in time"
        return WRONG_TYPE.at(span, message, hint=f"write `{text}Z`" if missing else hint)
    try:
        return Timestamp(datetime.fromisoformat(text), span)
    except ValueError:
        return WRONG_TYPE.at(span, f"`{text}` is a date that does not exist", hint=hint)


def read_number(text: str) -> Decimal | None:
    """A bare number, or None."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def read_ratio(text: str) -> Decimal | None:
    """`1%` as 0.01 and `0.01` as itself, or None."""
    if text.endswith("%"):
        number = read_number(text[:-1])
        return None if number is None else number / 100
    return read_number(text)


def guess_quantity(text: str, span: Span) -> Quantity | None:
    """A quantity in the dimension that its own unit tells, or None where it makes no sense."""
    if text.endswith("%"):
        ratio = read_ratio(text)
        return None if ratio is None else Quantity(Dimension.RATIO, ratio, span)
    ms = duration_ms(text)
    if ms is not None:
        return Quantity(Dimension.DURATION, Decimal(ms), span)
    rate = _RATE.fullmatch(text)
    if rate and rate[2] != "m":
        return Quantity(Dimension.RATE, Decimal(rate[1]) * _PER_MINUTE[rate[2]], span)
    number = read_number(text)
    return None if number is None else Quantity(Dimension.COUNT, number, span)


_EXAMPLES = {
    Dimension.RATIO: "a part such as `1%` or `0.01`",
    Dimension.DURATION: "a time such as `500ms`",
    Dimension.RATE: "a rate such as `10/min`",
    Dimension.COUNT: "a bare number such as `3`",
}


def read_quantity(
    text: str, span: Span, dimension: Dimension, metric: str
) -> Quantity | Diagnostic:
    """A threshold for a metric of a dimension, or how the two disagree."""
    quantity = guess_quantity(text, span)
    if quantity is not None:
        if quantity.dimension is dimension:
            return quantity
        if dimension is Dimension.RATIO and quantity.dimension is Dimension.COUNT:
            return Quantity(Dimension.RATIO, quantity.value, span)
    hint = f"`{metric}` needs {_EXAMPLES[dimension]}"
    if quantity is None:
        return WRONG_UNIT.at(span, f"`{text}` is no quantity", hint=hint)
    if quantity.dimension is Dimension.COUNT:
        return WRONG_UNIT.at(
            span, f"`{text}` has no unit, and `{metric}` is a {dimension}", hint=hint
        )
    return WRONG_UNIT.at(
        span, f"`{text}` is a {quantity.dimension}, and `{metric}` is a {dimension}", hint=hint
    )


def read_margin(
    text: str, span: Span, dimension: Dimension, metric: str
) -> tuple[Decimal, Decimal] | Diagnostic:
    """How far from its baseline a metric may be: as a part of it (`10%`), and in its own unit.

    For a ratio the latter is in percentage points (`0.5pp`), since `1%` and `0.01` would be one
    and the same number with two meanings.
    """
    if text.endswith("%"):
        part = read_ratio(text)
        if part is not None:
            return part, Decimal(0)
    if dimension is Dimension.RATIO:
        points = read_number(text.removesuffix("pp"))
        if points is not None and text.endswith("pp"):
            return Decimal(0), points / 100
        return WRONG_UNIT.at(
            span,
            f"`{text}` is no margin of the ratio `{metric}`",
            hint="write a part of the baseline such as `10%`, or percentage points such as `0.5pp`",
        )
    quantity = read_quantity(text, span, dimension, metric)
    return quantity if isinstance(quantity, Diagnostic) else (Decimal(0), quantity.value)
