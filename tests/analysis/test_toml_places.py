"""Where the keys and texts of a TOML file stand."""

from __future__ import annotations

import pytest

from rbdsl.analysis.policy_tables import BAD_POLICY
from rbdsl.analysis.toml_places import TomlPlaces, read_toml
from rbdsl.source import Source

NINES = "9" * 5000
TEXT = """\
a = 1
list = [
  "one",  # "two" = 3
  'two', "one",
]
inline = { x = "y", "q r" = { deep = 2 }} # x = 4
[table."p/**"]
b = { x = 5 }
text = \"\"\"
a = 6
\"\"\"
[table]
last = "one"
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("a",), (1, 1)),
        (("inline", "x"), (6, 12)),
        (("inline", "q r"), (6, 21)),
        (("inline", "q r", "deep"), (6, 31)),
        (("inline", "none"), (6, 1)),
        (("table", "p/**"), (7, 2)),
        (("table", "p/**", "b", "x"), (8, 7)),
        (("table", "last"), (13, 1)),
        (("none",), (1, 1)),
    ],
)
def test_keys(path: tuple[str, ...], place: tuple[int, int]) -> None:
    assert TomlPlaces(Source("a.toml", TEXT)).of(*path).begin == place


def test_texts_in_a_value() -> None:
    places = TomlPlaces(Source("a.toml", TEXT))
    assert places.string("one", "list").begin == (3, 3)
    assert places.string("two", "list").text in {"'two'", '"two"'}
    assert places.string("one", "table", "last").begin == (13, 8)
    assert places.string("three", "list").text == "list"


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        (f"# {'8' * 5000}\na = 1\nb = [1, {NINES}]", (3, 9), "a number has 5000 digits"),
        (f'a = "{NINES}"\nb = {NINES}', (2, 5), "a number has 5000 digits"),
        (f"a = 1\n[t]\nb = [0x{'f' * 5000}]", (3, 1), "a number is too large"),
        (f"[t]\na = {{ b = -{'9' * 30} }}", (2, 7), "a number is too large"),
    ],
)
def test_numbers_that_are_none_of_toml(text: str, place: tuple[int, int], words: str) -> None:
    document, found = read_toml(Source("a.toml", text), BAD_POLICY, "the policy file")
    assert document is None
    assert found is not None
    assert found.span.begin == place
    assert found.message == f"the policy file is not valid TOML: {words}: there is room for 64 bits"


def test_the_largest_number_and_a_long_text_are_read() -> None:
    text = f'a = {2**63 - 1}\nb = -{2**63}\nc = "{NINES}"\nd = true'
    document, found = read_toml(Source("a.toml", text), BAD_POLICY, "the policy file")
    assert found is None
    assert document == {"a": 2**63 - 1, "b": -(2**63), "c": NINES, "d": True}
