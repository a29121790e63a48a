"""The PostgreSQL module does to a real server what it says."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from rbdsl.model.plan import Plan
from tests.needing import postgresql_programs
from tests.stdlib.postgresql_server import running
from tests.stdlib.stepping import Bench, plan_of

PROGRAMS = postgresql_programs()
pytestmark = pytest.mark.needs("initdb", "psql")

TABLES = """
create table users (id int primary key, name text not null);
create table orders (id int primary key, "user" int references users (id));
create table schema_migrations (version text primary key);
insert into users select i, 'user ' || i from generate_series(1, 200) i;
insert into orders select i, i from generate_series(1, 50) i;
insert into schema_migrations values ('20251201120000');
create role application;
grant select, insert on users to application;
"""

CALLS = """
step dump "Dump" m.dump(database: "shop", file: "${dump}")
step prove "Prove" m.prove_dump(
  dump: "${dump}", scratch: "shop_proof", tables: ["users", "orders"], counts: "${counts}"
)
step close "Close" m.read_only(database: "shop")
step restore "Restore" m.restore_beside(
  dump: "${dump}", beside: "shop_restored", tables: ["users", "orders"], counts: "${counts}"
)
step swap "Swap" m.swap(database: "shop", restored: "shop_restored", kept: "shop_replaced")
step open "Open" m.writable(database: "shop")
"""

CHECKS = """
check schema "Schema" m.schema_version(database: "shop", expected: "20251201120000")
check rows "Rows" m.rows_kept(database: "shop", tables: ["users", "orders"], counts: "${counts}")
check intact "Intact" m.intact(database: "shop")
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Mapping[str, str]]:
    assert PROGRAMS is not None
    with running(PROGRAMS) as environment:
        yield environment


@pytest.fixture
def bench(server: Mapping[str, str], tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path, server, {"dump": "shop.dump", "counts": "counts.txt"})
    sql(bench, "create database shop", "postgres")
    sql(bench, TABLES)
    yield bench
    for name in ("shop", "shop_restored", "shop_replaced", "shop_proof"):
        sql(bench, f"alter database {name} allow_connections true", "postgres", check=False)
        sql(bench, f"drop database if exists {name} with (force)", "postgres")
    sql(bench, "drop role application", "postgres")


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_of("postgres", CALLS, CHECKS, 'let dump = "shop.dump"\nlet counts = "counts.txt"')


