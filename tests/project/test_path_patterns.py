"""Which files a pattern of a configuration is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from rbdsl.project.path_patterns import path_pattern, problem_of

FOLDER = Path("/srv/shop")


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("*.rbplan", ["a.rbplan", "x/y/a.rbplan"], ["a.rbplan2", "a.txt"]),
        ("legacy", ["legacy/a", "x/legacy/y/a", "legacy"], ["legacy2/a", "x/not-legacy/a"]),
        ("legacy/", ["legacy/a"], ["legacy2/a"]),
        ("plans/*.rbplan", ["plans/a.rbplan"], ["x/plans/a.rbplan", "plans/x/a.rbplan"]),
        ("plans/**", ["plans/a", "plans/x/y/a"], ["a", "x/plans/a"]),
        ("plans/**/old", ["plans/old/a", "plans/x/y/old/a"], ["plans/a", "old/a"]),
        ("**/old/*.rbplan", ["old/a.rbplan", "x/y/old/a.rbplan"], ["old/x/a.txt"]),
        ("./a.rbplan", ["a.rbplan"], ["x/a.rbplan"]),
        ("a?.[xy]", ["ab.x", "ab.y"], ["a.x", "ab.z", "a/.x"]),
        ("[!a]*", ["b.rbplan"], []),
        ("a[[]b].x", ["a[b].x"], ["ab.x"]),
        ("a[]b].x", ["a].x", "ab.x"], ["a[.x"]),
        ("a.b+c(d)", ["a.b+c(d)"], ["aXb+c(d)"]),
        ("ü*/ß", ["über/ß"], ["uber/ß"]),
    ],
)
def test_patterns(pattern: str, inside: list[str], outside: list[str]) -> None:
    compiled = path_pattern(pattern, FOLDER)
    assert problem_of(pattern) is None
    assert [name for name in inside if not compiled.matches(FOLDER / name)] == []
    assert [name for name in outside if compiled.matches(FOLDER / name)] == []
    assert not compiled.matches(Path("/srv/other/a/b"))


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("", "is empty"),
        ("/", "is empty"),
        ("/etc/*", "is absolute"),
        ("a/../../b", "leads out"),
        ("a\\b", "backslash"),
        ("{a,b}/*", "braces"),
        ("a/[z", "`a/[z` has a `[` without its `]`"),
        ("a/[z/]b", "a `[` without its `]`"),
        ("a[]", "`[]` in `a[]` means no character"),
        ("a[z-b].x", "`[z-b]` in `a[z-b].x` means no character"),
        ("***", "`***` has `**` beside other characters"),
        ("a/**b", "`**` beside other characters"),
        ("[a]**/b", "`**` beside other characters"),
        ("b//c", "nothing between two `/`"),
        ("a//", "nothing between two `/`"),
        ("./", "the folder of this file itself"),
        (".", "the folder of this file itself"),
        ("a/./b", "a `.` that means nothing"),
    ],
)
def test_what_is_no_pattern(pattern: str, words: str) -> None:
    problem = problem_of(pattern)
    assert problem is not None
    assert words in problem[0]
