"""Metrics as declarations of a script: where samples come from, triggers, bounds."""

from __future__ import annotations

from collections.abc import Iterable

from rbdsl.analysis.results import Analysis
from rbdsl.backends.bash_words import Call, duration, seconds, spoken, text_word
from rbdsl.backends.quoting import sh, word
from rbdsl.backends.safety import safety_checks
from rbdsl.model.bounds import FromBaseline, MetricBound
from rbdsl.model.metrics import Metric, MetricSource, Trigger
from rbdsl.model.plan import Plan
from rbdsl.model.values import Text


def metric_call(source: MetricSource, metric: Metric) -> Call:
    """Where a metric's samples come from."""
    call = Call("metric", metric.name.text, f"source={source.kind}")
    name = Text((metric.name.text,), metric.span)
    call.set("address", text_word(source.address, {"metric": name}))
    call.put("query", metric.query.text if metric.query else None)
    call.put("json", source.json.plain if source.json else None)
    call.flag("per_region", any(r.name == "region" for r in source.address.references))
    return call.put("factor", None if metric.factor == "1" else metric.factor)


def metric_calls(plan: Plan, names: Iterable[str]) -> list[Call]:
    """The metrics of these names, in the order of the plan."""
    wanted = set(names)
    return [
        metric_call(source, metric)
        for source in plan.metric_sources
        for metric in source.metrics
        if metric.name.text in wanted
    ]


def metric_commands(plan: Plan, names: Iterable[str]) -> list[str]:
    """What sampling needs: curl, and jq for answers in JSON."""
    wanted = set(names)
    kinds = {
        s.kind.text for s in plan.metric_sources if any(m.name.text in wanted for m in s.metrics)
    }
    if not kinds:
        return []
    return ["awk", "curl", *(["jq"] if "http" in kinds else [])]


def bound_call(bound: MetricBound) -> Call:
    """The bound of a metric, a number or one that is reckoned from the metric's baseline."""
    call = Call("bound", bound.metric.text, word(bound.relation))
    if bound.relation in "<>":
        call.words[-1] = f"'{bound.relation}'"
    if isinstance(bound.bound, FromBaseline):
        call.words += ["baseline", sh(str(bound.bound))]
        call.put("part", format(bound.bound.part, "f") if bound.bound.part else None)
        call.put("plus", format(bound.bound.plus, "f") if bound.bound.plus else None)
    else:
        call.words += [format(bound.bound.value, "f"), sh(str(bound.bound))]
    call.flag("warn", bound.warn).put("within", duration(bound.within))
    return call.put("every", duration(bound.every)).put("terms", _terms(bound))


def _terms(bound: MetricBound) -> str:
    """What a dry run says behind a bound."""
    terms = ""
    if bound.within:
        every = spoken(bound.every.ms if bound.every else 5000)
        terms = f", within {spoken(bound.within.ms)}, asked every {every}"
    if isinstance(bound.bound, FromBaseline):
        terms += " (capture.sh recorded the baseline)"
    return terms + " (warns only)" * bool(bound.warn)


_COUNTED = {">": "above", ">=": "at least", "<": "below", "<=": "at most"}
"""How a comparison is called where breaches of zero are counted."""


def trigger_call(analysis: Analysis, trigger: Trigger) -> Call:
    """An automatic trigger, and in words what it asks of its metric, and for how long.

    A threshold that counts breaches is one of zero.
    """
    sign = trigger.comparison.value
    call = Call("trigger", trigger.metric.text, f"'{sign}'")
    if trigger.counts_breaches:
        times = str(trigger.threshold.value)
        call.words += ["0", sh(f"{_COUNTED[sign]} 0, {times} times in a row")]
        call.put("consecutive", times)
        lasting = ""
    else:
        threshold = format(trigger.threshold.value, "f")
        call.words += [threshold, sh(f"{sign} {trigger.threshold}")]
        call.put("consecutive", trigger.consecutive)
        lasting = f", {trigger.consecutive} times in a row" if trigger.consecutive else ""
    call.put("for", duration(trigger.hold))
    if trigger.hold:
        rounded = trigger.hold.ms % 1000 == 0
        lasting = f" for {trigger.hold if rounded else f'{duration(trigger.hold)}s'}{lasting}"
    call.put("lasting", lasting or None)
    call.put("scenario", trigger.scenario.text if trigger.scenario else None)
    return call.names("uses", _used_by(analysis, trigger))


def _used_by(analysis: Analysis, trigger: Trigger) -> Iterable[str]:
    """The artifacts that the rollback of a trigger uses, as shell names."""
    plan = analysis.plan
    phases = [(phase, phase.all_steps) for phase in plan.phases]
    skipped: tuple[str, ...] = ()
    for result in analysis.scenarios:
        if trigger.scenario and result.scenario.name.text == trigger.scenario.text:
            phases = [(entry.phase, entry.steps) for entry in result.timeline.phases]
            skipped = result.skipped_checks
    used = [name.shell for _, steps in phases for step in steps for name in step.uses]
    if plan.verification and any(phase.verifies for phase, _ in phases):
        checks = (c for c in plan.verification.checks if c.name.text not in skipped)
        used += [name.shell for check in checks for name in check.uses]
    return dict.fromkeys(used)


def monitor_calls(analysis: Analysis) -> list[Call]:
    """How the monitor works, and its triggers."""
    triggers = analysis.plan.triggers
    if triggers is None:
        return [Call("about", "every=15", "cooldown=1800")]
    call = Call("about").put("every", seconds(triggers.every_ms))
    call.put("cooldown", seconds(triggers.cooldown_ms))
    if triggers.no_data:
        call.put("no_data", triggers.no_data.policy.text)
        call.put("no_data_after", duration(triggers.no_data.after))
    call.flag("unproven", not safety_checks(analysis.plan).previous_version_healthy)
    return [call, *(trigger_call(analysis, t) for t in triggers.automatic)]
