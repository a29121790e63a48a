"""Checks that hold where nothing could be asked: `! ask | grep …`, `[ -z "$(ask)" ]`, `! ask`.

In: a text and its calls. Out: the questions whose failure is a success of the check, and how. What
is asked by the same program beside it, and has to answer, shows that it could be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from rbdsl.analysis.calls import Call
from rbdsl.analysis.empty_answers import asks_somebody, equal_without_answers
from rbdsl.patterns import lazy_pattern

_SEARCHING = frozenset(["grep", "egrep", "fgrep"])
_OF_FILES = frozenset(["cat", "ls", "ps", "find", "sort", "tail", "head", "sudo", "set"])
_SAYING = frozenset(["echo", "printf", "true", ":", "date", "sleep", "df", "free", "uptime"])
_HERE = frozenset(
    """
    pgrep pidof ss lsof netstat getent mount findmnt lsmod dpkg rpm command which type test [ stat
    crontab jobs fuser iptables-save nft
    """.split()  # noqa: SIM905 - a list of words is read as one
)
"""What looks at this host only, and hardly fails."""
_FAR = frozenset(
    """
    curl wget kubectl oc helm psql mysql mariadb redis-cli mongosh aws gcloud az etcdctl consul
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_STATEMENT = r"(?:\A|[\n;]|&&|\bthen\b|\bdo\b)\s*"
_EMPTY = lazy_pattern(_STATEMENT + r"(?:\[\[?|test)\s+(?:-z|!\s+-n)\s+[\"']?\$\(\s*\Z")
_ANSWER = lazy_pattern(_STATEMENT + r"(?:\[\[?|test)\s+[\"']?\$\(\s*\Z")
_BEHIND = r"(?:\s+\]\]?)?\s*(?P<behind>&&\s*\{?\s*\w+|)"
_CLOSING = lazy_pattern(r"[^)|&;]*\)[\"']?" + _BEHIND)
_IS_NOTHING = lazy_pattern(r"[^)|&;]*\)[\"']?\s+==?\s+(?:\"\"|'')" + _BEHIND)
_IS_ZERO = lazy_pattern(r"[^)|&;]*\)[\"']?\s+(?:==?|-eq)\s+[\"']?0[\"']?" + _BEHIND)
_REFUSING = lazy_pattern(r"\b(?:exit|return|false|echo|printf)\b")
_STATUS = lazy_pattern(r"http_code|response_code")
_NEAR = 100


class HeldByFailure(NamedTuple):
    """The question, the program that asks it, how its failure is a success, and the mend.

    `surely`: else it may be that nothing is to answer.
    """

    asked: Call
    program: str
    how: str
    mend: str
    surely: bool


def held_by_failure(
    text: str, calls: Sequence[Call], beside: Callable[[str], Iterable[Call]]
) -> Iterator[HeldByFailure]:
    """Each such question of a text with these calls, where nothing shows that it could be asked.

    `beside` gives the calls of a program that are asked together with it, its own among them.
    """
    for at, call in enumerate(calls):
        if call.stage or (call.where and call.start == call.end):
            continue
        found = next((told for holds, told in _FORMS if holds(text, calls, at)), None)
        if found is not None and not _is_asked_elsewhere(call, beside(call.program)):
            yield HeldByFailure(call, call.program or call.words[0].text, *found)


def held_without_answer(
    text: str, calls: Sequence[Call], beside: Callable[[str], Iterable[Call]]
) -> Iterator[tuple[Call, str]]:
    """What compares two answers, and holds where neither is there, with the program that asks."""
    for call, program in equal_without_answers(text, calls):
        if not any(map(has_to_answer, beside(program))):
            yield call, program


def has_to_answer(call: Call) -> bool:
    """Whether a failure of a call is one of the text that it stands in."""
    return call.tested not in ("!", "||") and (not call.substituted or call.holder == "=")


def _is_asked_elsewhere(call: Call, beside: Iterable[Call]) -> bool:
    """Whether a question that has to succeed is asked by the same program, beside this one."""
    return any(
        has_to_answer(other) if call.substituted else other.tested not in ("!", "||")
        for other in beside
        if other is not call
    )


def _is_negated_search(_: str, calls: Sequence[Call], at: int) -> bool:
    call = calls[at]
    if call.tested != "!" or call.program in _SAYING | _OF_FILES:
        return False
    return call.pipe[-1] in _SEARCHING and call.strictness.pipefail and not call.substituted


def _has_to_be_empty(text: str, calls: Sequence[Call], at: int) -> bool:
    """Whether a test holds where a call prints nothing, or no line, and the check with it."""
    call = calls[at]
    if call.substituted != "$(" or call.where:
        return False
    if call.program in _HERE or not asks_somebody(call.program):
        return False
    opening = text[max(0, call.start - _NEAR) : call.start]
    form = _CLOSING if _EMPTY.search(opening) else _IS_NOTHING if _ANSWER.search(opening) else None
    if form is None:
        return False
    if form is _IS_NOTHING and call.pipe[-1] == "wc":
        form = _IS_ZERO
    last = len(call.pipe) - 1
    own = islice(calls, at, None)
    end = next((one.end for one in own if (one.stage, one.pipe) == (last, call.pipe)), 0)
    closing = form.match(text, end) if end else None
    return closing is not None and not _REFUSING.search(closing["behind"])


def _is_negated_question(text: str, calls: Sequence[Call], at: int) -> bool:
    call = calls[at]
    if call.tested != "!" or len(call.pipe) > 1 or call.substituted or call.where:
        return False
    return call.program in _FAR and not _STATUS.search(text)


_FORMS = (
    (
        _is_negated_search,
        (
            "the pipe fails then, which `!` makes a success",
            'ask first, and search behind it: `answer="$(…)" && ! grep -q … <<<"$answer"`',
            True,
        ),
    ),
    (
        _has_to_be_empty,
        (
            "it prints nothing then, which is what is wanted",
            'ask first, and look at the answer behind it: `answer="$(…)" && [ -z "$answer" ]`',
            True,
        ),
    ),
    (
        _is_negated_question,
        (
            "it fails then, which `!` makes a success",
            "ask for what is there instead, such as the status code, and compare that",
            False,
        ),
    ),
)
"""Each form of such a question: how its failure is a success, the mend, how sure that is."""
