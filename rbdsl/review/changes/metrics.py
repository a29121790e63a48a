"""Metrics and where they are read: what triggers and the verification look at."""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.model.metrics import MetricSource
from rbdsl.model.plan import Plan
from rbdsl.review.changes.change import Change, Place
from rbdsl.review.changes.pairing import paired
from rbdsl.review.changes.rest import rest
from rbdsl.review.changes.wording import named, names, quoted


def metrics(old: Plan, new: Plan) -> Iterator[Change]:
    """Sources that are read elsewhere, and metrics that are read in another way."""
    pairs = paired(old.metric_sources, new.metric_sources, _key, _likeness)
    for before, after in pairs.kept:
        place = Place(f"metrics from {after.kind} {quoted(after.address.plain)}", after.span)
        yield from rest(place, before, after, "metrics")
    was = {m.name.text: m for m in old.metrics}
    now = {m.name.text: m for m in new.metrics}
    for names_of, word in (
        ([name for name in was if name not in now], "removed"),
        ([name for name in now if name not in was], "added"),
    ):
        if names_of:
            yield Place("metrics").neutral(f"metric-{word}", f"{names(names_of)} {word}")
    same = {id(before): id(after) for before, after in pairs.kept}
    homes = [{m.name.text: s for s in p.metric_sources for m in s.metrics} for p in (old, new)]
    for name in [name for name in now if name in was]:
        place = Place(f"metric {named(name)}", now[name].span)
        yield from rest(place, was[name], now[name])
        before, after = homes[0][name], homes[1][name]
        if same.get(id(before)) != id(after):
            yield place.neutral(
                "metric-moved", f"is read from {_shown(after)}, was {_shown(before)}"
            )


def _shown(source: MetricSource) -> str:
    json = f" json {quoted(source.json.plain)}" if source.json else ""
    return f"{source.kind} {quoted(source.address.plain)}{json}"


def _key(source: MetricSource) -> str:
    return " ".join(
        [source.kind.text, source.address.plain, *(m.name.text for m in source.metrics)]
    )


def _likeness(old: MetricSource, new: MetricSource) -> float:
    """The part of their metrics that two sources share."""
    was, now = ({metric.name.text for metric in source.metrics} for source in (old, new))
    return len(was & now) / max(len(was | now), 1)
