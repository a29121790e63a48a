"""What commands no longer notice, or notice now: options that guard, time limits, lost failures.

The commands of both versions are paired by their words; of a command that is another one nothing
is said. What each option guards is in `rbdsl.analysis.guards`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from difflib import SequenceMatcher

from rbdsl.analysis.call_outcome import SAYING
from rbdsl.analysis.guards import BLINDERS, GUARDS, Guard, given
from rbdsl.model.values import Shell, show_ms
from rbdsl.review.changes.change import Change, Place
from rbdsl.review.changes.pairing import ALIKE, paired
from rbdsl.review.changes.wording import names
from rbdsl.rules import placed_calls
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.silence.answers import is_shrug, looked_at
from rbdsl.rules.silence.rb836_client_goes_on import goes_on
from rbdsl.rules.time.own_limits import own_limits, wrapping_limit

_CLEARS = frozenset(["rm", "rmdir", "unlink", "kill", "pkill", "killall", "umount"])
"""What it clears away may well not be there: a failure that is passed over is no loss."""
_ANSWERS = frozenset(["grep", "egrep", "fgrep", "zgrep", "pgrep", "diff", "cmp", "test", "["])
"""A failure is an answer: `n=$(grep -c x log || true)` is 0 where there is none."""
_SHRUGGED = "the text goes on as if it had worked"
_PASSED = "its shell goes on, and ends with the status of its last command"
_PIPED = "only the end of its pipe counts"


def guards(
    place: Place, old: Shell | None, new: Shell | None, *, judged: bool = False
) -> Iterator[Change]:
    """What the commands of a text notice less or more; `judged` where its output is compared."""
    if old is None or new is None or old.text == new.text:
        return
    pairs = paired(_calls(old), _calls(new), lambda p: p.call.text, _likeness(old, new)).kept
    told: set[tuple[str, str]] = set()
    for was, now in pairs:
        for change in (*_options(place, was, now, judged=judged), *_limits(place, was, now)):
            if (change.kind, change.what) not in told:
                told.add((change.kind, change.what))
                yield change
    lost = [(now, why) for was, now in pairs if (why := _lost(now)) and not _lost(was)]
    for why in dict.fromkeys(why for _, why in lost):
        yield place.weaker(
            "failure-lost", f"a failure of {_named(lost, why)} no longer counts", why
        )
    found = [(now, why) for was, now in pairs if (why := _lost(was)) and not _lost(now)]
    for why in dict.fromkeys(why for _, why in found):
        yield place.stronger("failure-counts", f"a failure of {_named(found, why)} counts now")


def _options(place: Place, was: PlacedCall, now: PlacedCall, *, judged: bool) -> Iterator[Change]:
    program = f"`{now.call.program}`"
    gone, added = _differing(given(was.call, GUARDS), given(now.call, GUARDS))
    for guard in gone:
        if not (guard.answer and (judged or looked_at(now))):
            yield place.weaker("guard-removed", f"{program} has no `{guard.shown}` now", guard.why)
    for guard in added:
        if not (guard.answer and (judged or looked_at(was))):
            yield place.stronger("guard-added", f"{program} has `{guard.shown}` now")
    gone, added = _differing(given(was.call, BLINDERS), given(now.call, BLINDERS))
    for guard in added:
        yield place.weaker("guard-removed", f"{program} has `{guard.shown}` now", guard.why)
    for guard in gone:
        yield place.stronger("guard-added", f"{program} has no `{guard.shown}` now")
    if goes_on(now) and not goes_on(was):
        what = f"{program} no longer ends at the first error"
        yield place.weaker("guard-removed", what, goes_on(now))
    elif goes_on(was) and not goes_on(now):
        yield place.stronger("guard-added", f"{program} ends at the first error now")


def _differing(was: Iterable[Guard], now: Iterable[Guard]) -> tuple[list[Guard], list[Guard]]:
    return [g for g in was if g not in now], [g for g in now if g not in was]


def _limits(place: Place, was: PlacedCall, now: PlacedCall) -> Iterator[Change]:
    """The time limit of a command by its own options, or by the `timeout` before it."""
    before, after = _limit(was), _limit(now)
    if before == after or (before is None and _unread(was)) or (after is None and _unread(now)):
        return
    what = f"the time limit of `{now.call.program}`"
    why = "what hangs is stopped later"
    if after is None:
        yield place.weaker("limit-removed", f"{what} removed, it was {show_ms(before or 0)}", why)
    elif before is None:
        yield place.stronger("limit-added", f"{what} added, {show_ms(after)}")
    elif after > before:
        raised = f"{what} raised from {show_ms(before)} to {show_ms(after)}"
        yield place.weaker("limit-raised", raised, why)
    else:
        yield place.stronger(
            "limit-lowered", f"{what} lowered from {show_ms(before)} to {show_ms(after)}"
        )


def _limit(placed: PlacedCall) -> int | None:
    found = [*own_limits(placed), wrapping_limit(placed)]
    known = [limit for limit in found if limit and not limit.certain]
    # The pauses between attempts are no limit: without them it takes less time.
    return min((limit.ms for limit in known if "retry" not in limit.words), default=None)


def _unread(placed: PlacedCall) -> bool:
    """Whether a call may have a limit that only its variables know: `--max-time "$limit"`."""
    call = placed.call
    around = (words[0].text.rpartition("/")[2] for words in call.wrappers)
    return "timeout" in around or any(
        value and "$" in value and ("time" in name or name in ("m", "t", "w"))
        for name, value in call.options
    )


def _lost(placed: PlacedCall) -> str:
    """Why a failure of a call goes for nothing; empty where it counts, or hardly happens."""
    call, strict = placed.call, placed.call.strictness
    if call.program in SAYING or call.program in _CLEARS:
        return ""
    if call.program in _ANSWERS and call.substituted:
        return ""
    if is_shrug(call.otherwise) and call.tested == "||":
        return _SHRUGGED
    if call.tested or call.otherwise or call.substituted:
        return ""
    if call.stage + 1 < len(call.pipe):
        return "" if strict.pipefail else _PIPED
    return "" if strict.errexit or strict.last or strict.kept or strict.doomed else _PASSED


def _named(found: list[tuple[PlacedCall, str]], why: str) -> str:
    words = [p.call.program or p.call.words[0].text for p, reason in found if reason == why]
    return names(dict.fromkeys(words))


def _calls(shell: Shell) -> tuple[PlacedCall, ...]:
    return placed_calls.Place(shell, placed_calls.Role.RUN).calls


def _likeness(old: Shell, new: Shell) -> Callable[[PlacedCall, PlacedCall], float]:
    """How much two calls are the same one; the only ones of their program are in any case."""
    counts = [Counter(placed.call.program for placed in _calls(side)) for side in (old, new)]

    def likeness(was: PlacedCall, now: PlacedCall) -> float:
        if was.call.program != now.call.program:
            return 0.0
        before, after = ([word.text for word in p.call.words] for p in (was, now))
        ratio = SequenceMatcher(None, before, after, autojunk=False).ratio()
        alone = all(count[now.call.program] == 1 for count in counts)
        return max(ratio, ALIKE) if alone else ratio

    return likeness
