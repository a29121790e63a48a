"""Whatever stands in a source and wherever a finding points: it can be shown, and harmlessly."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from rbdsl.diagnostics import Code, Label, Severity
from rbdsl.review.json import render as render_json
from rbdsl.review.page import Page
from rbdsl.review.text import render
from rbdsl.review.visible import width
from rbdsl.source import Source

CODE = Code("RB999", "for-tests", Severity.WARNING)
HARMFUL = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
TEXTS = st.text(
    st.one_of(
        st.sampled_from("ab {}\n\n\n\t\r\x1b\x9b\u0301\u200d日👩\u202e\ufeff"), st.characters()
    ),
    max_size=200,
)


@given(
    text=TEXTS.filter(bool),
    ends=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), min_size=1, max_size=5),
    words=TEXTS,
    columns=st.integers(20, 200),
    wrap=st.booleans(),
)
def test_any_finding_can_be_shown(
    text: str, ends: list[tuple[int, int]], words: str, columns: int, wrap: bool
) -> None:
    source = Source("p.rbplan", text)
    spans = [source.span(min(*pair, len(text)), min(max(pair), len(text))) for pair in ends]
    labels = [Label(span, words) for span in spans[1:]]
    found = CODE.at(spans[0], words, labels=labels, notes=[words], hint=words)
    output = render(found, Page(columns, wrap=wrap))
    assert not HARMFUL.search(output)
    assert output.startswith("warning[RB999]:")
    assert "^" in output
    for row in re.findall(r"^ *\d+ \| .*$", output, re.MULTILINE):
        assert width(row) <= max(columns, 40)
    assert render_json([found]).isascii()
