"""The changes of a plan in the order in which a reviewer wants them: weaker first, grouped.

Changes of one place stand together, and findings that are gone are counted by rule, so that the
page of a plan that was written anew can still be read in five minutes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from rbdsl.model.values import show_ms
from rbdsl.record import dataclass
from rbdsl.review.changes.change import Change, Effect
from rbdsl.review.changes.compare import PlanChange, State
from rbdsl.review.changes.times import Row
from rbdsl.review.changes.wording import counted

HEADINGS = {
    Effect.WEAKER: "Weaker",
    Effect.STRONGER: "Stronger",
    Effect.NEUTRAL: "To be read: neither weaker nor stronger by itself",
}
_MOST_LINES = 8
"""So many lines of a command's difference are shown; JSON has all of them."""

_MOST_ALIKE = 3
"""So many changes of one kind at one place are shown, but for weaker ones: these all are."""


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a group: what changed, why it matters, what differs in commands."""

    what: str
    why: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """The changes of one effect at one place."""

    where: str
    points: tuple[Point, ...]
    joined: bool = True
    """Whether the points read well in one sentence."""


def groups(plan: PlanChange, effect: Effect) -> list[Group]:
    """The groups of an effect, in the order of their first change."""
    found: dict[str, list[Change]] = {}
    gone: list[Change] = []
    for change in plan.having(effect):
        if change.kind == "finding-gone":
            gone.append(change)
        else:
            found.setdefault(change.where, []).append(change)
    made = [
        Group(where, tuple(_points(changes, whole=effect is Effect.WEAKER)))
        for where, changes in found.items()
    ]
    return [*made, *_gone(gone)]


def verdict(plan: PlanChange) -> str:
    """One line: how many changes of which effect."""
    if plan.state is State.SAME:
        return "no change of meaning"
    parts = []
    for effect in Effect:
        number = len(plan.having(effect))
        if number:
            word = effect.value if effect is not Effect.NEUTRAL else "to be read"
            parts.append(f"{number} {word}")
    return ", ".join(parts)


def figures(plan: PlanChange) -> list[tuple[str, str, str, str]]:
    """The rows of the table of times: name, before, now, difference. Only what says something."""
    if not any(row.changed for row in plan.times):
        return []
    return [
        (row.name, _shown(row.before), _shown(row.after), _difference(row))
        for row in plan.times
        if row.changed or row.main
    ]


def total(plans: Iterable[PlanChange], effect: Effect) -> int:
    """How many changes of an effect there are in all plans."""
    return sum(len(plan.having(effect)) for plan in plans)


def whereabouts(plan: PlanChange) -> str:
    """The file, and where it was before if it moved."""
    if plan.moved:
        return f"{plan.old_path} → {plan.new_path}"
    return plan.new_path or plan.old_path or ""


def problems(plan: PlanChange) -> list[str]:
    """Why a plan could not be compared, a line for each error."""
    return [
        f"{side}: {found.code} {found.message} ({found.span})" for side, found in plan.errors
    ] or ["it holds no plan"]


def _points(changes: Sequence[Change], *, whole: bool) -> list[Point]:
    """The points; a reason that the next change shares is said once, behind the last of them."""
    points = []
    kinds = Counter(change.kind for change in changes)
    shown: Counter[str] = Counter()
    for number, change in enumerate(changes):
        shown[change.kind] += 1
        left = kinds[change.kind] - _MOST_ALIKE
        if not whole and left > 1 and shown[change.kind] > _MOST_ALIKE:
            if shown[change.kind] == _MOST_ALIKE + 1:
                points.append(Point(f"… and {left} more like it"))
            continue
        following = changes[number + 1] if number + 1 < len(changes) else None
        shared = following is not None and following.why == change.why
        lines = change.lines
        if len(lines) > _MOST_LINES:
            left = len(lines) - _MOST_LINES
            lines = (*lines[:_MOST_LINES], f"… {counted(left, 'more line')}")
        points.append(Point(change.what, "" if shared else change.why, lines))
    return points


def _gone(changes: Sequence[Change]) -> list[Group]:
    """Findings that are gone, by rule."""
    by_code: dict[str, list[str]] = {}
    for change in changes:
        code, _, message = change.what.partition(" is gone: ")
        by_code.setdefault(code, []).append(message)
    points = [
        Point(f"{code}: {found[0]}" + (f" (and {len(found) - 1} more)" if len(found) > 1 else ""))
        for code, found in sorted(by_code.items())
    ]
    return [Group("findings that are gone", tuple(points), joined=False)] if points else []


def _shown(value: int | None) -> str:
    return "-" if value is None else show_ms(value)


def _difference(row: Row) -> str:
    if row.before is None or row.after is None:
        return "new" if row.before is None else "gone"
    change = row.after - row.before
    return "" if change == 0 else ("+" if change > 0 else "") + show_ms(change)
