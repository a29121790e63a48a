"""The variables of a text are those that bash would read and set there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbdsl.analysis.shell_variables import variables


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a "$x" ${y} "${z[$i]}" ${#w}', {"x", "y", "z", "i", "w"}),
        ("echo '$x' \\$y \"it is '$z'\"", {"z"}),
        ("# $x\ncat <<'EOF'\n$y\nEOF\ncat <<EOF\n$z\nEOF", {"z"}),
        ("((n < limit)); x=$((a + b))", {"n", "limit", "a", "b"}),
        ('a=$b c="${d}" run $e', {"b", "d", "e"}),
        ("awk '{print $2}' $1 $? $# \"$@\"", {"1"}),
        ("f() { echo $1 $x; }", {"x"}),
        ("trap 'rm \"$t\"' EXIT", {"t"}),
        ("${x//a/$b} ${!p} ${!q@}", {"x", "b", "p"}),
        ('ssh h "a $x \\$y"', {"x"}),
    ],
)
def test_what_is_read(text: str, expected: set[str]) -> None:
    assert {reading.name for reading in variables(text).readings} == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=1; b+=2; c[3]=4; A=1 run", {"a", "b", "c"}),
        ("read -r -p 'no name' a b; read -ra c; IFS= read -t 5 d", {"a", "b", "c", "d", "REPLY"}),
        ("mapfile -t -d , a <f; printf -v b x; wait -p c", {"a", "b", "c", "MAPFILE"}),
        ("for a in b; do :; done; for ((c = 0; c < 1; c++)); do :; done", {"a", "c"}),
        ("select a in b; do :; done; getopts ab: c", {"a", "c", "ab"}),
        ("f() { local a=1 b; declare -A c; }; export D E=1", {"a", "b", "c", "D", "E"}),
        ("((a = 1, b += 2)); let c=1; : ${d:=1}", {"a", "b", "c", "d"}),
        ("exec {a}>file; eval 'b=1'", {"a", "b"}),
    ],
)
def test_what_is_set(text: str, expected: set[str]) -> None:
    assert variables(text).names == expected


@pytest.mark.parametrize("text", ["${x:-a}", "${x-}", "${x:?no x}", "${x:+a}", "${x:=a}"])
def test_what_may_be_unset(text: str) -> None:
    (reading,) = variables(f"echo {text}").readings
    assert reading.guarded


def test_what_is_asked_for_and_what_is_taken_in() -> None:
    assert variables('[[ -v a ]] && echo "${b-}"').tested == {"a", "b"}
    assert variables("test -v a").tested >= {"a"}
    assert variables("while [[ $# -gt 0 ]]; do shift; done").tested >= {"1", "2"}
    assert variables("export $(grep -v '^#' .env | xargs)").open
    assert [variables(t).open for t in (". ./env", 'eval "$x"', "a")] == [True, True, False]


def test_a_reading_knows_where_it_stands() -> None:
    text = "ä 'ö' \"${name}\" ü"
    (reading,) = variables(text).readings
    assert text[reading.start : reading.end] == "${name}"


def test_texts_in_single_quotes() -> None:
    text = "ssh h 'a $x' \"b '$y'\" <<'EOF'\n$z\nEOF"
    assert [text[q.start : q.end] for q in variables(text).quoted] == ["a $x", "$z\n"]


@given(st.text(alphabet=" \n\"'`$(){}|&;<>\\ab#ä=[]!:-+", max_size=40))
def test_any_text_has_variables_in_places_of_it(text: str) -> None:
    assert all(0 <= r.start <= r.end <= len(text) for r in variables(text).readings)
    assert all(0 <= q.start <= q.end <= len(text) for q in variables(text).quoted)
