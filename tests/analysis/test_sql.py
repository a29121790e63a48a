"""The SQL that a command hands to a database is found statement by statement, with its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbdsl.analysis.arguments import arguments
from rbdsl.analysis.calls import calls
from rbdsl.analysis.sql import CLIENTS, database, split, statements


def found(text: str) -> list[str]:
    return [one.text for call in calls(text) for one in statements(call, text)]


@pytest.mark.parametrize(
    "text",
    [
        "psql -d x -c 'a b; c'",
        "psql -tAc 'a b; c' x",
        "psql -d x --command='a  b; c'",
        "psql x <<'SQL'\na b;\n\nc\nSQL",
        "psql x <<'SQL'\na\n  b -- why\n;c;\nSQL",
        "psql x <<SQL\n-- drop x;\na /* d; */ b; \\gset\nc\nSQL",
        "psql x <<<'a b; c'",
        "echo 'a b; c' | psql x",
        "cat <<SQL | mysql x\na b;\nc\nSQL",
        "mysql -uroot -e 'a b; c' x",
        "mysql x <<'SQL'\n# drop x;\na b;\nc\nSQL",
        "sqlite3 file.db 'a b' 'c'",
        "ssh h 'psql -c \"a b; c\"'",
        "kubectl exec p -- psql -c 'a b; c'",
        "psql -c 'a b' -c c",
    ],
)
def test_statements_are_found_wherever_they_stand(text: str) -> None:
    assert found(text) == ["a b", "c"]


@pytest.mark.parametrize(
    "text", ["psql -f a.sql", "echo 'a b; c'", "cat <<SQL\na b;\nSQL", "psql -d 'a b' -l", "# psql"]
)
def test_what_is_no_statement(text: str) -> None:
    assert found(text) == []


def test_what_stands_in_a_string_or_a_body_stays_whole() -> None:
    assert split("select ';'; do $$ begin; end $$; b") == ["select ';'", "do $$ begin; end $$", "b"]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("psql -c 'a; drop  x'", "drop  x"),
        ("psql <<'SQL'\n-- first\na;\n  drop\n    x;\nSQL", "drop\n    x"),
        ('psql -c "drop ${table}"', "drop ${table}"),
        ("ssh h 'psql -c \"a; drop x\"'", "drop x"),
        ("echo 'drop x' | psql", "drop x"),
        ("äö; psql -c 'drop x'", "drop x"),
    ],
)
def test_a_statement_knows_where_it_stands(text: str, at: str) -> None:
    (one,) = [s for call in calls(text) for s in statements(call, text) if s.text[:4] == "drop"]
    assert text[one.start : one.end] == at


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("psql -d shop -c x", "shop"),
        ("psql -tA shop", "shop"),
        ("psql -h h -p 5432 -U u shop", "shop"),
        ("psql --dbname=shop", "shop"),
        ("psql -v ON_ERROR_STOP=1 -c 'select 1'", None),
        ("mysql -h h -D shop", "shop"),
        ("mysql --host=h -e x shop", "shop"),
        ("mysql -e x", None),
        ("mysql -uroot -pthee shop", "shop"),
        ("mysql -u root -p shop", "shop"),
        ("cat shop", None),
    ],
)
def test_which_database_a_command_names(text: str, name: str | None) -> None:
    named = database(calls(text)[0])
    assert (named[0] if named else None) == name


def test_options_are_read_like_getopt_does() -> None:
    read = arguments(calls("p -tAc 'a b' -d5 --host h --port=1 x -- -y")[0], "cd", ("host",))
    assert [(name, value) for name, value, _ in read.options] == [
        ("t", None), ("A", None), ("c", "a b"), ("d", "5"), ("host", "h"), ("port", "1"),
    ]  # fmt: skip
    assert [word.text for word in read.operands] == ["x", "-y"]
    assert read.has("A")
    assert [value for value, _ in read.values("c", "host")] == ["a b", "h"]


@given(
    st.sampled_from(sorted(CLIENTS)),
    st.text(alphabet=" \n\"'`$(){}|&;<>\\-=#/*acdepSQL", max_size=40),
)
def test_any_text_has_statements_in_places_of_it(program: str, rest: str) -> None:
    text = f"{program} {rest}"
    for call in calls(text):
        for one in statements(call, text):
            assert one.text
            assert 0 <= one.start <= one.end <= len(text)
