"""Expectations that go through several hosts and are content with the answer of one of them.

In: an expectation. Out: how many answers its loop prints, where the matcher only looks for
something in all of them together, and nothing in the loop judges each.
"""

from __future__ import annotations

from rbdsl.analysis.calls import Call
from rbdsl.analysis.last_loop import last_loop
from rbdsl.analysis.list_calls import list_named
from rbdsl.analysis.list_loops import list_loops
from rbdsl.model.steps import Matcher, MatcherKind
from rbdsl.rules.placed_calls import Place

_HANDING_ON = frozenset(["sort", "uniq", "tr", "paste", "cat", "tee", "xargs", "column"])
"""What leaves all answers in the text, each once at least."""
_JUDGING = frozenset(
    """
    exit return break test [ grep egrep fgrep cmp diff false kill
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_FAILS = ("f", "fail", "fail-with-body")


def answers_of_which_one_is_enough(place: Place, matcher: Matcher) -> int:
    """The number of hosts whose answers are not told apart; 0 where each has to be right."""
    text, wanted = place.shell.text, matcher.value.plain
    if matcher.kind is MatcherKind.MATCHES:
        if wanted.startswith("^") or wanted.endswith("$"):
            return 0
    elif matcher.kind is not MatcherKind.CONTAINS or "\n" in wanted:
        return 0
    whole = last_loop(text) if "[[" not in text and "case" not in text else None
    if whole is None:
        return 0
    loops = [loop for loop in list_loops(text) if whole[0] <= loop.begin <= whole[1]]
    if len(loops) != 1:
        return 0
    (loop,) = loops
    for placed in place.calls:
        call = placed.call
        if call.start >= loop.end and call.program not in _HANDING_ON:
            return 0
        if call.program in _JUDGING or call.tested or _judges(call):
            return 0
        if call.program == "curl" and call.has(*_FAILS) and not any(map(str.isdigit, wanted)):
            return 0  # each has to answer at all, and that may be what is asked
    lists = place.lists or {}
    return sum(len(lists.get(list_named(word), (word,))) for word in loop.words)


def _judges(call: Call) -> bool:
    """Whether it fails where the answer is not right."""
    return call.program == "jq" and call.has("e", "exit-status")
