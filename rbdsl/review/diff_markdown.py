"""The changes of plans as Markdown, for a comment in a review; inert for any text of a plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rbdsl.backends.markdown_prose import sentence
from rbdsl.backends.quoting import markdown_fence, markdown_text
from rbdsl.review.changes.change import Effect
from rbdsl.review.changes.compare import PlanChange, State
from rbdsl.review.changes.wording import counted
from rbdsl.review.diff_outline import (
    HEADINGS,
    Group,
    figures,
    groups,
    problems,
    total,
    verdict,
    whereabouts,
)


def render(plans: Sequence[PlanChange]) -> str:
    """The comment, with a newline at its end. What is weaker stands open, the rest is folded."""
    weaker = total(plans, Effect.WEAKER)
    head = f"weaker in {counted(weaker, 'point')}" if weaker else "nothing got weaker"
    if any(plan.state is State.UNREADABLE for plan in plans):
        head += ", not everything could be compared"
    lines = [f"## Rollback plans: {head}"]
    for plan in plans:
        if plan.state is not State.SAME:
            lines += ["", *_plan(plan)]
    same = sum(plan.state is State.SAME for plan in plans)
    if same:
        lines += ["", f"{same} plan{'s' * (same != 1)} without a change of meaning."]
    return "\n".join(lines) + "\n"


def _plan(plan: PlanChange) -> Iterator[str]:
    title = f"{plan.title} ({whereabouts(plan)})" if plan.title else whereabouts(plan)
    yield f"### {markdown_text(title)}"
    yield ""
    if plan.state is State.UNREADABLE:
        yield "This plan cannot be compared:"
        yield ""
        yield from (f"- {sentence(line)}" for line in problems(plan))
        return
    yield f"{verdict(plan)}."
    rows = figures(plan)
    if rows:
        yield from ("", "| | before | now | |", "|---|--:|--:|--:|")
        yield from (f"| {sentence(name)} | {was} | {now} | {by} |" for name, was, now, by in rows)
    for effect in Effect:
        found = groups(plan, effect)
        if not found:
            continue
        yield ""
        if effect is Effect.WEAKER:
            yield from (f"**{HEADINGS[effect]}**", "", *_groups(found))
        else:
            count = len(plan.having(effect))
            yield f"<details><summary>{HEADINGS[effect]} ({count})</summary>"
            yield from ("", *_groups(found), "", "</details>")


def _groups(found: Sequence[Group]) -> Iterator[str]:
    for group in found:
        yield f"- {sentence(group.where)}"
        for point in group.points:
            why = f" — {sentence(point.why)}" if point.why else ""
            yield f"  - {sentence(point.what)}{why}"
            if point.lines:
                fence = markdown_fence("\n".join(point.lines), "diff")
                yield ""
                yield from (f"    {line}".rstrip() for line in fence.split("\n"))
                yield ""
