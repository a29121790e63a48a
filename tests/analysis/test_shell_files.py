"""Which files a piece of bash names, and what happens to each of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbdsl.analysis.shell_files import FileUse, file_uses


def short(use: FileUse) -> str:
    """`write f`, with the host or container before the name where there is one."""
    return f"{use.use} {':'.join([*use.where, use.path])}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('pg_dump -Fc shop > "$dump"', ["write $dump"]),
        ("pg_dump -dshop -f x.sql", ["write x.sql"]),
        ("pg_dump -fx.sql shop", ["write x.sql"]),
        ("pg_restore --exit-on-error -d shop x.dump", ["read x.dump"]),
        ("pg_restore -l x.dump", ["prove x.dump"]),
        ("psql -d shop < x.sql", ["read x.sql"]),
        ("psql -d shop -f x.sql 2>&1", ["read x.sql"]),
        ("psql -d shop 2> errors.txt", []),
        ("mysqldump shop > a.sql", ["write a.sql"]),
        ("mysqldump shop >& a.sql", ["write a.sql"]),
        ("mysqldump shop 2>&1 >&-", []),
        ("cat <<EOF > values.yaml\na: 1\nEOF", ["write values.yaml"]),
        ("sha256sum a > a.sha256", ["write a.sha256", "read a"]),
        ("sha256sum -c a.sha256", ["prove a.sha256"]),
        ("gzip a.sql", ["read a.sql", "write a.sql.gz"]),
        ("gunzip -c a.gz | psql -d shop", ["read a.gz"]),
        ("gzip -t a.gz", ["prove a.gz"]),
        ("mysqldump shop | zstd -q -3 -o a.sql.zst -f", ["write a.sql.zst"]),
        ("unzstd -o a.sql a.sql.zst", ["write a.sql", "read a.sql.zst"]),
        ("zstd -19 a.sql", ["read a.sql", "write a.sql.zst"]),
        ("tar czf made.tgz etc", ["read etc", "write made.tgz"]),
        ("tar -xzf made.tgz -C /srv", ["read made.tgz"]),
        ("tar -tf made.tgz", ["prove made.tgz"]),
        ("tar --create --file=made.tar etc", ["read etc", "write made.tar"]),
        ("cp a b", ["read a", "write b"]),
        ("aws s3 cp a s3://b/c", ["read a", "write s3://b/c"]),
        ("kubectl -n shop apply -f a.yaml", ["read a.yaml"]),
        ("kubectl -n shop get deploy web -o yaml | tee web.yaml", ["write web.yaml"]),
        ("curl -fsSLo out.json https://x.example", ["write out.json"]),
        ("openssl enc -in a -out b", ["read a", "write b"]),
        ("dd if=a of=b", ["read a", "write b"]),
        ("redis-cli --rdb x.rdb", ["write x.rdb"]),
        ("sqlite3 a.db \".backup 'b.db'\"", ["write b.db"]),
        ('sqlite3 a.db ".timeout 500" ".restore b.db" "select 1"', ["read b.db"]),
        ("sqlite3 a.db .dump > b.sql", ["write b.sql"]),
        ("ls -lh a", ["look a"]),
        ('[ -f "$x" ] && [[ -s y ]]', ["look $x", "look y"]),
        ("test -e a", ["look a"]),
        ("docker save -o image.tar web:1", ["write image.tar"]),
        ("./scripts/load.sh --file=x.dump", ["name x.dump"]),
        ("rm -f a", ["remove a"]),
        ("# cat a\necho 'cat b' > /dev/null", []),
        ('kubectl exec db -- sh -c "pg_dump shop > /tmp/x"', ["write kubectl exec db:/tmp/x"]),
        ("kubectl exec db -- pg_dump shop > x", ["write x"]),
        ("ssh db1 'pg_dump shop -f /var/x'", ["write ssh db1:/var/x"]),
    ],
)
def test_what_happens_to_files(text: str, expected: list[str]) -> None:
    assert list(dict.fromkeys(map(short, file_uses(text)))) == expected


def test_the_writer_behind_a_host_and_a_pipe_is_the_innermost_program() -> None:
    found = file_uses("ssh db1 'pg_dump -Fc shop | gzip' > x.gz")
    assert {use.where for use in found} == {()}
    assert found[-1].call is not None
    assert found[-1].call.program == "gzip"
    assert [call.program for call in found[-1].pipeline] == ["pg_dump", "gzip"]


def test_the_pipe_of_a_reader_tells_what_reads_in_the_end() -> None:
    (use,) = file_uses("cat a | gunzip | psql -d shop")
    assert [call.program for call in use.pipeline] == ["cat", "gunzip", "psql"]
    assert [call.options for call in use.pipeline][2] == (("dbname", "shop"),)


@given(st.text(alphabet="ab -><|&;$(){}[]'\"\n\\f=", max_size=40))
def test_odd_shell_is_read_without_a_crash(text: str) -> None:
    for use in file_uses(text):
        assert use.path
