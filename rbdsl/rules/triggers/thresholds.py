"""Comparing thresholds: which samples breach, and whether one bound implies another."""

from __future__ import annotations

from decimal import Decimal

from rbdsl.model.metrics import Trigger
from rbdsl.model.steps import Comparison
from rbdsl.model.values import Dimension

UPWARD = (Comparison.GREATER, Comparison.GREATER_EQUAL)
"""The comparisons that a value breaches by rising."""


def never(dimension: Dimension, comparison: Comparison, bound: Decimal) -> bool:
    """Whether no value of the dimension can satisfy the comparison."""
    above_all = dimension is Dimension.RATIO and (
        (comparison is Comparison.GREATER and bound >= 1)
        or (comparison is Comparison.GREATER_EQUAL and bound > 1)
    )
    below_all = (comparison is Comparison.LESS and bound <= 0) or (
        comparison is Comparison.LESS_EQUAL and bound < 0
    )
    return above_all or below_all


def always(dimension: Dimension, comparison: Comparison, bound: Decimal) -> bool:
    """Whether every value of the dimension satisfies the comparison."""
    opposite = {
        Comparison.GREATER: Comparison.LESS_EQUAL,
        Comparison.GREATER_EQUAL: Comparison.LESS,
        Comparison.LESS: Comparison.GREATER_EQUAL,
        Comparison.LESS_EQUAL: Comparison.GREATER,
    }
    return never(dimension, opposite[comparison], bound)


def implies(
    first: Comparison, first_bound: Decimal, second: Comparison, second_bound: Decimal
) -> bool:
    """Whether each value that satisfies the first comparison satisfies the second one too."""
    if (first in UPWARD) != (second in UPWARD):
        return False
    if first_bound == second_bound:
        return first is second or second in (Comparison.GREATER_EQUAL, Comparison.LESS_EQUAL)
    return (first_bound > second_bound) == (first in UPWARD)


def shown(trigger: Trigger) -> str:
    """`error_rate > 1% for 2m`, as it was written."""
    parts = [trigger.metric.text, trigger.comparison.value, str(trigger.threshold)]
    if trigger.counts_breaches:
        parts.append("consecutive")
    elif trigger.hold:
        parts.append(f"for {trigger.hold}")
    elif trigger.consecutive:
        parts.append(f"for {trigger.consecutive} consecutive")
    return " ".join(parts)
