"""Before anything is touched: everything that is in the way, at once."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

import pytest

from tests.runtime.running import Scripts, plan

Compiled = Callable[[str], Scripts]

POINT = """
  point_of_no_return edge "Edge" {
    because "it is so"
    crossed when `test -e crossed`
    blocks work
    forward_fix { step "Forward" { run `touch fixed` } }
  }"""
WORK = (
    '  phase work "Work" { budget 10s; step a "A" { requires no-such-command; run `touch ran` } }'
)


def test_all_problems_are_listed_with_the_lock_and_the_point(compiled: Compiled) -> None:
    text = plan(
        f"""{POINT}
{WORK.replace("requires", "uses saved; requires")}""",
        header="""  secret TOKEN "t"
  capture { step s "S" { creates saved "saved.txt" checksum sha256; run `true` } }""",
    )
    scripts = compiled(text)
    (scripts.folder / "crossed").touch()
    lock = scripts.folder / ".rbc/locks/op-1"
    lock.mkdir(parents=True)
    owner = f"eve\t{os.uname().nodename}\t{os.getpid()}\t2026-01-01T00:00:00Z\n"
    (lock / "owner").write_text(owner)
    done = scripts.run()
    assert done.returncode == 3
    for problem in (
        "the secret $TOKEN is not set",
        "the command `no-such-command` is not here (needed by: A)",
        "the artifact saved is missing",
        f"op-1 is being rolled back by eve on {os.uname().nodename} (process {os.getpid()})",
        "past the point of no return `Edge`, which keeps these phases from running: work",
    ):
        assert f"✗ {problem}" in done.stdout
    assert "nothing is captured in" in done.stdout
    assert "--artifacts" in done.stdout
    assert "6 problem(s)" in done.stdout
    assert not (scripts.folder / ".rbc/runs").exists()
    assert (lock / "owner").read_text() == owner


def test_a_forward_fix_asks_first_whether_the_point_is_crossed(compiled: Compiled) -> None:
    scripts = compiled(plan(POINT + '\n  phase work "Work" { budget 10s; step a "A" { run `:` } }'))
    early = scripts.run("--forward-fix", "edge")
    assert early.returncode == 3
    assert "not crossed, so nothing is fixed forward" in early.stdout
    assert not (scripts.folder / "fixed").exists()
    (scripts.folder / "crossed").touch()
    fixed = scripts.run("--forward-fix", "edge")
    assert fixed.returncode == 0, fixed.stdout
    assert (scripts.folder / "fixed").exists()


@pytest.mark.parametrize(("options", "status"), [([], 0), (["--auto", "--reason", "r"], 3)])
def test_where_nobody_knows_a_person_may_decide_to_fix_forward(
    compiled: Compiled, options: list[str], status: int
) -> None:
    text = plan(POINT + '\n  phase work "Work" { budget 10s; step a "A" { run `:` } }')
    scripts = compiled(text.replace("test -e crossed", "exit 9"))
    done = scripts.run("--forward-fix", "edge", *options)
    assert done.returncode == status, done.stdout
    assert (scripts.folder / "fixed").exists() is (status == 0)


def test_every_program_that_the_script_itself_needs_is_named(compiled: Compiled) -> None:
    scripts = compiled(
        plan(
            """
  phase work "Work" { budget 10s; step a "A" { run `[[ -e mended ]]` } }
  phase proof "Proof" { after work; budget 10s; verify }
  verification { check c "C" { expect `:` } }"""
        )
    )
    (scripts.bin / "bash").symlink_to("/usr/bin/bash")
    alone = {"PATH": str(scripts.bin)}
    done = scripts.run(env=alone)
    assert done.returncode == 3
    missing = set(
        re.findall(r"the command `(\w+)` is not here \(needed by: the script", done.stdout)
    )
    assert {"timeout", "sha256sum", "sync", "mkfifo", "truncate"} <= missing
    # Nothing else is needed.
    for name in missing:
        (scripts.bin / name).symlink_to(f"/usr/bin/{name}")
    failed = scripts.run(env=alone)
    assert failed.returncode == 1, failed.stdout
    assert failed.stderr == ""
    (scripts.folder / "mended").touch()
    done = scripts.run("--resume", env=alone)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert "on the clock, verified" in done.stdout


@pytest.mark.parametrize("grace", ["abc", "08", "5s", "-1"])
def test_a_grace_that_is_no_number_is_refused(compiled: Compiled, grace: str) -> None:
    scripts = compiled(plan('  phase work "Work" { budget 10s; step a "A" { run `touch ran` } }'))
    done = scripts.run(env={"RBC_GRACE": grace})
    assert done.returncode == 3
    assert f"RBC_GRACE is `{grace}`" in done.stdout
    assert not (scripts.folder / "ran").exists()
