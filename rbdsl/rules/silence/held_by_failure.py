"""Checks that hold where nothing could be asked: `! ask | grep …`, `[ -z "$(ask)" ]`, `! ask`.

In: a piece of shell. Out: the questions whose failure is a success of the check, and how. What is
asked by the same program beside it, and has to answer, shows that it could be asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rbdsl.analysis.calls import Call
from rbdsl.diagnostics import Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall, Role
from rbdsl.rules.silence.empty_answers import asks_somebody

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
    """The question, the program that asks it, how its failure is a success, and the mend."""

    asked: PlacedCall
    program: str
    how: str
    mend: str
    severity: Severity


def held_by_failure(context: Context, place: Place) -> Iterator[HeldByFailure]:
    """Each such question of an expectation, where nothing else shows that it could be asked."""
    for placed in place.calls:
        call = placed.call
        if call.stage or (call.where and call.start == call.end):
            continue
        found = next((told for holds, told in _FORMS if holds(placed)), None)
        if found is not None and not _is_asked_elsewhere(context, placed):
            yield HeldByFailure(placed, call.program or call.words[0].text, *found)


def has_to_answer(call: Call) -> bool:
    """Whether a failure of a call is one of the text that it stands in."""
    return call.tested not in ("!", "||") and (not call.substituted or call.holder == "=")


def is_beside(other: Place, own: Place) -> bool:
    """Whether a piece of shell is asked with another one: of a step, of the verification."""
    if own.role is Role.DONE_WHEN or other.role is not own.role:
        return other is own
    return other.step is own.step if own.step else other.check is not None


def _is_asked_elsewhere(context: Context, placed: PlacedCall) -> bool:
    """Whether a question that has to succeed is asked by the same program, beside this one."""
    own = placed.place
    empty = placed.call.substituted
    return any(
        (has_to_answer(other.call) if empty else other.call.tested not in ("!", "||"))
        and is_beside(other.place, own)
        for other in context.calls_by_program.get(placed.call.program, ())
        if other is not placed
    )


def _is_negated_search(placed: PlacedCall) -> bool:
    call = placed.call
    if call.tested != "!" or call.program in _SAYING | _OF_FILES:
        return False
    return call.pipe[-1] in _SEARCHING and call.strictness.pipefail and not call.substituted


def _has_to_be_empty(placed: PlacedCall) -> bool:
    """Whether a test holds where a call prints nothing, or no line, and the check with it."""
    call, text = placed.call, placed.place.shell.text
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
    behind = (placed, *placed.place.behind(placed))
    end = next((p.call.end for p in behind if (p.call.stage, p.call.pipe) == (last, call.pipe)), 0)
    closing = form.match(text, end) if end else None
    return closing is not None and not _REFUSING.search(closing["behind"])


def _is_negated_question(placed: PlacedCall) -> bool:
    call = placed.call
    if call.tested != "!" or len(call.pipe) > 1 or call.substituted or call.where:
        return False
    return call.program in _FAR and not _STATUS.search(placed.place.shell.text)


_FORMS = (
    (
        _is_negated_search,
        (
            "the pipe fails then, which `!` makes a success",
            'ask first, and search behind it: `answer="$(…)" && ! grep -q … <<<"$answer"`',
            Severity.WARNING,
        ),
    ),
    (
        _has_to_be_empty,
        (
            "it prints nothing then, which is what is wanted",
            'ask first, and look at the answer behind it: `answer="$(…)" && [ -z "$answer" ]`',
            Severity.WARNING,
        ),
    ),
    (
        _is_negated_question,
        (
            "it fails then, which `!` makes a success",
            "ask for what is there instead, such as the status code, and compare that",
            Severity.PEDANTIC,
        ),
    ),
)
"""Each form of such a question: how its failure is a success, the mend, how sure that is."""