def sql(bench: Bench, text: str, database: str = "shop", *, check: bool = True) -> str:
    done = subprocess.run(
        ["psql", "-Xqw", "-At", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", text],
        env=bench.environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0 or not check, done.stderr
    return done.stdout.strip()


def databases(bench: Bench) -> set[str]:
    return set(sql(bench, "select datname from pg_database", "postgres").split())


@contextmanager
def open_session(bench: Bench) -> Iterator[subprocess.Popen[bytes]]:
    """An application that is connected to the live database and goes on working."""
    with subprocess.Popen(
        ["psql", "-Xqw", "-d", "shop", "-c", "select pg_sleep(60)"],
        env=bench.environment,
        stderr=subprocess.PIPE,
    ) as session:
        while sql(bench, "select count(*) from pg_stat_activity where datname = 'shop'") == "1":
            assert session.poll() is None
        yield session
        session.kill()


def captured(bench: Bench, plan: Plan) -> None:
    bench.run(plan, "dump")
    bench.run(plan, "prove")


def test_a_backup_is_proven_and_counted_and_nothing_is_left_of_the_proof(
    bench: Bench, plan: Plan
) -> None:
    captured(bench, plan)
    assert (bench.folder / "counts.txt").read_text() == "users 200\norders 50\n"
    assert "shop_proof" not in databases(bench)


def test_a_damaged_backup_is_not_proven(bench: Bench, plan: Plan) -> None:
    bench.run(plan, "dump")
    dump = bench.folder / "shop.dump"
    dump.write_bytes(dump.read_bytes()[:-200])
    prove = next(s for s in plan.phases[0].steps if s.name.text == "prove")
    assert bench.shell(prove.run, prove.bindings).returncode != 0


def test_the_whole_way_back_restores_rows_schema_and_privileges(bench: Bench, plan: Plan) -> None:
    captured(bench, plan)
    sql(bench, "delete from orders; delete from users where id > 10")
    sql(bench, "create table made_later (id int); insert into schema_migrations values ('2026')")
    for step in ("close", "restore", "swap", "open"):
        bench.run(plan, step)
    assert sql(bench, "select count(*) from users") == "200"
    assert sql(bench, "select to_regclass('made_later') is null") == "t"
    assert sql(bench, "select has_table_privilege('application', 'users', 'insert')") == "t"
    sql(bench, "insert into users values (1000, 'written again')")
    assert plan.verification is not None
    assert all(bench.passes(check) for check in plan.verification.checks)


def test_what_was_written_since_the_backup_is_kept(bench: Bench, plan: Plan) -> None:
    captured(bench, plan)
    sql(bench, "insert into users values (999, 'written since')")
    for step in ("close", "restore", "swap", "open"):
        bench.run(plan, step)
    sql(bench, "alter database shop_replaced allow_connections true", "postgres")
    assert sql(bench, "select name from users where id = 999", "shop_replaced") == "written since"


def test_closing_ends_open_sessions_and_refuses_writes_until_it_is_undone(
    bench: Bench, plan: Plan
) -> None:
    with open_session(bench) as session:
        bench.run(plan, "close")
        assert session.wait(timeout=20) != 0
    assert sql(bench, "insert into users values (999, 'x') returning id", check=False) == ""
    assert sql(bench, "select count(*) from users") == "200"
    bench.undo(plan, "close")
    sql(bench, "insert into users values (999, 'x')")


def test_a_swap_is_undone_with_the_live_database_as_it_was(bench: Bench, plan: Plan) -> None:
    captured(bench, plan)
    sql(bench, "insert into users values (999, 'written since')")
    for step in ("close", "restore"):
        bench.run(plan, step)
    assert not bench.is_done(plan, "swap")
    bench.run(plan, "swap")
    assert bench.is_done(plan, "swap")
    for step in ("swap", "restore", "close"):
        bench.undo(plan, step)
    assert {"shop_restored", "shop_replaced"}.isdisjoint(databases(bench))
    assert sql(bench, "select name from users where id = 999") == "written since"
    sql(bench, "insert into users values (1000, 'and written again')")


def test_a_swap_and_its_way_back_end_open_sessions(bench: Bench, plan: Plan) -> None:
    captured(bench, plan)
    bench.run(plan, "restore")
    with open_session(bench):
        bench.run(plan, "swap")
    with open_session(bench):
        bench.undo(plan, "swap")
    assert "shop_restored" in databases(bench)


def test_undoing_a_swap_that_never_was_opens_the_database(bench: Bench, plan: Plan) -> None:
    sql(bench, "alter database shop allow_connections false", "postgres")
    bench.undo(plan, "swap")
    assert sql(bench, "select count(*) from users") == "200"


def test_allowing_writes_opens_a_database_whose_swap_broke_off(bench: Bench, plan: Plan) -> None:
    bench.run(plan, "close")
    sql(bench, "alter database shop allow_connections false", "postgres")
    bench.run(plan, "open")
    sql(bench, "insert into users values (999, 'x')")


def test_a_restore_can_be_repeated(bench: Bench, plan: Plan) -> None:
    captured(bench, plan)
    bench.run(plan, "restore")
    bench.run(plan, "restore")


def test_fewer_rows_than_in_the_backup_fail_the_check(bench: Bench, plan: Plan) -> None:
    captured(bench, plan)
    assert plan.verification is not None
    rows = plan.verification.checks[1]
    sql(bench, "insert into users values (999, 'more is right')")
    assert bench.passes(rows)
    sql(bench, "delete from orders where id = 1")
    assert not bench.passes(rows)


def test_an_unproven_constraint_fails_the_check(bench: Bench, plan: Plan) -> None:
    assert plan.verification is not None
    intact = plan.verification.checks[2]
    assert bench.passes(intact)
    sql(bench, "alter table orders add constraint small check (id < 10) not valid")
    assert not bench.passes(intact)


def test_another_schema_version_fails_the_check(bench: Bench, plan: Plan) -> None:
    assert plan.verification is not None
    schema = plan.verification.checks[0]
    assert bench.passes(schema)
    sql(bench, "insert into schema_migrations values ('20251209000800')")
    assert not bench.passes(schema)
