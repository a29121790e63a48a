"""The part of PLAN.md around the procedure: capture, channels, ladder, windows, hooks."""

from __future__ import annotations

from rbdsl.backends.markdown_criteria import asked_address
from rbdsl.backends.markdown_prose import prose
from rbdsl.backends.markdown_steps import Block, ItemView, artifact_words, step_view
from rbdsl.backends.plan_index import PlanIndex
from rbdsl.backends.quoting import markdown_code as code
from rbdsl.backends.quoting import markdown_text as md
from rbdsl.backends.wording import listed, spoken, spoken_range
from rbdsl.model.metrics import Metric, MetricSource
from rbdsl.model.people import Rung, Window
from rbdsl.model.plan import Plan
from rbdsl.model.steps import Gate
from rbdsl.record import dataclass


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A channel, what it reaches, and the events that it is told of."""

    name: str
    target: str
    told_on: str


@dataclass(frozen=True, slots=True)
class AudienceView:
    """Who else is told: title with its time, and the words."""

    title: str
    message: str


@dataclass(frozen=True, slots=True)
class RungView:
    """A rung of the escalation ladder."""

    heading: str
    contacts: str
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WindowView:
    """A stretch of time after the rollback, with what to look at."""

    heading: str
    groups: tuple[tuple[str, tuple[str, ...]], ...]


def rungs(plan: Plan) -> list[RungView]:
    """The escalation ladder from the bottom."""
    return [_rung(number, rung) for number, rung in enumerate(plan.escalation, 1)]


def _rung(number: int, rung: Rung) -> RungView:
    return RungView(
        heading=f"Level {number}: {md(rung.title)} ({spoken_range(rung.start, rung.end)})",
        contacts=", ".join(md(c) for c in rung.contacts),
        actions=tuple(md(a) for a in rung.actions),
    )


def windows(plan: Plan) -> list[WindowView]:
    """The validation windows in the order of the plan."""
    return [_window(window) for window in plan.validation]


def _window(window: Window) -> WindowView:
    return WindowView(
        heading=f"{md(window.title)} ({spoken_range(window.start, window.end)})",
        groups=tuple((md(g.title), tuple(md(p) for p in g.points)) for g in window.groups),
    )


def waves(plan: Plan) -> list[str]:
    """The waves and the gates between them, as inert Markdown."""
    made: list[str] = []
    for entry in plan.regions.entries if plan.regions else ():
        if isinstance(entry, Gate):
            approvers = listed((md(a) for a in entry.approvers), "or")
            limit = f" within {spoken(entry.timeout.ms)}" if entry.timeout else ""
            rest = "go on" if entry.continue_otherwise else "stop"
            made.append(f"Gate: {md(entry.title)} ({approvers or 'anyone'}{limit}, else {rest})")
        else:
            together = " together" if len(entry.regions) > 1 else ""
            made.append(f"{listed(code(name) for name in entry.regions)}{together}")
    return made


def capture_items(index: PlanIndex) -> list[ItemView]:
    """The baselines of the capture, then its steps: what they do would show in the metrics."""
    capture = index.plan.capture
    made = [
        _sampled(source, metric)
        for source in index.plan.metric_sources
        for metric in source.metrics
        if metric.name.text in {name.text for name in index.plan.baselines}
    ]
    if capture and capture.baseline:
        facts = (f"kept as {artifact_words(index, capture.baseline.artifact.name.text)}",)
        shown = (Block("", capture.baseline.shell.text),)
        made.append(ItemView("Metrics baseline", facts, blocks=shown))
    return made + [step_view(index, step) for step in (capture.steps if capture else ())]


def _sampled(source: MetricSource, metric: Metric) -> ItemView:
    asked = f"one sample of {md(source.kind)} {code(asked_address(source, metric))}"
    kept = f"kept as {code(f'baseline/{metric.name}.metric')}"
    if any(reference.name == "region" for reference in source.address.references):
        kept = f"kept as {code(f'baseline/${{region}}/{metric.name}.metric')}"
    return ItemView(f"Baseline of metric {code(metric.name)}", (asked, kept))


def channels(plan: Plan) -> list[ChannelView]:
    """The channels in the order of the plan."""
    if plan.communications is None:
        return []
    told: dict[str, list[str]] = {}
    for notice in plan.communications.notices:
        for name in notice.channels:
            told.setdefault(name.text, []).extend(e.text.replace("_", " ") for e in notice.events)
    return [
        ChannelView(
            name=code(c.name),
            target=md(c.target),
            told_on=md(", ".join(dict.fromkeys(told.get(c.name.text, [])))) or "steps only",
        )
        for c in plan.communications.channels
    ]


def audiences(plan: Plan) -> list[AudienceView]:
    """Who else is told."""
    return [
        AudienceView(
            title=md(a.title) + (f" (within {spoken(a.within.ms)})" if a.within else ""),
            message="\n".join(f"> {line}" for line in prose(a.message).split("\n"))
            if a.message
            else "",
        )
        for a in (plan.communications.audiences if plan.communications else ())
    ]


def hooks(plan: Plan) -> list[ItemView]:
    """What is run on the events of a rollback."""
    return [
        ItemView(f"On {code(hook.event)}", blocks=(Block("", hook.shell.text),))
        for hook in plan.hooks
    ]


def archive(plan: Plan) -> str:
    """Where the records of a run are kept, or nothing."""
    return f"{md(plan.archive.kind)} {code(plan.archive.target)}" if plan.archive else ""
