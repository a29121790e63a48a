"""A loop is known by what ends it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbdsl.analysis.loops import Loop, loops


def one(text: str) -> Loop:
    (found,) = loops(text)
    return found


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("until curl x; do sleep 1; done", True),
        ("while ! pg_isready; do sleep 1; done", True),
        ("while [[ $(state) != ready ]]; do sleep 1; done", True),
        ("while [[ $s != ready ]]; do s=$(state); sleep 1; done", True),
        ("while [[ $s != ready ]]; do s=$(state --all --short); sleep 1; done", True),
        ("while true; do if a; then break; fi; sleep 1; done", True),
        ("until a; do n=$((n + 1)); sleep 1; done", True),
        ("until a; do ((++n < 9)) || exit 1; sleep 1; done", False),
        ("until a; do n=$((n + 1)); [[ $n -lt 9 ]] || exit 1; done", False),
        ("until a || ((n++ > 9)); do sleep 1; done", False),
        ("while ((n < 9)); do a && break; ((n += 1)); done", False),
        ("while [ $n -lt 9 ]; do n=`expr $n + 1`; done", False),
        ("while ((SECONDS < end)); do a && break; sleep 1; done", False),
        ("until a; do [[ $(date +%s) -lt $end ]] || exit 1; sleep 1; done", False),
        ("while read -r x; do a; done <f", False),
        ("while [[ $# -gt 0 ]]; do shift; done", False),
        ("while getopts ab: x; do a; done", False),
        ("while true; do a; done", False),
    ],
)
def test_what_goes_on_until_a_command_says_otherwise(text: str, asks: bool) -> None:
    assert one(text).asks == asks


@pytest.mark.parametrize(
    ("text", "forever"),
    [
        ("while true; do a; sleep 1; done", True),
        ("while :; do a; done", True),
        ("until false; do a; done", True),
        ("while [ 1 = 1 ]; do a; done", True),
        ("for ((;;)); do a; done", True),
        ("while true; do a && break; done", False),
        ("while true; do a || exit 1; done", False),
        ("while a; do b; done", False),
    ],
)
def test_what_nothing_leaves(text: str, forever: bool) -> None:
    assert one(text).forever == forever


def test_where_it_stands_and_what_stands_around_it() -> None:
    text = "ssh h 'ä; until a; do b; done'"
    loop = one(text)
    assert (loop.head, text[loop.start : loop.end]) == ("until a", "until a; do b; done")
    assert text[loop.begin : loop.end] == "do b; done"
    assert one("timeout 9 bash -c 'until a; do b; done'").limited
    assert one("while a; do b; done &").background
    assert not loops("echo 'until a; do b; done'")
    assert [loop.head for loop in loops("while a; do until b; do c; done; done")] == [
        "while a",
        "until b",
    ]


@given(
    st.lists(
        st.sampled_from(
            [
                "while",
                "until",
                "do",
                "done",
                "a",
                ";",
                "'",
                '"',
                "&&",
                "||",
                "$(",
                ")",
                "((n++))",
                "<",
                "&",
                "{",
            ]
        )
    )
)
def test_any_text_has_loops_in_places_of_it(words: list[str]) -> None:
    text = " ".join(words)
    assert all(0 <= each.start <= each.begin <= each.end <= len(text) for each in loops(text))
