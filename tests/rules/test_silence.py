"""Silent failure: the mends do what they say, and no shell is too odd for the rules."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rbdsl.diagnostics import Diagnostic, Severity
from tests.rules.test_rules import findings

PLAN = """\
rbplan 1
plan p "P" {{
  level 2
  phase back "Back" {{
    budget 5m
    step go "Go" {{
      run ```
        {run}
      ```
      expect `./check.sh`
    }}
  }}
}}
"""
WORDS = st.sampled_from(
    [
        *("kubectl", "set image", "rollout undo", "psql", "-c", "-f", "redis-cli", "DEL", "curl"),
        *("--fail", "ssh h", "'a; b'", "bash -c", '"', "'", "$(", ")", "`", "|", "||", "&&", "&"),
        *(";", "\n", "{", "}", "set +e", "set -o", "wait", "<(", "<<EOF", "EOF", "2>/dev/null"),
        *(
            "if",
            "then",
            "fi",
            "for x in",
            "do",
            "done",
            "!",
            "true",
            "exit 0",
            "#",
            "# Expected: 1",
        ),
        *("aws ecs", "update-service", "docker compose up -d", "trap", "é", "local x=", "[ a ]"),
    ]
)


def of_family(text: str) -> list[Diagnostic]:
    return [d for d in findings(text) if "RB835" <= d.code <= "RB854"]


def mended(text: str, diagnostic: Diagnostic) -> str:
    assert diagnostic.fix is not None
    for edit in sorted(diagnostic.fix.edits, key=lambda e: -e.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


@pytest.mark.parametrize(
    ("run", "code", "after", "safe"),
    [
        ("curl -sS http://a/b", "RB835", "curl --fail -sS http://a/b", True),
        ("curl -sS -X DELETE http://a/b", "RB835", "curl --fail -sS -X DELETE http://a/b", False),
        # The page that is kept may be what comes with a 503, and be looked for.
        ("curl -sS http://a/b >page", "RB835", "curl --fail -sS http://a/b >page", False),
        (
            "kubectl exec p -- sh -c 'curl -s http://a'",
            "RB835",
            "kubectl exec p -- sh -c 'curl --fail -s http://a'",
            True,
        ),
        ("psql -d x -f a.sql", "RB836", "psql -v ON_ERROR_STOP=1 -d x -f a.sql", False),
        ("pg_restore -d x a", "RB836", "pg_restore --exit-on-error -d x a", False),
        ("redis-cli -h c DEL a", "RB838", "redis-cli -e -h c DEL a", False),
        ("systemctl stop a 2>/dev/null", "RB840", "systemctl stop a", True),
    ],
)
def test_a_mend_makes_the_finding_go_away(run: str, code: str, after: str, safe: bool) -> None:
    text = PLAN.format(run=run)
    (found,) = of_family(text)
    assert (found.code, found.fix and found.fix.safe) == (code, safe)
    assert mended(text, found) == PLAN.format(run=after)
    assert of_family(PLAN.format(run=after)) == []


def test_no_mend_where_the_place_is_not_certain() -> None:
    (found,) = of_family(PLAN.format(run='ssh h "curl -s "http://a'))
    assert (found.code, found.fix) == ("RB835", None)


@pytest.mark.parametrize(
    ("run", "hint"),
    [
        ('a | jq .x\n        # Expected: "v2"', 'write it as `expect` of the step: `a | jq -r .x` equals "v2"'),
        ("a\n        # Expected: 4 (all of them)", 'write it as `expect` of the step: `a` equals "4"'),
        ("a\n        # Expected: all is well", "let the step `expect` it"),
    ],
)  # fmt: skip
def test_the_hint_of_a_comment_is_the_expectation(run: str, hint: str) -> None:
    text = PLAN.format(run=run).replace("      expect `./check.sh`\n", "")
    (found,) = [d for d in of_family(text) if d.code == "RB851"]
    assert (found.hint or "").startswith(hint)


@settings(deadline=None, max_examples=60)
@given(st.lists(WORDS, max_size=14))
def test_no_shell_is_too_odd(words: list[str]) -> None:
    text = PLAN.format(run=" ".join(words).replace("\n", "\n        "))
    for found in of_family(text):
        assert found.severity is not Severity.ERROR
        assert found.span.begin.line >= 7
