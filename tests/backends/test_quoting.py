"""Quoting for shells, and for Markdown in parts that have no document of their own."""

from __future__ import annotations

import pytest

from rbdsl.backends.quoting import comment_text, markdown_code, markdown_fence, sh, word


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("plain words", "'plain words'"),
        ("don't", '"don\'t"'),
        ('say "hi"', "'say \"hi\"'"),
        ("$x", "$'$x'"),
        ("~/x", "$'~/x'"),
        ("a\nb\t\x1b", "$'a\\nb\\t\\x1b'"),
        ("back\\slash", "$'back\\\\slash'"),
        ("it’s", '"it’s"'),
        ("“it”", "'“it”'"),
        ("\u202e", "$'\\xe2\\x80\\xae'"),
        ("", "''"),
    ],
)
def test_the_most_readable_safe_form(text: str, quoted: str) -> None:
    assert sh(text) == quoted


def test_names_need_no_quotes() -> None:
    assert word("pg_restore") == "pg_restore"
    assert word("a b") == "'a b'"


def test_a_comment_is_no_directive() -> None:
    assert comment_text(" shellcheck disable=SC2086") == "- shellcheck disable=SC2086"
    assert comment_text("a\nb\u202ec") == "a b\ufffdc"


def test_code_spans_and_fences_hold_any_ticks() -> None:
    assert markdown_code("a `b` c") == "``a `b` c``"
    assert markdown_code("a|b", in_table=True) == "`a\\|b`"
    assert markdown_code("`") == "`` ` ``"
    assert markdown_fence("a\n```\nb", "bash") == "````bash\na\n```\nb\n````"
