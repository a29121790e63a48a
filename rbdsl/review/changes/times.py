"""Times and slack, before and now: a table, and what in it makes the plan weaker."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rbdsl.analysis.results import Analysis, PhaseTime, Timeline
from rbdsl.model.values import show_ms
from rbdsl.record import dataclass
from rbdsl.review.changes.change import Change, Effect, Place
from rbdsl.review.changes.shortenings import left_out, left_undone
from rbdsl.review.changes.wording import named


@dataclass(frozen=True, slots=True)
class Row:
    """One figure, in milliseconds; None where there is none. `more_is_better` for room and slack.

    `main` rows are shown even where nothing changed.
    """

    name: str
    before: int | None
    after: int | None
    more_is_better: bool = False
    main: bool = False

    @property
    def changed(self) -> bool:
        """Whether the two differ."""
        return self.before != self.after


def rows(old: Analysis, new: Analysis, now: dict[str, str]) -> tuple[Row, ...]:
    """The figures of the plan, its phases and its scenarios; `now` as for `scenarios`."""
    made = [
        Row("on the clock", old.slowest_clock_ms, new.slowest_clock_ms, main=True),
        Row("SLA", old.sla_ms, new.sla_ms, more_is_better=True, main=True),
        Row("buffer to the SLA", _buffer(old), _buffer(new), more_is_better=True, main=True),
        Row("target", old.policy.target_ms, new.policy.target_ms, more_is_better=True),
        Row("whole run", old.whole_ms, new.whole_ms),
        Row("worst case", old.slowest_worst_ms, new.slowest_worst_ms, main=True),
    ]
    before = {now.get(t.phase.name.text, t.phase.name.text): t for t in old.timeline}
    after = {t.phase.name.text: t for t in new.timeline}
    for name in [*after, *(n for n in before if n not in after)]:
        was, is_now = before.get(name), after.get(name)
        for figure, of, better in _FIGURES:
            if not better or (was and is_now):
                made.append(
                    Row(
                        f"phase {named(name)}{figure}",
                        of(was) if was else None,
                        of(is_now) if is_now else None,
                        more_is_better=better,
                    )
                )
    made += _scenarios(old, new)
    return tuple(made)


_FIGURES: tuple[tuple[str, Callable[[PhaseTime], int], bool], ...] = (
    ("", lambda t: t.budget_ms, False),
    (", slack", lambda t: t.slack_ms, True),
    (", worst case", lambda t: t.worst_ms, False),
)


def _scenarios(old: Analysis, new: Analysis) -> Iterator[Row]:
    before = {r.scenario.name.text: r.timeline for r in old.scenarios}
    after = {r.scenario.name.text: r.timeline for r in new.scenarios}
    for name in [*after, *(n for n in before if n not in after)]:
        for figure, of in (("", _clock), (", worst case", _worst)):
            was, now = before.get(name), after.get(name)
            yield Row(
                f"scenario {named(name)}{figure}",
                of(was) if was else None,
                of(now) if now else None,
            )


def times(old: Analysis, new: Analysis, renamed: dict[str, str]) -> Iterator[Change]:
    """What the figures mean: longer on the clock, over the limits, a longer worst case.

    A time that is shorter because something is left out is told, and is no gain.
    """
    place = Place("time")
    out = left_out(old.plan, new.plan, renamed)
    was, now = old.slowest_clock_ms, new.slowest_clock_ms
    if was != now:
        what = f"{show_ms(now)} on the clock, was {show_ms(was)}"
        room = f"{show_ms(abs(_buffer(new)))} {'of buffer' if _buffer(new) >= 0 else 'over'}"
        if now > was:
            yield place.weaker("time-longer", what, f"the users wait longer; {room}")
        elif out:
            yield place.neutral("time-shorter", what, f"{out}; {room}")
        else:
            yield place.stronger("time-shorter", what, room)
    for kind, word, limits in (
        ("sla", "SLA", (old.sla_ms, new.sla_ms)),
        ("target", "target", (old.policy.target_ms, new.policy.target_ms)),
    ):
        held = (was <= limits[0], now <= limits[1])
        if held == (True, False):
            what = f"over the {word} of {show_ms(limits[1])} by {show_ms(now - limits[1])}"
            yield place.weaker(f"{kind}-exceeded", what, "it was within before")
        elif held == (False, True):
            what = f"within the {word} of {show_ms(limits[1])}"
            effect = Effect.NEUTRAL if out else Effect.STRONGER
            yield place.judged(effect, f"{kind}-held", what, out)
    worst = (old.slowest_worst_ms, new.slowest_worst_ms)
    if worst[0] != worst[1]:
        what = f"{show_ms(worst[1])} in the worst case, was {show_ms(worst[0])}"
        if worst[1] > worst[0]:
            yield place.weaker("worst-case-longer", what, "all timeouts and retries together")
        elif undone := left_undone(old.plan, new.plan, renamed):
            yield place.neutral("worst-case-shorter", what, undone)
        else:
            yield place.stronger("worst-case-shorter", what)
    path = new.timeline.clock_path
    if tuple(renamed.get(name, name) for name in old.timeline.clock_path) != path:
        yield place.neutral("critical-path", f"critical path: {' + '.join(path)}")


def _buffer(analysis: Analysis) -> int:
    return analysis.sla_ms - analysis.slowest_clock_ms


def _clock(timeline: Timeline) -> int:
    return timeline.clock_ms


def _worst(timeline: Timeline) -> int:
    return timeline.worst_clock_ms
