"""The changes of plans as people read them in a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from rbdsl.review.changes.change import Effect
from rbdsl.review.changes.compare import PlanChange, State
from rbdsl.review.changes.elided import distinct
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
from rbdsl.review.page import Page
from rbdsl.review.visible import visible, width

_WIDEST = 100
_PIPED = 80


def render(plans: Sequence[PlanChange], page: Page) -> str:
    """All plans, those without a change in one line; ends with a summary, without a newline."""
    blocks = ["\n".join(_plan(plan, page)) for plan in plans if plan.state is not State.SAME]
    return "\n\n".join([*blocks, _summary(plans, page)])


def _plan(plan: PlanChange, page: Page) -> Iterator[str]:
    look = page.look
    title = f"{plan.title} ({whereabouts(plan)})" if plan.title else whereabouts(plan)
    yield look.strong(visible(title))
    if plan.state is State.UNREADABLE:
        yield from _filled("cannot be compared:", page, "  ")
        for line in problems(plan):
            yield from _filled(line, page, "  - ", "    ")
        return
    yield f"  {verdict(plan)}"
    yield from _table(plan)
    for effect in Effect:
        found = groups(plan, effect)
        if found:
            yield ""
            heading = HEADINGS[effect]
            yield _painted(
                page, effect, heading.upper() if effect is not Effect.NEUTRAL else heading
            )
            for group in found:
                yield from _group(group, page, compact=effect is not Effect.WEAKER)


def _group(group: Group, page: Page, *, compact: bool) -> Iterator[str]:
    yield from _filled(group.where, page, "  ", "    ")
    if compact and group.joined and not any(point.lines for point in group.points):
        yield from _filled("; ".join(p.what for p in group.points), page, "    - ", "      ")
        return
    for point in group.points:
        yield from _filled(point.what, page, "    - ", "      ")
        for shown in distinct([visible(line) for line in point.lines], _columns(page) - 8):
            paint = page.look.added if shown.startswith("+") else page.look.removed
            yield "        " + (paint(shown) if shown[:1] in "+-" else shown)
        if point.why:
            yield from _filled(point.why, page, "      → ", "        ")


def _table(plan: PlanChange) -> Iterator[str]:
    rows = [tuple(visible(cell).replace("`", "") for cell in row) for row in figures(plan)]
    if not rows:
        return
    rows.insert(0, ("", "before", "now", ""))
    widths = [max(width(row[n]) for row in rows) for n in range(4)]
    yield ""
    for name, before, now, change in rows:
        cells = f"  {name}{'':{widths[0] - width(name)}}  {before:>{widths[1]}}  {now:>{widths[2]}}"
        yield f"{cells}  {change:>{widths[3]}}".rstrip()


def _summary(plans: Sequence[PlanChange], page: Page) -> str:
    counts = {state: sum(plan.state is state for plan in plans) for state in State}
    parts = [f"{count} {state}" for state, count in counts.items() if count]
    what = f"{len(plans)} plan{'s' * (len(plans) != 1)}: {', '.join(parts)}" if plans else "no plan"
    weaker = total(plans, Effect.WEAKER)
    if weaker:
        return f"{what}; " + _painted(page, Effect.WEAKER, f"weaker in {counted(weaker, 'point')}")
    if counts[State.UNREADABLE]:
        return what
    left = total(plans, Effect.NEUTRAL)
    return f"{what}; nothing got weaker" + (
        f", {counted(left, 'point')} to be read" if left else ""
    )


def _painted(page: Page, effect: Effect, text: str) -> str:
    paint = {Effect.WEAKER: page.look.removed, Effect.STRONGER: page.look.good}
    return paint.get(effect, page.look.strong)(text)


def _filled(text: str, page: Page, lead: str, indent: str = "  ") -> list[str]:
    return textwrap.wrap(
        visible(text),
        _columns(page),
        initial_indent=lead,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _columns(page: Page) -> int:
    return max(min(page.columns, _WIDEST), 40) if page.wrap else _PIPED
