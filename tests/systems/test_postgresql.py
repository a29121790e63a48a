"""Whole plans take a real PostgreSQL server back, and leave it sound where they fail."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.needing import postgresql_programs
from tests.runtime.running import wait_for
from tests.stdlib.postgresql_server import Server, serving
from tests.systems.place import PLANS, Place, eventually, kill_all

pytestmark = pytest.mark.needs("initdb", "psql")

TABLES = """
create table users (id int primary key, name text not null);
create table orders (id int primary key, "user" int references users (id));
create table schema_migrations (version text primary key);
insert into users select i, 'user ' || i from generate_series(1, 2000) i;
insert into orders select i, i from generate_series(1, 500) i;
insert into schema_migrations values ('20251201120000');
"""

# What shop 3.2 does to it, and users after that.
MIGRATION = """
create table names (id int primary key, first text, last text);
insert into names select id, split_part(name, ' ', 1), split_part(name, ' ', 2) from users;
alter table users drop column name;
insert into schema_migrations values ('20251209000800');
delete from orders where id > 400;
insert into users values (9000);
"""

SPLIT = "insert into schema_migrations values ('20251209001000')"

WRITE = "insert into orders values (9999, 1)"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    programs = postgresql_programs()
    assert programs is not None
    with serving(programs) as server:
        yield server


class Shop(Place):
    """The database of a shop, and the scripts that take it back."""

    before = ""  # what the database was before its migration

    def asked(
        self, sql: str, database: str = "shop", **more: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["psql", "-Xqw", "-At", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql],
            env={**os.environ, **self.systems, **more},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def sql(self, text: str, database: str = "shop") -> str:
        done = self.asked(text, database)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def image(self, database: str = "shop") -> str:
        """The whole database as text: schema and rows."""
        dump = subprocess.run(
            ["pg_dump", "--no-password", f"--dbname={database}"],
            env={**os.environ, **self.systems},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout
        # Releases since the summer of 2025 guard each dump with a random word.
        return "\n".join(line for line in dump.splitlines() if not line.startswith("\\"))

    def databases(self) -> set[str]:
        return set(self.sql("select datname from pg_database", "postgres").split())

    @property
    def dump(self) -> Path:
        (found,) = (self.folder / ".rbc" / "artifacts").rglob("shop.dump")
        return found

    def cut_the_dump_short(self) -> None:
        """Leaves the table of contents whole, and half of the rows."""
        self.dump.chmod(0o644)
        self.dump.write_bytes(self.dump.read_bytes()[:-4000])

    def vouch_for_the_dump(self) -> None:
        """Adjusts the manifest to the dump as it is."""
        manifest = self.dump.parent / "manifest.txt"
        lines = manifest.read_text().splitlines()
        sums = [line.split()[0] for line in lines if line.endswith("  shop.dump")]
        assert len(sums) == 1
        manifest.chmod(0o644)
        now = hashlib.sha256(self.dump.read_bytes()).hexdigest()
        manifest.write_text(manifest.read_text().replace(sums[0], now))

    def is_untouched(self, image: str) -> bool:
        """Whether the live database is as it was, can be written, and nothing lies beside it."""
        same = self.image() == image
        self.sql("begin; " + WRITE + "; rollback")
        return same and {"shop_restored", "shop_v3_2"}.isdisjoint(self.databases())


@contextmanager
def shop_of(server: Server, folder: Path, plan: str) -> Iterator[Shop]:
    shop = Shop(folder / "shop", PLANS / plan, server.environment)
    shop.sql("create database shop", "postgres")
    shop.sql(TABLES)
    try:
        yield shop
    finally:
        for name in shop.databases() - {"postgres", "template0", "template1"}:
            shop.sql(f"drop database {name} with (force)", "postgres")


@pytest.fixture
def shop(server: Server, tmp_path: Path) -> Iterator[Shop]:
    """A shop as 3.1 had it, of which nothing is captured yet."""
    with shop_of(server, tmp_path, "postgresql.rbplan") as shop:
        yield shop


@pytest.fixture(scope="module")
def capture(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `capture.sh` left of shop 3.1."""
    with shop_of(server, tmp_path_factory.mktemp("captured"), "postgresql.rbplan") as shop:
        shop.succeed(role="capture")
    return shop.folder / ".rbc"


@pytest.fixture
def migrated(capture: Path, shop: Shop) -> Shop:
    """The shop after the capture and its migration to 3.2."""
    shutil.copytree(capture, shop.folder / ".rbc")
    shop.before = shop.image()
    shop.sql(MIGRATION)
    return shop


@pytest.fixture
def in_place(server: Server, tmp_path: Path) -> Iterator[Shop]:
    with shop_of(server, tmp_path, "postgresql-in-place.rbplan") as shop:
        yield shop


