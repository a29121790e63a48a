"""Comparisons of two answers of which nobody sees that they are missing: nothing equals nothing.

In: a text and its calls. Out: the calls whose answers are compared with each other, where a failure
of both leaves two empty texts: `diff <(ask a) <(ask b)`, `[[ $(ask a) == $(ask b) ]]`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from rbdsl.analysis.calls import Call
from rbdsl.patterns import lazy_pattern

LOCAL = frozenset(
    """
    seq ls cat echo printf find date tr cut sed awk sort head tail grep uniq basename dirname comm
    jq rev tac nl wc expr
    """.split()  # noqa: SIM905 - a list of words is read as one
)
"""What lists or filters, and asks nobody."""
_READS_FILES = frozenset(
    """
    base64 bunzip2 column gunzip gzip md5sum sha1sum sha256sum sha512sum strings tar unzip xz xzcat
    yq zcat zgrep zstd zstdcat bzcat git hostname id pwd uname
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_COMPARING = frozenset(["diff", "cmp", "sdiff", "colordiff"])
_BETWEEN = lazy_pattern(r"\s*\)[\"']?\s+(?P<sign>==?|-eq)\s+[\"']?\$\(\s*\Z")
_NEAR = 100


def equal_without_answers(text: str, calls: Sequence[Call]) -> Iterator[tuple[Call, str]]:
    """What compares two answers of the same program, with that program.

    Of `diff` that call, of a test the first of the calls that it asks by. Two programs hardly fail
    together: they are left alone.
    """
    if "<(" in text:
        yield from _of_files(calls)
    if text.count("$(") > 1:
        yield from _of_tests(text, calls)


def _of_files(calls: Sequence[Call]) -> Iterator[tuple[Call, str]]:
    waiting: Call | None = None
    asked: list[str] = []
    for call in calls:
        if call.program in _COMPARING and call.substituted != "<(":
            sides = [word for word in call.words[1:] if not word.text.startswith("-")]
            whole = len(sides) == 2 and all(word.text.startswith("<(") for word in sides)
            waiting, asked = (call if whole and call.tested != "!" else None), []
        elif waiting and _is_within(call, waiting):
            asked.append("" if call.otherwise else call.program)
            if len(asked) == 2 and asked[0] == asked[1] and asks_somebody(asked[0]):
                yield waiting, asked[0]


def _is_within(call: Call, reader: Call) -> bool:
    """Whether a call is the first of a pipe in a `<( )` that another one reads."""
    inside = reader.start < call.start < reader.end and call.where == reader.where
    return inside and call.substituted == "<(" and call.stage == 0


def _of_tests(text: str, calls: Sequence[Call]) -> Iterator[tuple[Call, str]]:
    pairs = list(_pairs(text, calls))
    asked = Counter(call.program for call in calls if pairs and call.substituted == "$(")
    compared = Counter(first.program for first in pairs)
    for first in pairs:
        program = first.program
        if asked[program] == 2 * compared[program]:  # else it is compared with something else, too
            yield first, program


def _pairs(text: str, calls: Sequence[Call]) -> Iterator[Call]:
    """The first call of each two whose answers have to be equal."""
    first: Call | None = None
    before: Call | None = None
    for call in calls:
        if before and call.start < before.end:
            continue  # what `ssh` runs there
        if call.substituted != "$(" or call.holder not in ("", "word") or call.otherwise:
            first = before = None
            continue
        if call.stage:
            before = call
            continue
        if first and before and first.program == call.program and asks_somebody(call.program):
            end = before.end
            between = _BETWEEN.match(text[end : min(call.start, end + _NEAR)])
            if between and (between["sign"] != "-eq" or _is_bash_test(text, first)):
                yield first
        first = before = call


def _is_bash_test(text: str, first: Call) -> bool:
    """Whether it is `[[`, which takes nothing for 0; `[` ends with an error."""
    opening = text[max(0, first.start - _NEAR) : first.start]
    return re.search(r"\[\[\s+[\"']?\$\(\s*\Z", opening) is not None


def asks_somebody(program: str) -> bool:
    """Whether a program asks another one, and may get no answer; in doubt it does."""
    return bool(program) and program not in LOCAL | _READS_FILES
