"""In which unit a query of Prometheus gives its samples, as far as its text tells.

In: a metric with a query in PromQL. Out: what the samples are, where that is certainly not what the
metric is declared as, and how to mend it. Strings and comments of the query say nothing.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from rbdsl.model.metrics import Metric
from rbdsl.model.values import Dimension

_SILENT = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|#[^\n]*|\{[^}]*\}|\[[^\]]*\]"
_BY_PERCENT = r"(?<![\w.])100(?:\.0+)?\s*\*|\*\s*100(?:\.0+)?(?![\w.])"
_BACK_FROM_PERCENT = r"/\s*100(?:\.0+)?(?![\w.])|(?<![\w.])0?\.01(?!\d)|1e-2"
_HUNDRED = r"(?<![\w.])(?:100(?:\.0+)?|1e2)(?![\w.])|(?i:percent|pct)"
_QUOTIENT = (
    r"\)\s*/\s*(?:(?:on|ignoring|group_left|group_right)\s*\([^)]*\)\s*)*\(*\s*"
    r"(?:sum|count|rate|increase|irate|clamp_min|avg)\b"
)
_THOUSAND = r"(?<![\w.])(?:1000(?:\.0+)?|1e3|1e-3|0?\.001)(?![\w.])"
_SECONDS = r"\w+_seconds(?:_bucket|_sum)?\b(?!_)"
_MILLISECONDS = r"\w+_(?:milliseconds|millis|ms)(?:_bucket|_sum)?\b(?!_)"
_QUANTILE = r"(?s)\bhistogram_quantile\s*\(|_sum\b.*/.*_count\b"
_PER_SECOND = r"\b(?:rate|irate|deriv)\s*\("
_COUNTER = r"\w+_total\b"
_OF_TIME = r"_seconds_total\b|_seconds_sum\b"
_SCALED = r"[*/]"
_WORDS = r"[a-z]+"
_PER = {"": ("minute", "60/min arrives as 1/min"), "/h": ("hour", "3600/h arrives as 1/h")}


class Mismatch(NamedTuple):
    """What the samples are, how they are taken, what comes of it, and the mend."""

    gives: str
    taken: str
    comes: str
    hint: str


def mismatch(metric: Metric) -> Mismatch | None:
    """How the query of a metric does not fit its unit; None where it does, or may."""
    if metric.query is None:
        return None
    text = metric.query.text
    bare = re.sub(_SILENT, " ", text)
    match metric.dimension:
        case Dimension.RATIO:
            return _of_ratio(metric, bare)
        case Dimension.DURATION:
            return _of_duration(metric, bare)
        case Dimension.RATE:
            return _of_rate(metric, bare)
        case _:
            return None


def named_otherwise(metric: Metric) -> Mismatch | None:
    """How the name of a metric says another unit than it is declared with."""
    words = set(re.findall(_WORDS, metric.name.text.lower()))
    if metric.dimension is Dimension.RATIO and not metric.unit and words & {"percent", "pct"}:
        return _PERCENTS._replace(hint=f"declare it so: `{metric.name} ratio in percent`")
    if metric.dimension is Dimension.DURATION and metric.unit in (None, "ms"):
        if "seconds" in words:
            return _LONG._replace(hint=f"declare it so: `{metric.name} duration in s`")
    elif metric.dimension is Dimension.DURATION and words & {"milliseconds", "millis", "ms"}:
        return _SHORT._replace(hint=f"declare it so: `{metric.name} duration in ms`")
    return None


_PERCENTS = Mismatch("percents", "parts of one", "2 % arrives as 200 %", "")
_PARTS = Mismatch("parts of one", "percents", "5 % arrives as 0.05 %", "")
_PER_TIME = Mismatch("events per second", "a part of one", "it grows with the traffic", "")
_LONG = Mismatch("seconds", "milliseconds", "2 s arrives as 2 ms", "")
_SHORT = Mismatch("milliseconds", "seconds", "20 ms arrives as 20 s", "")


def _of_ratio(metric: Metric, bare: str) -> Mismatch | None:
    name = metric.name
    if metric.unit is None:
        if re.search(_BY_PERCENT, bare) and not re.search(_BACK_FROM_PERCENT, bare):
            return _PERCENTS._replace(
                hint=f"leave the factor 100 out, or declare it: `{name} ratio in percent`"
            )
        counts = (
            re.search(_PER_SECOND, bare)
            and re.search(_COUNTER, bare)
            and not re.search(_OF_TIME, bare)
        )
        if counts and not re.search(_SCALED, bare):
            return _PER_TIME._replace(
                hint=f"divide by the rate of all, or declare it: `{name} rate in /s`"
            )
    elif re.search(_QUOTIENT, bare) and not re.search(_HUNDRED, bare):
        return _PARTS._replace(hint=f"multiply by 100, or declare it: `{name} ratio`")
    return None


def _of_duration(metric: Metric, bare: str) -> Mismatch | None:
    measured = re.search(_QUANTILE, bare) or (metric.query and "quantile=" in metric.query.text)
    if re.search(_THOUSAND, bare) or not measured:
        return None
    if metric.unit == "s":
        if re.search(_MILLISECONDS, bare) and not re.search(_SECONDS, bare):
            return _SHORT._replace(hint=f"declare it so: `{metric.name} duration in ms`")
    elif re.search(_SECONDS, bare) and not re.search(_MILLISECONDS, bare):
        return _LONG._replace(hint=f"declare it so: `{metric.name} duration in s`")
    return None


def _of_rate(metric: Metric, bare: str) -> Mismatch | None:
    if metric.unit == "/s" or not re.search(_PER_SECOND, bare) or re.search(_SCALED, bare):
        return None
    per, arrives = _PER.get(metric.unit or "", _PER[""])
    hint = f"declare it so: `{metric.name} rate in /s`"
    return Mismatch("events per second", f"events per {per}", arrives, hint)
