"""Clearing away what the same piece of shell has made itself: nobody minds where that fails.

`create database shop_back` and then `drop database shop_back || true`; a shovel that was put there
and deletes itself; a timer that is stopped before it is made anew. Neither does anybody mind where
a unit can't be stopped that the same text kills or looks for afterwards.
"""

from __future__ import annotations

import re

from rbdsl.analysis.sql import sql
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.placed_calls import PlacedCall

_KINDS = "(?:database|schema|table|role|user)"
_DROPPED = lazy_pattern(rf"(?i)drop {_KINDS} (?:if exists )?([\w.`\"$-]+)")
_MADE = rf"(?i)create (?:unlogged |temporary )?{_KINDS} (?:if not exists )?"
_KILLING = frozenset(["pkill", "killall", "pgrep", "pidof"])
_PUTS = ("PUT", "POST")


def clears_own(placed: PlacedCall) -> bool:
    """Whether a call takes away what another call of its text makes."""
    call = placed.call
    others = [p for p in placed.place.calls if p is not placed]
    if call.program == "curl":
        if (call.value("X", "request") or "") != "DELETE":
            return False
        addresses = {word for word in placed.texts[1:] if "/" in word}
        puts = (p for p in others if (p.call.value("X", "request") or "") in _PUTS)
        return any(addresses.intersection(p.texts) for p in puts if p.call.program == "curl")
    if call.program == "systemctl":
        units = {unit.partition(".")[0] for unit in call.operands[1:]}
        if call.operands[:1] not in (("stop",), ("disable",)):
            return False
        if units and all(_is_made_sure(placed, unit) for unit in units):
            return True
        return any(
            p.call.program == "systemd-run" and (p.call.value("unit") or "") in units
            for p in others
        )
    dropped = [match[1] for said in sql(call) if (match := _DROPPED.match(said))]
    if not dropped:
        return False
    made = [said for p in others for said in sql(p.call)]
    return all(any(re.search(rf"{_MADE}{re.escape(d)}(?!\w)", m) for m in made) for d in dropped)


def _is_made_sure(placed: PlacedCall, unit: str) -> bool:
    """Whether a unit, or its process, is killed or looked for behind a call."""
    later = (p.call for p in placed.place.calls if p.call.start > placed.call.start)
    return any(
        (call.program in _KILLING or "is-active" in call.operands)
        and unit in (placed.filled(word).partition(".")[0] for word in call.operands)
        for call in later
    )
