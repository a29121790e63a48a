"""Patterns are read as bash reads them, and which of them take every answer."""

from __future__ import annotations

import subprocess

import pytest

from rbdsl.analysis.matching import finds, holds, takes_anything
from rbdsl.model.steps import Matcher, MatcherKind
from rbdsl.model.values import Text
from rbdsl.source import Source, Span

SPAN = Span(Source("p.rbplan", ""), 0, 0)
PATTERNS = [
    ".",
    ".*",
    ".+",
    "^",
    "$",
    "^$",
    "^.*$",
    ".*?",
    ".+?",
    ".?+",
    "a**",
    "[0-9]*",
    "[0-9]+",
    "^[0-9]+$",
    "^[0-9]*$",
    "(ok|up)",
    "^(ok|)$",
    "ok|$",
    "ok|.*",
    "|ok",
    "[[:digit:]]+",
    "[^[:space:]]+",
    "^[[:alpha:]_]+$",
    "[[:punct:]]",
    "[]x]",
    "[^]x]+",
    "[a\\]",
    "[\\d]",
    "\\d",
    "\\w+",
    "\\.",
    "\\$",
    "\\bok\\b",
    "\\<ok\\>",
    "^.{0,3}$",
    ".{2}",
    "[0-9]{3}",
    "[0-9]{1,}",
    "x{,2}",
    "{2}",
    "ok{",
    "a{,}",
    "*ok",
    "(*ok)",
    "^*ok",
    "a|*b",
    "ok$|^up",
    "a^b",
    "(.*)?",
    "(a|b)*c",
    "[+--]",
    "[--/]",
    "[a-]",
    "[-a]",
    "[a-c-]",
    "[[.a.]]",
    "[[=a=]]",
    "(.)\\1",
    "()",
    "(a",
    "[0-9",
    "~",
    "&",
    "[&&]",
    "[~~]",
    "[||]",
    "2..",
    "^2",
    "200|204",
    "/:~",
]
ANSWERS = [
    "", "ok", "up", "not ok", "200", "503", "000", "a\nb", "ok\n", "x", "]", "\\", "d", "$", "{2}", "*ok",
    "a b", "c", "aac", "3.1.4", "-", "+", "~", "&", "|", "up\tok.", "é", "abca", "^",
]  # fmt: skip


def test_a_pattern_finds_what_bash_finds() -> None:
    asked = [(pattern, answer) for pattern in PATTERNS for answer in ANSWERS]
    words = [word for pair in asked for word in pair]
    loop = 'while (($#)); do { [[ $2 =~ $1 ]]; } 2>/dev/null; echo "$?"; shift 2; done'
    told = subprocess.run(
        ["bash", "-c", loop, "bash", *words], capture_output=True, text=True, check=True
    ).stdout.split()
    wrong, unread = [], 0
    for (pattern, answer), status in zip(asked, told, strict=True):
        found = finds(pattern, answer)
        if found is None:
            unread += 1
        elif (0 if found else 1) != int(status):
            wrong.append((pattern, answer, found, status))
    assert wrong == []
    assert unread < len(asked) / 5


@pytest.mark.parametrize("pattern", [".*", "^", "$", "^.*$", ".*?", "[0-9]*", "(.*)", "ok|.*", "(ok)?", "x{0,3}", "|ok"])  # fmt: skip
def test_a_pattern_that_takes_every_answer(pattern: str) -> None:
    assert takes_anything(Matcher(MatcherKind.MATCHES, Text((pattern,), SPAN), None, SPAN))


@pytest.mark.parametrize("pattern", [".", ".+", "^$", "^[0-9]*$", "^(ok)?$", "^.{0,60}$", "^$|ok", "200|204", "[", "(.)\\1*"])  # fmt: skip
def test_a_pattern_that_asks_for_something(pattern: str) -> None:
    assert not takes_anything(Matcher(MatcherKind.MATCHES, Text((pattern,), SPAN), None, SPAN))


@pytest.mark.parametrize(
    ("kind", "wanted", "answer", "passes"),
    [
        (MatcherKind.EQUALS, " ok", "ok\n", True),
        (MatcherKind.EQUALS, "ok", "not ok", False),
        (MatcherKind.CONTAINS, "", "", True),
        (MatcherKind.CONTAINS, "ok", "not ok", True),
        (MatcherKind.MATCHES, "^ok$", " ok\n", True),
        (MatcherKind.EQUALS_FILE, "counts.txt", "counts.txt", None),
    ],
)
def test_what_passes(kind: MatcherKind, wanted: str, answer: str, passes: bool | None) -> None:
    assert holds(Matcher(kind, Text((wanted,), SPAN), None, SPAN), answer) is passes


def test_a_pattern_that_could_take_for_ever_is_left_alone() -> None:
    assert finds("^(a+)+$", "a" * 40 + "b") is None
    assert finds("^" + "a*" * 20 + "$", "a" * 90 + "b") is None
