"""What is opened in a text and never closed, and that there is none in sound ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbdsl.analysis.shell_openers import opener


@pytest.mark.parametrize(
    ("text", "line", "opens", "closes"),
    [
        ("echo a\ncat <<EOF >x\n<a>\nfoo (\nbar\n", 2, "<<", "EOF"),
        ("cat <<'END'\nx\n END\n", 1, "<<", "END"),
        ("echo a\nif true; then\n  echo b\necho c\n", 2, "if", "fi"),
        ("if a; then\n  for x in y; do\n    z\n  done\nb\n", 1, "if", "fi"),
        ("echo a\nfoo() {\n  echo b\n", 2, "{", "}"),
        ("echo z\nfor i in a b; do\n  echo $i\nfi\necho w", 2, "for", "done"),
        ("echo a\nwhile read x; do\n  y\necho d", 2, "while", "done"),
        ("echo a\ncase $x in\n  a) b ;;\n  c) d ;;\necho e\n", 2, "case", "esac"),
        ('echo a\necho "ü\necho c\nls d\n', 2, '"', '"'),
        ("echo a\necho 'it\necho b\n", 2, "'", "'"),
        ("echo é\nx=$(foo\necho b\n", 2, "$(", ")"),
        ("echo ${x\n", 1, "${", "}"),
    ],
)
def test_the_place_is_that_of_the_beginning(text: str, line: int, opens: str, closes: str) -> None:
    found = opener(text)
    assert found is not None
    assert (text.count("\n", 0, found.offset) + 1, found.opens, found.closes) == (
        line,
        opens,
        closes,
    )
    assert text[found.offset :].startswith(opens)


@pytest.mark.parametrize("text", ["if a; then b; fi", "echo ')' '{' \"<<\"", "echo\nfi\n", ""])
def test_nothing_is_left_open(text: str) -> None:
    assert opener(text) is None


@given(st.text(st.sampled_from(list("if{}()'\"$`<ado; \n"))))
def test_no_text_is_too_much(text: str) -> None:
    found = opener(text)
    assert found is None or 0 <= found.offset < len(text)