def test_a_migrated_database_comes_back_row_by_row(shop: Shop) -> None:
    before = shop.image()
    shop.succeed(role="capture")
    shop.sql(MIGRATION)
    assert shop.image() != before
    assert "✗ Schema" in shop.fail(7, role="verify")

    shop.succeed()
    assert shop.image() == before
    assert shop.outcomes() == [
        ("read_only", "run", "done"),
        ("restore", "run", "done"),
        ("swap", "run", "done"),
        ("writable", "ensure", "done"),
    ]
    shop.succeed(role="verify")
    shop.sql(WRITE)
    # What was written to 3.2 is not lost.
    shop.sql("alter database shop_v3_2 allow_connections true", "postgres")
    assert shop.sql("select count(*) from users where id = 9000", "shop_v3_2") == "1"


def test_nobody_writes_while_the_backup_is_restored(migrated: Shop) -> None:
    write = f'psql -Xqw -d shop -c "{WRITE}" >"$HOME/written" 2>&1 || true'
    read = 'psql -XqwAt -d shop -c "select count(*) from orders" >"$HOME/read"'
    migrated.wrap("pg_restore", before=f"{write}; {read}")
    migrated.succeed()
    refused = (migrated.folder / "written").read_text()
    assert "cannot execute INSERT in a read-only transaction" in refused
    assert (migrated.folder / "read").read_text() == "400\n"
    migrated.sql(WRITE)


def test_an_open_session_of_the_new_version_writes_no_more(migrated: Shop) -> None:
    """The setting alone leaves sessions that are open already as they are."""
    with subprocess.Popen(
        ["psql", "-Xqw", "-d", "shop", "-c", "select pg_sleep(60)", "-c", WRITE],
        env={**os.environ, **migrated.systems},
        stderr=subprocess.PIPE,
        text=True,
    ) as session:
        try:
            eventually(
                lambda: (
                    migrated.sql(
                        "select count(*) from pg_stat_activity where query like '%pg_sleep(60)'"
                    )
                    == "1"
                ),
                "the session is open",
            )
            migrated.succeed()
            assert session.wait(timeout=30) != 0
        finally:
            session.kill()
    assert migrated.sql("select count(*) from orders where id = 9999") == "0"


def test_a_dump_that_is_cut_short_while_it_is_made_is_no_capture(shop: Shop) -> None:
    """pg_dump ends well and the disk has lost the end: only restoring it tells."""
    shop.wrap("pg_dump", after='truncate --size=-4000 "$HOME"/.rbc/artifacts/*/shop.dump')
    assert "NOT CAPTURED" in shop.fail(1, role="capture")
    assert not list((shop.folder / ".rbc" / "artifacts").iterdir())
    assert "shop.dump" in shop.fail(3)


def test_a_capture_whose_dump_breaks_off_leaves_nothing(shop: Shop) -> None:
    shop.stub(
        "pg_dump",
        'for a; do [[ $a != --file=* ]] || echo half >"${a#--file=}"; done; kill -KILL $$',
    )
    assert "NOT CAPTURED" in shop.fail(1, role="capture")
    assert not list((shop.folder / ".rbc" / "artifacts").iterdir())
    assert "shop_proof" not in shop.databases()


def test_a_dump_that_was_cut_short_is_refused_before_anything_is_touched(migrated: Shop) -> None:
    image = migrated.image()
    migrated.cut_the_dump_short()
    migrated.wrap("psql")
    assert "shop.dump" in migrated.fail(3)
    # Not even asked: the point of no return comes after what can be looked at here.
    assert not [call for call in migrated.calls("psql") if "alter" in call]
    assert migrated.is_untouched(image)


def test_a_restore_that_fails_halfway_leaves_the_database_writable(migrated: Shop) -> None:
    image = migrated.image()
    migrated.cut_the_dump_short()
    migrated.vouch_for_the_dump()
    printed = migrated.fail(1)
    assert "could not read from input file" in printed or "error" in printed
    assert migrated.outcomes() == [
        ("read_only", "run", "done"),
        ("restore", "run", "failed"),
        ("read_only", "undo", "done"),
        ("writable", "ensure", "done"),
    ]
    migrated.sql("drop database shop_restored", "postgres")
    assert migrated.is_untouched(image)


def test_past_the_point_of_no_return_nothing_is_restored(migrated: Shop) -> None:
    migrated.sql(SPLIT)
    image = migrated.image()
    printed = migrated.fail(4)
    assert "does not fit into one table again" in printed
    assert "--forward-fix split" in printed
    assert migrated.is_untouched(image)
    assert [(e["point"], e["status"]) for e in migrated.events("probe")] == [("split", 0)]


def test_past_the_point_the_forward_fix_changes_the_real_database(migrated: Shop) -> None:
    migrated.sql(SPLIT)
    migrated.fail(4, "--auto", "--reason", "errors")
    assert migrated.sql("select count(*) from orders_before") == "400"
    assert ("compensate", "run", "done") in migrated.outcomes()


def test_a_database_that_is_down_counts_as_past_the_point(migrated: Shop, server: Server) -> None:
    image = migrated.image()
    server.stop()
    try:
        printed = migrated.fail(4, "--auto", "--reason", "errors")
    finally:
        server.start()
    assert "counts as crossed" in printed
    assert "Connection refused" in printed
    # Whether it was crossed is not known, so nothing is mended either.
    assert migrated.outcomes() == []
    assert migrated.is_untouched(image)


