"""Triggers: removed, loosened or tightened, by the direction in which they compare."""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.model.metrics import Trigger, Triggers
from rbdsl.model.plan import Plan
from rbdsl.model.steps import Comparison
from rbdsl.model.values import Text, show_ms
from rbdsl.review.changes.amounts import Amount
from rbdsl.review.changes.change import Change, Effect, Place
from rbdsl.review.changes.pairing import paired
from rbdsl.review.changes.rest import rest
from rbdsl.review.changes.wording import named, quoted
from rbdsl.rules.prose import name_meant, threshold_in

_LATER = "the rollback begins later"
_HOLD = Amount("trigger-hold", "`for`", Effect.WEAKER, Effect.STRONGER, _LATER, "it begins sooner")
_STRICTNESS = ("reset", "hold", "alert", "breach")
"""What a gap in the data leads to, the least first."""


def triggers(old: Plan, new: Plan) -> Iterator[Change]:
    """When the rollback begins, before and now."""
    before, after = old.triggers, new.triggers
    was, now = before.automatic if before else (), after.automatic if after else ()
    pairs = paired(was, now, _key)
    for trigger in pairs.gone:
        yield Place("triggers", trigger.span).weaker(
            "trigger-removed",
            f"`{_shown(trigger)}` removed",
            "the rollback does not begin by itself then",
        )
    for trigger in pairs.added:
        yield Place("triggers", trigger.span).stronger(
            "trigger-added", f"`{_shown(trigger)}` added"
        )
    for one, other in pairs.kept:
        place = Place(f"trigger on {named(other.metric)}", other.span)
        yield from _trigger(place, one, other)
    yield from _manual(before, after, {t.metric.text: t for t in now})
    if before and after:
        yield from _settings(Place("triggers", after.span), before, after)
    elif before != after and not (was or now or _manual_of(before) or _manual_of(after)):
        block = before or after
        word = "added" if after else "removed"
        place = Place("triggers", block.span if block else None)
        yield place.neutral(f"triggers-{word}", f"{word}, and nothing in it begins the rollback")


def _trigger(place: Place, old: Trigger, new: Trigger) -> Iterator[Change]:
    rise = new.threshold.value - old.threshold.value
    if old.comparison.value.startswith("<"):
        rise = -rise
    what = f"threshold `{new.comparison} {new.threshold}`, was `{old.comparison} {old.threshold}`"
    if rise > 0:
        yield place.weaker("trigger-loosened", what, _LATER)
    elif rise < 0:
        yield place.stronger("trigger-tightened", what, "the rollback begins sooner")
    elif old.comparison != new.comparison:
        strict = new.comparison in {Comparison.GREATER, Comparison.LESS}
        effect = Effect.WEAKER if strict else Effect.STRONGER
        yield place.judged(effect, "trigger-changed", what)
    yield from _HOLD.compare(place, old.hold, new.hold)
    was, now = old.consecutive or 1, new.consecutive or 1
    if was != now and not new.counts_breaches:
        what = f"fires on breach {now} in a row, was {was}"
        if now > was:
            yield place.weaker("trigger-loosened", what, _LATER)
        else:
            yield place.stronger("trigger-tightened", what)
    yield from rest(place, old, new, "metric comparison threshold hold consecutive scenario")
    run = [t.scenario.text if t.scenario else "the whole plan" for t in (old, new)]
    if run[0] != run[1]:
        yield place.neutral("trigger-scenario", f"runs {run[1]} instead of {run[0]}")


def _manual(
    old: Triggers | None, new: Triggers | None, watched: dict[str, Trigger]
) -> Iterator[Change]:
    pairs = paired(old.manual if old else (), new.manual if new else (), lambda t: t.plain)
    for text in pairs.gone:
        threshold = threshold_in(text.plain)
        metric = name_meant(threshold.subject, watched) if threshold else None
        if metric:
            yield Place("triggers", text.span).neutral(
                "manual-trigger-automated",
                f"{quoted(text.plain)} is watched by `{_shown(watched[metric])}`",
            )
            continue
        yield Place("triggers", text.span).weaker(
            "manual-trigger-removed",
            f"{quoted(text.plain)} is no reason to roll back any more",
            "nobody is told to decide then, unless a trigger does",
        )
    for text in pairs.added:
        yield Place("triggers", text.span).stronger(
            "manual-trigger-added", f"{quoted(text.plain)} is a reason to roll back"
        )


def _manual_of(found: Triggers | None) -> tuple[Text, ...]:
    return found.manual if found else ()


def _settings(place: Place, old: Triggers, new: Triggers) -> Iterator[Change]:
    for kind, word, was, now, why in (
        ("sampling", "looks every", old.every_ms, new.every_ms, "a breach is seen later"),
        (
            "cooldown",
            "pauses after a rollback for",
            old.cooldown_ms,
            new.cooldown_ms,
            "nothing is watched meanwhile",
        ),
    ):
        if was != now:
            effect = Effect.WEAKER if now > was else Effect.STRONGER
            what = f"{word} {show_ms(now)}, was {show_ms(was)}"
            yield place.judged(effect, f"{kind}-changed", what, why if now > was else "")
    before, after = _no_data(old), _no_data(new)
    if before != after:
        ranks = [_STRICTNESS.index(p) if p in _STRICTNESS else 0 for p in (before[0], after[0])]
        what = f"missing data: `{after[0]}`{after[1]}, was `{before[0]}`{before[1]}"
        effect = Effect.NEUTRAL
        if ranks[0] != ranks[1]:
            effect = Effect.WEAKER if ranks[1] < ranks[0] else Effect.STRONGER
        elif _patience(new) != _patience(old):
            effect = Effect.WEAKER if _patience(new) > _patience(old) else Effect.STRONGER
        why = "a gap in the data hides more" if effect is Effect.WEAKER else ""
        yield place.judged(effect, "no-data-changed", what, why)


def _no_data(found: Triggers) -> tuple[str, str]:
    if found.no_data is None:
        return "hold", ""
    return found.no_data.policy.text, f" after {found.no_data.after}" if found.no_data.after else ""


def _patience(found: Triggers) -> int:
    """Milliseconds without data until it is told."""
    return found.no_data.after.ms if found.no_data and found.no_data.after else 0


def _key(trigger: Trigger) -> str:
    return f"{trigger.metric} {trigger.comparison.value[0]}"


def _shown(trigger: Trigger) -> str:
    hold = f" for {trigger.hold}" if trigger.hold else ""
    row = f" {trigger.consecutive} consecutive" if trigger.consecutive else ""
    consecutive = " consecutive" if trigger.counts_breaches else row
    return f"{trigger.metric} {trigger.comparison} {trigger.threshold}{hold}{consecutive}"
