"""What a text of bash assigns to its variables, and what it leaves open."""

from __future__ import annotations

import pytest

from rbdsl.analysis.own_values import filled_in, own_values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("dump=/srv/latest.dump", {"dump": "/srv/latest.dump"}),
        ('dump="$root/latest.dump"', {"dump": "$root/latest.dump"}),
        ("local dump='a b'; export X=1", {"dump": "a b", "X": "1"}),
        ("dump=a; dump=b", {}),
        ("dump=a; dump+=b", {}),
        ("dump=$(ls -t | head -n 1)", {}),
        ("dump=a; for dump in b c; do :; done", {}),
        ("DUMP=a restore", {}),
        ("# dump=a", {}),
        ("echo 'dump=a'", {}),
    ],
)
def test_own_values(text: str, values: dict[str, str]) -> None:
    assert own_values(text) == values


def test_values_of_values_are_filled_in_and_a_circle_ends() -> None:
    assert filled_in("$a/x", {"a": "$b/nightly", "b": "/srv"}) == "/srv/nightly/x"
    assert "$" in filled_in("$a", {"a": "$a"})
    assert filled_in("$unknown", {"a": "b"}) == "$unknown"