def test_a_run_killed_in_the_middle_of_the_restore_is_resumed(migrated: Shop) -> None:
    # The first time, tables without their keys are there, and no more follows.
    half = '"$real" --section=pre-data --dbname="host=$PGHOST dbname=shop_restored" "${@: -1}"'
    migrated.wrap(
        "pg_restore",
        before=f'if mkdir "$HOME/half"; then {half}; touch "$HOME/half/there"; sleep 300; fi',
    )
    with migrated.started() as run:
        wait_for(migrated.folder / "half" / "there")
        kill_all(run)
    assert migrated.sql("select count(*) from orders", "shop_restored") == "0"
    assert "read-only" in migrated.asked(WRITE).stderr

    migrated.succeed("--resume")
    assert migrated.image() == migrated.before
    migrated.sql(WRITE)
    begun = [e["step"] for e in migrated.events("step_intent")]
    assert begun == ["read_only", "restore", "restore", "swap", "writable"]


def test_a_run_killed_right_after_the_exchange_does_not_exchange_again(migrated: Shop) -> None:
    """The server has committed and the journal does not know it: `done_when` asks the server."""
    swapped = "\"select count(*) from pg_database where datname = 'shop_v3_2'\""
    migrated.wrap(
        "psql",
        after=f'if [[ $("$real" -XqwAt -d postgres -c {swapped}) == 1 ]] && mkdir "$HOME/swapped"; then touch "$HOME/swapped/there"; sleep 300; fi',
    )
    with migrated.started() as run:
        wait_for(migrated.folder / "swapped" / "there")
        kill_all(run)
    assert migrated.events("step_intent")[-1]["step"] == "swap"

    migrated.succeed("--resume")
    assert migrated.image() == migrated.before
    assert ("swap", "run", "already") in migrated.outcomes()
    assert ("swap", "run", "done") not in migrated.outcomes()
    assert (
        migrated.sql(
            "select allow from (select datallowconn as allow from pg_database where datname = 'shop') d"
        )
        == "t"
    )
    migrated.sql(WRITE)


def test_a_backup_is_restored_over_the_live_tables(in_place: Shop) -> None:
    before = in_place.image()
    in_place.succeed(role="capture")
    in_place.sql("update users set name = 'wrong'; delete from orders")
    in_place.succeed()
    assert in_place.image() == before
    in_place.sql(WRITE)


def test_a_restore_over_the_live_tables_that_fails_halfway_changes_nothing(in_place: Shop) -> None:
    """What makes them writable again is the `ensure` step alone: nothing here has an `undo`."""
    in_place.succeed(role="capture")
    in_place.sql("update users set name = 'changed'")
    image = in_place.image()
    in_place.cut_the_dump_short()
    in_place.vouch_for_the_dump()
    in_place.fail(1)
    assert in_place.outcomes() == [
        ("read_only", "run", "done"),
        ("restore", "run", "failed"),
        ("writable", "ensure", "done"),
    ]
    assert in_place.is_untouched(image)


def test_a_restore_that_waits_for_a_lock_ends_with_its_time_limit(in_place: Shop) -> None:
    in_place.succeed(role="capture")
    in_place.sql("update users set name = 'wrong'")
    image = in_place.image()
    waiting = "select count(*) from pg_stat_activity where application_name = 'pg_restore' and wait_event_type = 'Lock'"
    there = "select count(*) from pg_stat_activity where application_name = 'pg_restore'"
    with subprocess.Popen(
        ["psql", "-Xqw", "-d", "shop"],
        env={**os.environ, **in_place.systems},
        stdin=subprocess.PIPE,
        text=True,
    ) as session:
        assert session.stdin is not None
        session.stdin.write("begin; lock table users in access exclusive mode;\n")
        session.stdin.flush()
        try:
            eventually(
                lambda: (
                    in_place.sql(
                        "select count(*) from pg_locks where mode = 'AccessExclusiveLock' and granted and relation = 'users'::regclass"
                    )
                    == "1"
                ),
                "the lock is held",
            )
            with in_place.started() as run:
                eventually(lambda: in_place.sql(waiting, "postgres") == "1", "the restore waits")
                assert "read-only" in in_place.asked("create table late (id int)").stderr
                printed, _ = run.communicate(timeout=60)
            assert run.returncode == 1, printed
            assert "stopped at the time limit of the step" in printed
            # Gone, while the lock is still held: on the server too.
            eventually(lambda: in_place.sql(there, "postgres") == "0", "the restore is gone")
            assert not subprocess.run(
                ["pgrep", "-f", str(in_place.dump)], check=False, capture_output=True
            ).stdout
            assert session.poll() is None
            in_place.sql("begin; insert into schema_migrations values ('2026'); rollback")
        finally:
            session.stdin.close()
            session.wait(timeout=30)
    assert in_place.outcomes() == [
        ("read_only", "run", "done"),
        ("restore", "run", "timed_out"),
        ("writable", "ensure", "done"),
    ]
    assert (
        in_place.failure()["failure_details"]["step"] == "Restore the backup over the live tables"
    )
    assert in_place.image() == image
