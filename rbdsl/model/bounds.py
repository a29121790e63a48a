"""What the verification demands of a metric: a number, or a distance from its baseline."""

from __future__ import annotations

from decimal import Decimal

from rbdsl.model.steps import Comparison
from rbdsl.model.values import Duration, Name, Quantity
from rbdsl.record import dataclass
from rbdsl.source import Span


@dataclass(frozen=True, slots=True)
class FromBaseline:
    """`baseline + 10%` and `within 10% of baseline`: a bound that the capture measures.

    It lies at `value + value * part + plus`, where `value` is the metric before the change. Both
    are signed; `plus` is in the dimension's own unit. `near` means that much to either side.
    """

    part: Decimal
    plus: Decimal
    near: bool
    margin: str
    span: Span

    def __str__(self) -> str:
        """`baseline`, `baseline + 10%` or `10% of baseline`, spaced like that."""
        if self.near:
            return f"{self.margin} of baseline"
        sign = "-" if self.part < 0 or self.plus < 0 else "+"
        return f"baseline {sign} {self.margin}" if self.margin else "baseline"


@dataclass(frozen=True, slots=True)
class MetricBound:
    """`metric error_rate < 0.1% warn within 5m every 15s`.

    `comparison` is None for `within 10% of baseline`.
    """

    metric: Name
    comparison: Comparison | None
    bound: Quantity | FromBaseline
    warn: bool
    within: Duration | None
    every: Duration | None
    span: Span

    @property
    def relation(self) -> str:
        """The comparison, or `within`."""
        return self.comparison.value if self.comparison else "within"
