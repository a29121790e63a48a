"""Metrics and their sources, triggers, metric bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby

from rbdsl.diagnostics import did_you_mean
from rbdsl.model.errors import EMPTY, OUT_OF_RANGE, UNKNOWN_NAME, WRONG_TYPE, WRONG_UNIT
from rbdsl.model.lowering.block import Block
from rbdsl.model.lowering.nodes import child, has_word, part, token, tokens
from rbdsl.model.lowering.quantities import guess_quantity, read_quantity
from rbdsl.model.lowering.reader import Reader
from rbdsl.model.lowering.scope import Variable
from rbdsl.model.metrics import Metric, MetricSource, NoData, Trigger, Triggers
from rbdsl.model.steps import Comparison
from rbdsl.model.values import Dimension, Quantity, ValueType
from rbdsl.syntax.tree import Node, Token

_UNITS = {
    Dimension.RATIO: ("percent",),
    Dimension.DURATION: ("ms", "s"),
    Dimension.RATE: ("/s", "/min", "/h"),
    Dimension.COUNT: (),
}

MOST_CONSECUTIVE = 1000


def lower_sources(reader: Reader, nodes: list[Node]) -> tuple[MetricSource, ...]:
    """The `metrics from …` blocks; metric names are unique over all of them."""
    metric = Variable("metric", ValueType.STRING, None, inline=False)
    inner = reader.within(reader.scope.with_variables({"metric": metric}))
    sources = []
    for node in nodes:
        kind = token(node, "NAME")
        reader.choice(kind, "metric source", ("prometheus", "http"))
        texts = inner.texts(node)
        block = Block(reader, child(node, "metrics_block"))
        if not block.statements:
            reader.add(EMPTY, reader.head(node), "this source has no metrics")
        sources.append(
            MetricSource(
                reader.name(kind),
                texts[0],
                texts[1] if len(texts) > 1 else None,
                tuple(m for n in block.statements if (m := _metric(reader, n)) is not None),
                reader.head(node),
            )
        )
    pairs = [(i, m) for i, source in enumerate(sources) for m in source.metrics]
    kept = reader.unique(pairs, "metric", lambda pair: pair[1].name)
    by_source = {i: tuple(m for _, m in g) for i, g in groupby(kept, key=lambda pair: pair[0])}
    return tuple(replace(s, metrics=by_source.get(i, ())) for i, s in enumerate(sources))


def _metric(reader: Reader, node: Node) -> Metric | None:
    names = tokens(node, "NAME")
    written = reader.choice(names[1], "kind of metric", [d.value for d in Dimension])
    if written is None:
        reader.broken.add(str(names[0]))
        return None
    dimension = Dimension(written)
    unit = next(iter((*names[2:], *tokens(node, "UNIT"))), None)
    if unit is not None and str(unit) not in _UNITS[dimension]:
        known = ", ".join(f"`in {u}`" for u in _UNITS[dimension])
        reader.add(
            WRONG_UNIT,
            reader.span(unit),
            f"`{unit}` is no unit of a {dimension}",
            hint=f"it can be {known}" if known else f"a {dimension} has no unit",
        )
        unit = None
    return Metric(
        reader.name(names[0]),
        dimension,
        None if unit is None else str(unit),
        reader.shell(node),
        reader.span(node),
    )


def lower_triggers(reader: Reader, node: Node, metrics: Mapping[str, Metric]) -> Triggers:
    """The `triggers` block."""
    block = Block(reader, child(node, "triggers_block"))
    automatic = [
        trigger
        for part in block.all("automatic_statement")
        for inner in Block(reader, child(part, "automatic_block")).statements
        if (trigger := _trigger(reader, inner, metrics)) is not None
    ]
    manual = [
        text
        for part in block.all("manual_triggers")
        for inner in part.nodes()
        for text in reader.texts(inner)
    ]
    no_data = block.one("no_data_statement")
    return Triggers(
        tuple(automatic),
        tuple(manual),
        every=block.duration("every_statement"),
        cooldown=block.duration("cooldown_statement"),
        no_data=None if no_data is None else _no_data(reader, no_data),
        span=reader.head(node),
    )


def _no_data(reader: Reader, node: Node) -> NoData | None:
    word = token(node, "NAME")
    policy = reader.choice(word, "policy", ("hold", "reset", "breach", "alert"))
    values = tokens(node, "VALUE")
    after = reader.duration(values[0]) if values else None
    if policy is None:
        return None
    if policy == "alert" and not values:
        reader.add(
            WRONG_TYPE, reader.span(node), "`alert` needs the time after which it alerts",
            hint="write `no_data alert after 1m`",
        )  # fmt: skip
    elif policy != "alert" and values:
        hint = f"write `no_data {policy}`"
        reader.add(WRONG_TYPE, reader.span(node), f"`{policy}` has no time", hint=hint)
    return NoData(reader.name(word), after, reader.span(node))


def _trigger(reader: Reader, node: Node, metrics: Mapping[str, Metric]) -> Trigger | None:
    names = tokens(node, "NAME")
    number = token(node, "VALUE")
    comparison = read_comparison(node)
    counts = has_word(node, "CONSECUTIVE")
    hold_node = child(node, "hold")
    hold = consecutive = None
    if hold_node is not None:
        value = token(hold_node, "VALUE")
        if has_word(hold_node, "CONSECUTIVE"):
            consecutive = reader.integer(value, least=1, most=MOST_CONSECUTIVE)
        else:
            hold = reader.duration(value)
    if counts:
        consecutive = reader.integer(number, least=1, most=MOST_CONSECUTIVE)
        if comparison in (Comparison.LESS, Comparison.LESS_EQUAL):
            reader.add(
                WRONG_TYPE,
                reader.span(node),
                "`consecutive` counts samples above zero, so it goes with `>` or `>=`",
                hint=f"write `{names[0]} {comparison} … for {number} consecutive` to compare",
            )
    threshold = read_threshold(reader, names[0], number, metrics, counts=counts)
    if threshold is None or (counts and consecutive is None):
        return None
    return Trigger(
        reader.name(names[0]),
        comparison,
        threshold,
        hold,
        consecutive,
        counts,
        reader.name(names[1]) if len(names) > 1 else None,
        reader.span(node),
    )


def read_comparison(node: Node) -> Comparison:
    """The sign between a metric and its threshold."""
    sign = part(node, "comparison")
    return Comparison(str(sign.children[0]))


def read_threshold(
    reader: Reader, name: Token, number: Token, metrics: Mapping[str, Metric], *, counts: bool
) -> Quantity | None:
    """The threshold in the dimension of its metric; an unknown metric is reported."""
    metric = known_metric(reader, name, metrics)
    span = reader.span(number)
    if metric is None:
        return guess_quantity(str(number), span)
    if counts:
        guessed = guess_quantity(str(number), span)
        return None if guessed is None else replace(guessed, dimension=Dimension.COUNT)
    quantity = reader.kept(read_quantity(str(number), span, metric.dimension, metric.name.text))
    if quantity is not None and quantity.value < 0:
        reader.add(OUT_OF_RANGE, span, f"`{number}` is below zero, and `{metric.name}` never is")
        return None
    return quantity


def known_metric(reader: Reader, name: Token, metrics: Mapping[str, Metric]) -> Metric | None:
    """The metric of that name; an unknown one is reported, unless its declaration was."""
    metric = metrics.get(str(name))
    if metric is None and str(name) not in reader.broken:
        reader.add(
            UNKNOWN_NAME,
            reader.span(name),
            f"unknown metric `{name}`",
            hint=did_you_mean(str(name), metrics)
            or f'declare it: `metrics from prometheus "…" {{ {name} ratio `query` }}`',
        )
    return metric


def metric_names(sources: tuple[MetricSource, ...]) -> dict[str, Metric]:
    """The metrics of all sources by name."""
    return {m.name.text: m for source in sources for m in source.metrics}
