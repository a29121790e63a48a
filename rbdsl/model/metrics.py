"""Metrics, where they come from, and the triggers that look at them."""

from __future__ import annotations

from rbdsl.model.steps import Comparison
from rbdsl.model.values import Dimension, Duration, Name, Quantity, Shell, Text
from rbdsl.record import dataclass
from rbdsl.source import Span


@dataclass(frozen=True, slots=True)
class Metric:
    """`latency_p99 duration in s \\`query\\``.

    A sample times `factor` is a quantity in the dimension's own unit: 1000 for `in s`, 0.01 for
    `in percent`, 60 for `in /s`, 1/60 for `in /h`, else 1. `unit` is as written, or None.
    """

    name: Name
    dimension: Dimension
    unit: str | None
    query: Shell | None
    span: Span

    @property
    def factor(self) -> str:
        """What a sample is multiplied with, as a decimal number."""
        return _FACTORS.get(self.unit or "", "1")


_FACTORS = {"percent": "0.01", "s": "1000", "/s": "60", "/h": "0.016666666666666667"}


@dataclass(frozen=True, slots=True)
class MetricSource:
    """`metrics from prometheus "address" { … }`; `${metric}` in the address is the metric's name.

    `kind` is `prometheus` or `http`; `json` is the jq-like path to the number, e.g. `.value`.
    """

    kind: Name
    address: Text
    json: Text | None
    metrics: tuple[Metric, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Trigger:
    """`error_rate > 1% for 2m -> scenario`.

    Fires when breaches span `hold`, or on the `consecutive`-th breach in a row. With
    `counts_breaches` (`health_check_failures > 3 consecutive`) the number is that count itself,
    and a sample is a breach when it is above zero. Without either the first breach fires.
    """

    metric: Name
    comparison: Comparison
    threshold: Quantity
    hold: Duration | None
    consecutive: int | None
    counts_breaches: bool
    scenario: Name | None
    span: Span


@dataclass(frozen=True, slots=True)
class NoData:
    """What a missing sample means: `hold`, `reset`, `breach`, or `alert` after a time."""

    policy: Name
    after: Duration | None
    span: Span


@dataclass(frozen=True, slots=True)
class Triggers:
    """When to roll back. `every`, `cooldown` and `no_data` are None where the plan is silent:
    15 s, 30 min and `hold` hold then (see `every_ms`, `cooldown_ms`).
    """

    automatic: tuple[Trigger, ...]
    manual: tuple[Text, ...]
    every: Duration | None
    cooldown: Duration | None
    no_data: NoData | None
    span: Span

    @property
    def every_ms(self) -> int:
        """The sampling interval in milliseconds."""
        return self.every.ms if self.every else 15_000

    @property
    def cooldown_ms(self) -> int:
        """The pause after a rollback in milliseconds."""
        return self.cooldown.ms if self.cooldown else 1_800_000
