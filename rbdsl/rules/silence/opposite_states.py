"""Words for a state that stand in the word for its opposite, too: `healthy` in `unhealthy`.

In: what is looked for in an answer, and the programs that give it. Out: the word that is meant, and
the opposite that passes as well; nothing where the text says where the word begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.analysis.pattern_tests import pattern_tests
from rbdsl.rules.placed_calls import Place, PlacedCall, Role
from rbdsl.source import Span

_OPPOSITES = {
    "active": ("inactive", "INACTIVE"),
    "authorized": ("unauthorized",),
    "available": ("unavailable",),
    "complete": ("incomplete",),
    "connected": ("disconnected", "not connected"),
    "consistent": ("inconsistent",),
    "healthy": ("unhealthy",),
    "installed": ("not-installed", "not installed", "uninstalled"),
    "loaded": ("not loaded", "unloaded"),
    "locked": ("unlocked",),
    "mounted": ("unmounted", "not mounted"),
    "reachable": ("unreachable",),
    "ready": ("not ready", "NotReady", "unready", "NOT_READY"),
    "registered": ("unregistered", "deregistered"),
    "running": ("not running", "NotRunning"),
    "stable": ("unstable",),
    "successful": ("unsuccessful",),
    "synced": ("not synced", "unsynced"),
    "valid": ("invalid",),
    "writable": ("not writable",),
}
"""Each with what says the opposite; capitals count as they are written."""
_WORD = re.compile("|".join(_OPPOSITES), re.IGNORECASE)
_AROUND = ("{}", '"{}"', "={}", ": {}", ":{}", " {} ", "({})", "'{}'", "/{}")
"""What stands around a state in an answer."""
_FAILS = ("f", "fail", "fail-with-body")
_PLATFORMS = frozenset(
    "docker podman kubectl oc aws gcloud az supervisorctl nomad virsh".split()  # noqa: SIM905
)
_NO_OPPOSITE = frozenset(["running", "available", "stable", "complete"])
"""States that these list by names of their own."""
_BASIC = re.compile(r"\\?[(){}|+?]")
_GREP = frozenset(["grep", "egrep", "fgrep"])


def opposite(text: str, *, literal: bool, ignores_case: bool = False) -> tuple[str, str] | None:
    """The word that a text looks for, and its opposite, where both pass."""
    found = _WORD.search(text)
    if found is None or (not literal and "[[" in text):
        return None
    flags = re.IGNORECASE if ignores_case else 0
    try:
        asks = re.compile(re.escape(text) if literal else text, flags)
    except re.error:
        return None
    word = found[0]
    for other in _OPPOSITES[word.lower()]:
        for shown in (other, other.upper(), other.capitalize()):
            for around in _AROUND:
                if asks.search(around.format(word)) and asks.search(around.format(shown)):
                    return word, shown
    return None


def may_say(place: Place, word: str) -> bool:
    """Whether what a piece of shell asks may answer with the opposite, and succeed then."""
    for placed in place.calls:
        call = placed.call
        if call.program == "wget" or (call.program == "curl" and call.has(*_FAILS)):
            return False  # an endpoint that is not healthy answers 503
        if call.program == "systemctl" and call.operands[:1] == ("is-active",):
            return False
        if call.program in _PLATFORMS and word.lower() in _NO_OPPOSITE:
            return False
    return True


def looked_for(place: Place) -> Iterator[tuple[Span, str, bool, bool]]:
    """What commands and tests of a text look for in an answer, literally or not, in any case."""
    for placed in place.calls:
        call = placed.call
        if call.program in _GREP and _judges(placed):
            pattern = placed.filled(call.value("e", "regexp") or _pattern(call))
            literal = call.program == "fgrep" or call.has("F", "fixed-strings")
            if call.program == "grep" and not call.has("E", "P", "extended-regexp", "perl-regexp"):
                pattern = _BASIC.sub(_extended, pattern)
            yield placed.span, pattern, literal, call.has("i", "ignore-case")
    for test in pattern_tests(place.shell.text):
        yield place.span(test.start, test.end), place.filled(test.text), not test.regular, False


def _extended(sign: re.Match[str]) -> str:
    """A sign of a basic regular expression as an extended one has it: there `(` groups."""
    return sign[0][1:] if sign[0].startswith("\\") else f"\\{sign[0]}"


def _judges(placed: PlacedCall) -> bool:
    """Whether a `grep` reads an answer, and its success decides something."""
    call = placed.call
    if call.tested == "!" or call.has("w", "x", "v", "word-regexp", "line-regexp", "invert-match"):
        return False
    if call.stage == 0 and not call.given:
        return False  # a file
    if placed.place.role in (Role.EXPECT, Role.DONE_WHEN):
        return True
    return bool(call.tested) or call.has("q", "quiet", "silent")


def _pattern(call: Call) -> str:
    """The first word of `grep` that is no option."""
    return next((w.text for w in call.words[1:] if not w.text.startswith("-")), "")
