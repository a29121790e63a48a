"""A plan empties and warms one database of a real Redis server, and takes no error for an answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.systems.place import PLANS, Place
from tests.systems.redis_server import PASSWORD, ask, free_port, serving

pytestmark = pytest.mark.needs("redis-server", "redis-cli")

PRICES = {"price:1": "100", "price:2": "250", "price:3": "7"}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving() as port:
        yield port


class Cache(Place):
    """The databases of a shop's cache, and the scripts that take them back."""

    port = 0

    def on(self, port: int, database: int = 2) -> list[str]:
        """How the script is told where the cache is."""
        return [
            *("--set", f"cache=redis://127.0.0.1:{port}/{database}"),
            *("--set", f"sessions=redis://127.0.0.1:{port}/1"),
        ]

    def keys(self, database: int) -> set[str]:
        return set(ask(self.port, "keys", "*", database=database).splitlines())


@pytest.fixture
def cache(port: int, tmp_path: Path) -> Cache:
    """What 3.2 left: entries in the cache, sessions of both versions, and what others keep."""
    cache = Cache(tmp_path / "shop", PLANS / "redis.rbplan", {"CACHE_PASSWORD": PASSWORD})
    cache.port = port
    ask(port, "flushall")
    entries = ["select 2", *(f"set entry:{i} 3.2" for i in range(50)), "set price:1 wrong"]
    sessions = [*(f'set "session:3.2:a b {i}" x' for i in range(1200)), "set session:3.1:1 x"]
    others = ["select 0", "set other x", "select 3", "set another x"]
    ask(port, text="\n".join([*entries, "select 1", *sessions, *others]))
    assert len(cache.keys(1)) == 1201
    (cache.folder / "prices.txt").write_text("".join(f"{k} {v}\n" for k, v in PRICES.items()))
    return cache


@contextmanager
def ill(port: int, *setting: str, healed: list[str]) -> Iterator[None]:
    """A server in a state in which it answers with errors."""
    assert ask(port, *setting) == "OK"
    try:
        yield
    finally:
        assert ask(port, *healed) == "OK"


def test_one_database_is_emptied_and_warmed_and_the_others_stay(cache: Cache, port: int) -> None:
    cache.succeed(*cache.on(port))
    assert {key: ask(port, "get", key, database=2) for key in cache.keys(2)} == PRICES
    assert cache.keys(1) == {"session:3.1:1"}
    assert (cache.keys(0), cache.keys(3)) == ({"other"}, {"another"})
    assert [outcome for _, _, outcome in cache.outcomes()] == ["done"] * 3
    cache.succeed(*cache.on(port), role="verify")
    ask(port, "del", "price:2", database=2)
    assert "✗ The cache is warm" in cache.fail(7, *cache.on(port), role="verify")


def test_the_cache_is_empty_before_it_is_warmed(cache: Cache, port: int) -> None:
    count = f'REDISCLI_AUTH={PASSWORD} "$real" -p {port} -n 2 dbsize'
    cache.wrap("redis-cli", before=f'[[ $* != *" set "* ]] || {count} >>"$HOME/sizes"')
    cache.succeed(*cache.on(port))
    assert (cache.folder / "sizes").read_text().split() == ["0", "1", "2"]


def test_the_password_is_in_no_list_of_processes_and_no_record(cache: Cache, port: int) -> None:
    cache.wrap(
        "redis-cli", before='cat /proc/[0-9]*/cmdline >>"$HOME/processes" 2>/dev/null || true'
    )
    printed = cache.succeed(*cache.on(port), "--verbose")
    assert len(cache.calls("redis-cli")) >= 8
    seen = (cache.folder / "processes").read_text(errors="replace")
    assert "redis-cli" in seen
    records = [path for path in (cache.folder / ".rbc").rglob("*") if path.is_file()]
    assert len(records) > 5
    written = [path.read_text(errors="replace") for path in records]
    assert not [text for text in [printed, seen, *written] if PASSWORD in text]


def test_a_wrong_password_fails_the_step_with_what_the_server_says(cache: Cache, port: int) -> None:
    cache.systems |= {"CACHE_PASSWORD": "outdated"}
    printed = cache.fail(1, *cache.on(port))
    assert cache.outcomes() == [("sessions", "run", "failed")]
    assert "WRONGPASS" in printed
    assert len(cache.keys(2)) == 51


def test_a_server_that_is_down_fails_the_step(cache: Cache) -> None:
    cache.fail(1, *cache.on(free_port()))
    assert "Connection refused" in cache.failure()["failure_reason"]
    assert cache.outcomes() == [("sessions", "run", "failed")]


def test_an_error_of_the_server_fails_the_step(cache: Cache, port: int) -> None:
    """`redis-cli` itself prints it, and ends well."""
    with ill(port, "replicaof", "127.0.0.1", "1", healed=["replicaof", "no", "one"]):
        assert "READONLY" in ask(port, "flushdb", database=2)
        cache.fail(1, *cache.on(port))
    assert "READONLY" in cache.failure()["failure_reason"]
    assert len(cache.keys(1)) == 1201


def test_a_cache_that_takes_nothing_fails_the_warming(cache: Cache, port: int) -> None:
    full = ["config", "set", "maxmemory"]
    with ill(port, *full, "1", healed=[*full, "0"]):
        cache.fail(1, *cache.on(port))
    assert "OOM" in cache.failure()["failure_reason"]
    assert cache.outcomes()[1:] == [("flush", "run", "done"), ("warm", "run", "failed")]
    assert cache.keys(2) == set()


def test_a_database_that_does_not_exist_is_not_taken_for_another(cache: Cache, port: int) -> None:
    """`redis-cli` goes on with database 0, also with `-e`."""
    cache.fail(1, *cache.on(port, database=99))
    assert "out of range" in cache.failure()["failure_reason"]
    assert cache.outcomes()[1:] == [("flush", "run", "failed")]
    assert cache.keys(0) == {"other"}
    assert "✗ The cache answers" in cache.fail(7, *cache.on(port, database=99), role="verify")


def test_a_server_without_a_database_is_not_emptied(cache: Cache, port: int) -> None:
    address = f"redis://127.0.0.1:{port}"
    cache.fail(1, "--set", f"cache={address}", "--set", f"sessions={address}/1")
    assert "names no database" in cache.failure()["failure_reason"]
    assert cache.keys(0) == {"other"}
