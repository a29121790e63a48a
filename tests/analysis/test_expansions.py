"""Commands that are written by way of an array, a variable or a function of the same text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rbdsl.analysis.calls import calls
from rbdsl.analysis.shell import commands_of


def texts(text: str) -> list[str]:
    return [call.text for call in calls(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('k=(kubectl --context prod)\n"${k[@]}" get pods', ["kubectl --context prod get pods"]),
        ('k=(kubectl)\nk+=(-n shop)\n"${k[@]}" get pods', ["kubectl -n shop get pods"]),
        ('local -a o=(-o A)\nssh "${o[@]}" web-1 true', ["ssh -o A web-1 true", "true"]),
        ('S="ssh -o A"\n$S web-1 true', ["ssh -o A web-1 true", "true"]),
        ('p() { psql -X "$@"; }\np -d shop -c "select 1"', ["psql -X -d shop -c select 1"]),
        ('a=(x)\nb=("${a[@]}" y)\n"${b[@]}" z', ["x y z"]),
    ],
    ids=["array", "added to", "local", "held", "function", "array in an array"],
)
def test_what_stands_for_words_is_put_in_their_place(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ('k=(a)\nk=(b)\n"${k[@]}" x', "${k[@]} x"),
        ('S="ssh -o A"\n"$S" x', "$S x"),
        ('S="ssh -o A"\nS="ssh -o B"\n$S x', "$S x"),
        ('for S in "a b" "c d"; do $S; done', "$S"),
        ('S="a b" true\n$S x', "$S x"),
        ('p() { psql "$@" || true; }\np x', "p x"),
        ('p() { p "$@"; }\np x', "p x"),
        ("a=(); b=()\n${a[@]}", "${a[@]}"),
    ],
    ids=["twice", "quoted", "held twice", "loop", "for one", "list", "itself", "nothing"],
)
def test_what_is_not_sure_is_left_as_it_stands(text: str, last: str) -> None:
    assert texts(text)[-1] == last


def test_a_call_stands_where_it_is_made_with_what_holds_there() -> None:
    text = 'p() { psql -X "$@"; }\nif ! p -d shop; then exit 1; fi'
    found = calls(text)[0]
    assert text[found.start : found.end] == "p -d shop"
    assert (found.program, found.tested, found.function) == ("psql", "!", "")


def test_a_function_that_nobody_calls_is_looked_at_by_itself() -> None:
    assert texts('p() { psql -X "$@"; }') == ["psql -X $@"]


@given(st.text(st.sampled_from(list('ab=()+"$@{}[]; \n'))))
@settings(max_examples=300)
def test_no_text_is_too_much(text: str) -> None:
    for call in calls(text):
        assert call.words
        assert 0 <= call.start <= call.end <= len(text)


def test_what_grows_without_end_is_left_alone() -> None:
    text = "\n".join(f'a{n}=("${{a{n + 1}[@]}}" "${{a{n + 1}[@]}}" x)' for n in range(60))
    assert len(texts(text + '\n"${a0[@]}" y')[-1].split()) <= 200


def test_a_script_needs_the_programs_that_arrays_stand_for() -> None:
    text = 'k=(sudo -n kubectl)\n"${k[@]}" get pods\nS="ssh -o A"\n$S web-1 jq .\necho "${a[@]}"'
    assert commands_of(text) == ("kubectl", "ssh", "sudo")
