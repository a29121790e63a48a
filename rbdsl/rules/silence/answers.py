"""Whether somebody looks at what a command prints, and what that is judged by.

A matcher of an expectation looks, a reader of its pipe that can fail, a test of the same text.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from rbdsl.analysis.calls import Call
from rbdsl.analysis.empty_checks import is_passive
from rbdsl.analysis.judged import is_judged
from rbdsl.analysis.matching import holds
from rbdsl.model.steps import Expectation
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.placed_calls import Place, PlacedCall, Role

_TEST = lazy_pattern(r"\[\[? |\btest |\bcase |\(\(")
_WAYS_OUT = frozenset(["exit", "return", "break", "continue"])
SHRUGS = frozenset(["true", ":", "echo", "printf", "logger"])
_SAYING = lazy_pattern(r"(?:log|warn|info|say|notice|debug|msg|print)(?:[_-]\w+)?\Z")


def expectation(place: Place) -> Expectation | None:
    """The expectation that a piece of shell belongs to."""
    if place.role is not Role.EXPECT:
        return None
    owner = place.step or place.check
    found = (e for e in (owner.expectations if owner else ()) if e.shell is place.shell)
    return next(found, None)


def matched(place: Place) -> bool:
    """Whether the output of a piece of shell is compared with something, and may be otherwise."""
    own = expectation(place)
    return place.role is Role.QUERY or (own is not None and is_judged(own))


def accepts(place: Place, output: str) -> bool:
    """Whether an expectation may hold with this output; what is compared has to be known."""
    own = expectation(place)
    if own is None or own.matcher is None:
        return True
    return holds(own.matcher, output) is True


def readers(placed: PlacedCall) -> Iterator[Call]:
    """The calls behind it in its pipe."""
    own = placed.call
    stage = own.stage
    if stage + 1 >= len(own.pipe):
        return
    for other in placed.place.behind(placed):
        call = other.call
        if call.where != own.where or call.substituted != own.substituted:
            continue
        same = call.pipe is own.pipe or call.pipe == own.pipe  # a long one is compared once
        if same and call.stage == stage + 1:
            stage += 1
            yield call
        elif call.stage <= own.stage:
            return  # the next pipe


@lru_cache(maxsize=4096)
def _tests(text: str) -> bool:
    """Whether a text tests something anywhere."""
    return _TEST.search(text) is not None


def looked_at(placed: PlacedCall) -> bool:
    """Whether the output of a call is judged by somebody who can find it wrong."""
    call = placed.call
    away = any(r.descriptor == 1 and r.operator.startswith((">", "&>")) for r in call.redirections)
    if any(not is_passive(reader) for reader in readers(placed)):
        return True
    if call.substituted and _tests(placed.place.shell.text):
        return True
    return not away and matched(placed.place)


def is_shrug(words: tuple[str, ...]) -> bool:
    """Whether a command that runs after a failure does nothing about it: `true`, `echo failed`."""
    if not words:
        return False
    if words[0] in ("exit", "return"):
        return words[1:2] == ("0",)
    return words[0] in SHRUGS or _SAYING.match(words[0]) is not None


def leaves(placed: PlacedCall) -> bool:
    """Whether success is what ends the text: `change && exit 0`, `change && break`."""
    behind = placed.place.behind(placed)
    following = next((p for p in behind if p.call.start >= placed.call.end), None)
    return following is not None and following.call.program in _WAYS_OUT
