"""What a matcher judges is found out once for a text, however many commands ask for it."""

from __future__ import annotations

import pytest

from rbdsl.analysis import judged
from rbdsl.analysis.calls import Call, calls
from rbdsl.model.steps import Expectation, Matcher, MatcherKind
from rbdsl.model.values import Shell, Text
from rbdsl.source import Source, Span


def test_a_text_is_looked_through_once(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "systemctl is-active shop\nwc -l <once.txt"
    source = Source("p.rbplan", text)
    span = Span(source, 0, len(text))
    asked: list[str] = []

    def counted(text: str) -> tuple[Call, ...]:
        asked.append(text)
        return calls(text)

    monkeypatch.setattr("rbdsl.analysis.judged.calls", counted)
    matcher = Matcher(MatcherKind.MATCHES, Text(("^[0-9]+$",), span), None, span)
    expectation = Expectation(None, Shell(text, span, (0, 24)), matcher, None, None, span)
    answers = {judged.judges_nothing(expectation) for _ in range(5)}
    assert len(answers) == 1
    assert asked == [text]
