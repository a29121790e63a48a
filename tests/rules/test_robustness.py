"""Whatever is cut out of a plan or put into it, the rules find something or nothing: never fail."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from rbdsl.rules.documentation import examples
from rbdsl.rules.registry import all_rules
from tests.rules.fixtures import read_cases
from tests.rules.test_rules import findings

PLANS = [
    case.data.decode()
    for rule in all_rules()
    for case in read_cases(rule.code.id)
    if case.kind == ".rbplan"
]
STATEMENTS = sorted(
    {
        line
        for text in PLANS
        for line in text.splitlines()[2:]
        if line.strip() and line.count("{") == line.count("}")
    }
)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(PLANS),
    st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.none() | st.sampled_from(STATEMENTS)),
        min_size=1,
        max_size=5,
    ),
)
def test_mangled_plans(plan: str, edits: list[tuple[float, str | None]]) -> None:
    lines = plan.splitlines()
    for place, statement in edits:
        at = 2 + int(place * max(len(lines) - 2, 1))
        if statement is not None:
            lines.insert(at, statement)
        elif at < len(lines):
            del lines[at]
    text = "\n".join(lines) + "\n"
    found = findings(text)
    assert all(0 <= d.span.start <= d.span.end <= len(d.span.source.text) for d in found)
    assert all(d.message and not d.message.endswith(".") for d in found)
    assert [(d.code, d.span.start, d.message, d.hint) for d in findings(text)] == [
        (d.code, d.span.start, d.message, d.hint) for d in found
    ]


def test_messages_follow_one_style() -> None:
    found = [
        d
        for rule in all_rules()
        for section in ("Bad", "Good")
        for example in examples(rule, section)
        for d in findings(example.plan)
    ]
    assert len({d.code for d in found}) > 50
    for d in found:
        start = d.message[0]
        assert not (start.isalpha() and start.isupper()), d.message
        assert d.message.count("`") % 2 == 0, d.message
        assert not any(label.text.endswith(".") for label in d.labels), d
        assert not (d.hint or "").endswith("."), d.hint
