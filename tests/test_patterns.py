"""Lazy patterns: what they find is what compiled ones find, and they are compiled when used."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from rbdsl.patterns import lazy_pattern

COMPILED_BY_IMPORTS = """
import re
made = []
compiled = re.compile
re.compile = lambda *given: made.append(given) or compiled(*given)
from rbdsl.patterns import lazy_pattern
one = lazy_pattern("a+")
print(len(made))
one.search("aa"), one.match("b")
print(len(made))
"""


def test_a_lazy_pattern_finds_what_a_compiled_one_does() -> None:
    lazy, compiled = lazy_pattern(r"(?P<word>b)|c", re.IGNORECASE), re.compile("(?i)b|c")
    for method in ("search", "match", "fullmatch"):
        for text in ("B", "abc", "", "xc"):
            found, wanted = getattr(lazy, method)(text), getattr(compiled, method)(text)
            assert (found and found.span()) == (wanted and wanted.span())
    assert lazy.findall("abC") == ["b", ""]
    assert [m.span() for m in lazy.finditer("abC")] == [(1, 2), (2, 3)]
    assert (lazy.sub("-", "abC"), lazy.subn("-", "abC")) == ("a--", ("a--", 2))
    assert lazy.split("aBd") == ["a", "B", "d"]
    assert (lazy.groups, dict(lazy.groupindex)) == (1, {"word": 1})
    assert (lazy.pattern, bool(lazy.flags & re.IGNORECASE)) == (r"(?P<word>b)|c", True)


def test_bytes_are_searched_by_patterns_of_bytes() -> None:
    found = lazy_pattern(rb"b+").search(b"abb")
    assert found is not None
    assert found[0] == b"bb"


def test_what_is_wrong_with_a_pattern_shows_when_it_is_used() -> None:
    wrong = lazy_pattern("(")
    with pytest.raises(re.error):
        wrong.search("")


def test_it_is_compiled_once_and_not_before_it_is_used() -> None:
    done = subprocess.run(
        [sys.executable, "-c", COMPILED_BY_IMPORTS], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["0", "1"]
