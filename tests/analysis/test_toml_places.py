"""Where the keys and texts of a TOML file stand."""

from __future__ import annotations

import pytest

from rbdsl.analysis.toml_places import TomlPlaces
from rbdsl.source import Source

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
