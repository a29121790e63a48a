"""The bounds of metrics in the verification, and their margins from a baseline."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from rbdsl.model.bounds import FromBaseline, MetricBound
from rbdsl.model.errors import OUT_OF_RANGE
from rbdsl.model.lowering.metrics import known_metric, read_comparison, read_threshold
from rbdsl.model.lowering.nodes import child, has_word, token, tokens
from rbdsl.model.lowering.quantities import read_margin
from rbdsl.model.lowering.reader import Reader
from rbdsl.model.lowering.steps import read_poll
from rbdsl.model.metrics import Metric
from rbdsl.model.values import Quantity
from rbdsl.syntax.tree import Node, Token


def lower_bound(reader: Reader, node: Node, metrics: Mapping[str, Metric]) -> MetricBound | None:
    """`metric error_rate < 0.1% warn` of the verification."""
    name = token(node, "NAME")
    side = child(node, "from_baseline") or child(node, "near_baseline")
    bound: Quantity | FromBaseline | None
    if side is None:
        bound = read_threshold(reader, name, token(node, "VALUE"), metrics, counts=False)
    else:
        bound = _from_baseline(reader, name, side, metrics)
    within, every = read_poll(reader, node)
    if bound is None:
        return None
    return MetricBound(
        reader.name(name),
        None if child(node, "near_baseline") else read_comparison(node),
        bound,
        has_word(node, "WARN"),
        within,
        every,
        reader.span(node),
    )


def _from_baseline(
    reader: Reader, name: Token, side: Node, metrics: Mapping[str, Metric]
) -> FromBaseline | None:
    """`baseline + 10%` or `within 10% of baseline`; an unknown metric is reported."""
    metric = known_metric(reader, name, metrics)
    near = side.kind == "near_baseline"
    values = tokens(side, "VALUE")
    if not values:
        return FromBaseline(Decimal(0), Decimal(0), near, "", reader.span(side))
    written, span = str(values[0]), reader.span(values[0])
    if metric is None:
        return None
    margin = reader.kept(read_margin(written, span, metric.dimension, metric.name.text))
    if margin is None:
        return None
    part, plus = margin
    if part + plus <= 0:
        reader.add(
            OUT_OF_RANGE, span, f"`{written}` is no margin, which must be more than nothing",
            hint="write `<= baseline` to allow no difference",
        )  # fmt: skip
        return None
    sign = -1 if has_word(side, "MINUS") else 1
    return FromBaseline(sign * part, sign * plus, near, written, reader.span(side))
