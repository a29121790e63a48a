"""`rbc check --fix` and `--diff`: what is mended, and that nothing else is touched."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import PLAN, Rbc

UNUSED = '# rbc: allow RB305 "once it was"'
SAFE = PLAN.replace("  level  2\n", f"  level  2 {UNUSED}\n")
UNSAFE = PLAN.replace("run back..proof }", "run back..proof; claims 7m }")
RIGHT = PLAN.replace("run back..proof }", "run back..proof; claims 6m }")


def test_safe_fixes_are_made_and_the_rest_is_reported(rbc: Rbc, plan: Path) -> None:
    plan.write_text(SAFE.replace("run back..proof }", "run back..proof; claims 7m }"))
    done = rbc("check", plan.name, "--fix")
    assert done.returncode == 0
    assert done.stderr == "1 finding mended in 1 file\n"
    assert "RB910" not in done.stdout
    assert "warning[RB304]" in done.stdout
    assert plan.read_text() == UNSAFE


def test_unsafe_fixes_are_made_when_asked_for(rbc: Rbc, plan: Path) -> None:
    plan.write_text(UNSAFE)
    assert rbc("check", plan.name, "--fix").stderr == "nothing to mend\n"
    assert plan.read_text() == UNSAFE
    done = rbc("check", plan.name, "--fix", "--unsafe-fixes")
    assert (done.returncode, done.stdout) == (0, "nothing to report in 1 file\n")
    assert plan.read_text() == RIGHT


def test_the_exit_code_is_about_what_is_left(rbc: Rbc, plan: Path) -> None:
    plan.write_text(SAFE.replace("run back..proof }", "run back..proof; claims 3m }"))
    assert rbc("check", plan.name, "--fix").returncode == 1
    assert rbc("check", plan.name, "--fix", "--unsafe-fixes").returncode == 0


def test_diff_shows_what_fix_would_do_and_writes_nothing(rbc: Rbc, plan: Path) -> None:
    plan.write_text(SAFE)
    done = rbc("check", plan.name, "--diff")
    assert (done.returncode, done.stderr) == (1, "1 finding can be mended in 1 file\n")
    assert f"\n-  level  2 {UNUSED}\n+  level  2\n" in done.stdout
    assert plan.read_text() == SAFE
    rbc("check", plan.name, "--fix")
    done = rbc("check", plan.name, "--diff")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "nothing to mend\n")


@pytest.mark.needs("git")
@pytest.mark.parametrize("ending", ["\n", "\r\n", ""], ids=["lf", "crlf", "no newline at the end"])
def test_a_diff_can_be_applied(rbc: Rbc, plan: Path, folder: Path, ending: str) -> None:
    text = SAFE.rstrip("\n") if not ending else SAFE.replace("\n", ending)
    plan.write_bytes(text.encode())
    patch = rbc("check", plan.name, "--diff").stdout.encode()
    subprocess.run(["git", "apply", "-p0", "-"], cwd=folder, input=patch, check=True)
    assert plan.read_bytes() == text.replace(f" {UNUSED}", "").encode()


def test_bytes_that_no_fix_names_stay(rbc: Rbc, plan: Path) -> None:
    text = SAFE.replace("goes live.", "geht live – 日本\t\u00a0 ").replace("\n", "\r\n")
    data = b"\xef\xbb\xbf" + text.encode().rstrip() + b"  \r\n\r\n\t"
    plan.write_bytes(data)
    plan.chmod(0o640)
    assert rbc("check", plan.name, "--fix").returncode == 0
    assert plan.read_bytes() == data.replace(f" {UNUSED}".encode(), b"")
    assert stat.S_IMODE(plan.stat().st_mode) == 0o640
    assert [path.name for path in plan.parent.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("comment", "left"),
    [
        (f"  {UNUSED}\n", ""),
        ('  # rbc: allow RB305, RB307 "x"\n', ""),
        ('  # rbc: allow-file RB305 ,RB306,  RB307 "x, RB308, y"\n', ""),
        (f"  # kept\n  {UNUSED}\n\n", "  # kept\n\n"),
    ],
)
def test_fixes_that_touch_are_made_in_rounds(rbc: Rbc, plan: Path, comment: str, left: str) -> None:
    plan.write_text(PLAN.replace("  level  2\n", f"  level  2\n{comment}"))
    assert rbc("check", plan.name, "--fix").returncode == 0
    assert plan.read_text() == PLAN.replace("  level  2\n", f"  level  2\n{left}")


def test_one_code_of_several_is_taken_out(rbc: Rbc, plan: Path) -> None:
    for codes in ("RB304, RB307", "RB307, RB304", "RB307,RB304, RB308"):
        comment = f'# rbc: allow {codes} "in the contract"\n  scenario'
        plan.write_text(UNSAFE.replace("scenario", comment))
        rbc("check", plan.name, "--fix")
        assert plan.read_text() == UNSAFE.replace(
            "scenario", '# rbc: allow RB304 "in the contract"\n  scenario'
        )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("after back, proof", "after proof"),
        ("after proof, back", "after proof"),
        ("after back , proof", "after proof"),
        ("needs proof\n    after back", "needs proof"),
        ("needs proof; after back", "needs proof"),
        ("after back ; needs proof", "needs proof"),
        ("after back # first\n    needs proof", "# first\n    needs proof"),
    ],
)
def test_an_order_that_says_nothing_new_is_removed(
    rbc: Rbc, plan: Path, before: str, after: str
) -> None:
    plan.write_text(PLAN.replace("after proof\n", f"{before}\n"))
    assert rbc("check", plan.name, "--fix", "--pedantic").returncode == 0
    assert plan.read_text() == PLAN.replace("after proof\n", f"{after}\n")


def test_an_order_over_several_lines_is_left_to_people(rbc: Rbc, plan: Path) -> None:
    text = PLAN.replace("after proof\n", "after proof, # then\n      back\n")
    plan.write_text(text)
    done = rbc("check", plan.name, "--fix", "--pedantic")
    assert "pedantic[RB502]" in done.stdout
    assert plan.read_text() == text


def test_pedantic_findings_are_mended_where_they_are_reported(rbc: Rbc, plan: Path) -> None:
    text = PLAN.replace("after proof\n", "after back, proof\n")
    plan.write_text(text)
    assert rbc("check", plan.name, "--fix").stderr == "nothing to mend\n"
    assert plan.read_text() == text


@pytest.mark.parametrize(("reader", "heard"), [("cat > notes", False), ("ssh shop bash -s", True)])
def test_what_looks_like_a_comment_in_shell_is_not_safe_to_remove(
    rbc: Rbc, plan: Path, reader: str, heard: bool
) -> None:
    shell = f"```\n    {reader} <<END\n    {UNUSED}\n    END\n    ```"
    text = PLAN.replace(
        "`kubectl -n shop delete configmap shop-3-2-flags --ignore-not-found`", shell
    )
    plan.write_text(text)
    done = rbc("check", plan.name, "--fix")
    # What is written into a file is no comment; in shell that another shell is given it is one.
    assert ("RB910" in done.stdout) is heard, done.stdout
    assert plan.read_text() == text


def test_each_file_is_mended_once_however_it_is_named(rbc: Rbc, plan: Path, folder: Path) -> None:
    plan.write_text(SAFE)
    (folder / "other.rbplan").write_text(SAFE.replace("plan shop", "plan other"))
    done = rbc("check", plan.name, f"./{plan.name}", ".", "--fix")
    assert done.stderr == "2 findings mended in 2 files\n"
    assert plan.read_text() == PLAN


def test_standard_input_is_written_to_standard_output(rbc: Rbc, plan: Path) -> None:
    done = rbc("check", "-", "--fix", stdin=b"\xef\xbb\xbf" + SAFE.replace("\n", "\r\n").encode())
    assert done.returncode == 0
    assert done.stdout == "\ufeff" + PLAN.replace("\n", "\r\n")
    assert "1 finding mended in 1 file" in done.stderr
    done = rbc("check", "-", "--fix", stdin=UNSAFE.encode())
    assert done.stdout == UNSAFE
    assert "warning[RB304]" in done.stderr
    assert plan.read_text() == PLAN


def test_a_link_stays_a_link(rbc: Rbc, plan: Path, folder: Path) -> None:
    (folder / "real").mkdir()
    real = folder / "real" / "shop.txt"
    real.write_text(SAFE)
    plan.unlink()
    plan.symlink_to("real/shop.txt")
    assert rbc("check", plan.name, "--fix").returncode == 0
    assert plan.is_symlink()
    assert real.read_text() == PLAN


@pytest.mark.needs("setpriv")
def test_a_file_that_can_not_be_written_exits_2_and_the_others_are_written(
    plan: Path, folder: Path
) -> None:
    plan.write_text(SAFE)
    locked = folder / "locked"
    locked.mkdir()
    (locked / "a.rbplan").write_text(SAFE)
    sealed = folder / "sealed.rbplan"
    sealed.write_text(SAFE.replace("plan shop", "plan sealed"))
    sealed.chmod(0o444)
    for path in (folder, plan, sealed):
        os.chown(path, 65534, 65534)
    folder.chmod(0o755)
    for above in folder.parents:
        if above.stat().st_uid == os.getuid() and above != Path(above.anchor):
            above.chmod(above.stat().st_mode | 0o055)
    command = [sys.executable, "-m", "rbdsl.cli.main", "check", "--fix", "."]
    done = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    for name in ("locked/a.rbplan", "sealed.rbplan"):
        assert f"rbc: cannot write `{name}`: permission denied" in done.stderr
    assert UNUSED in sealed.read_text()
    assert plan.read_text() == PLAN
    assert (locked / "a.rbplan").read_text() == SAFE
    assert len(list(locked.iterdir())) == 1
    # What is reported is what the files hold, not what they would have held.
    assert done.stdout.count("RB910") == 2
    assert "2 warnings in 3 files" in done.stdout


def test_options_that_contradict_each_other(rbc: Rbc, plan: Path) -> None:
    for options, words in (
        (["--unsafe-fixes"], "--unsafe-fixes needs --fix or --diff"),
        (["--fix", "--diff"], "give one of them"),
        (["--watch", "--fix"], "--watch only looks"),
    ):
        done = rbc("check", plan, *options)
        assert done.returncode == 2
        assert words in done.stderr


def test_what_can_not_be_read_exits_2(rbc: Rbc, plan: Path, folder: Path) -> None:
    plan.write_text(SAFE)
    (folder / "bad.rbplan").write_bytes(b"rbplan 1\n\0")
    done = rbc("check", ".", "--diff")
    assert done.returncode == 2
    assert "the file is binary" in done.stderr
    assert f"-  level  2 {UNUSED}" in done.stdout
    assert rbc("check", ".", "--fix").returncode == 2
    assert plan.read_text() == PLAN
