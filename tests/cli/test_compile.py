"""`rbc compile` from outside."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

from rbdsl.cli.main import commands
from tests.cli.conftest import MODULE, PLAN, Rbc


def tree(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_writes_the_four_products_and_a_manifest_that_is_true(
    rbc: Rbc, plan: Path, folder: Path
) -> None:
    done = rbc("compile", plan.name)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"build/shop/: \d+ written\n", done.stdout)
    built = folder / "build/shop"
    names = set(tree(built))
    assert {"PLAN.md", "auto-rollback.json", "manifest.json"} <= names
    assert {"rollback.sh", "capture.sh", "verify.sh", "monitor.sh"} <= names
    assert any(name.startswith("report/") for name in names)
    manifest = json.loads((built / "manifest.json").read_text())["manifest"]
    listed = {entry["path"]: entry["sha256"] for entry in manifest["outputs"]}
    assert listed == {name: digest for name, digest in tree(built).items() if name in listed}
    assert names == set(listed) | {"manifest.json"}
    assert manifest["inputs"] == [
        {"path": plan.name, "sha256": hashlib.sha256(plan.read_bytes()).hexdigest()}
    ]
    for name in ("rollback.sh", "capture.sh", "verify.sh", "monitor.sh"):
        assert os.access(built / name, os.X_OK)


def test_the_same_bytes_again_from_elsewhere_and_in_another_locale(
    rbc: Rbc, plan: Path, folder: Path
) -> None:
    rbc("compile", plan.name)
    first = tree(folder / "build")
    (folder / "deep/er").mkdir(parents=True)
    other = folder / "deep/er" / plan.name
    other.write_text(plan.read_text())
    environment = {"LC_ALL": "C", "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7", "COLUMNS": "40"}
    rbc("compile", other, "--out", folder / "out", environment=environment)
    assert tree(folder / "out") == first


def test_nothing_is_written_when_there_is_an_error(rbc: Rbc, plan: Path, folder: Path) -> None:
    rbc("compile", plan.name)
    before = tree(folder / "build")
    (folder / "other.rbplan").write_text(PLAN.replace("plan shop", "plan other"))
    plan.write_text(PLAN.replace("after back", "after bakc"))
    done = rbc("compile", plan.name, "other.rbplan")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "error[RB201]" in done.stderr
    assert tree(folder / "build") == before


def test_nothing_is_written_of_a_plan_of_an_unknown_level_and_all_is_told(
    rbc: Rbc, plan: Path, folder: Path
) -> None:
    plan.write_text(PLAN.replace("level  2", "level 7").replace("after proof", "after tidy"))
    codes = re.findall(r"^error\[(RB\d{3})", rbc("compile", plan.name).stderr, re.MULTILINE)
    assert codes == ["RB400", "RB501"]
    plan.write_text(PLAN.replace("level  2", "level 7").replace("timeout 3m", "timeout 9m"))
    done = rbc("compile", plan.name)
    assert done.returncode == 1
    assert re.findall(r"^\w+\[(RB\d{3})", done.stderr, re.MULTILINE)[:2] == ["RB400", "RB306"]
    assert not (folder / "build").exists()


def test_with_strict_a_warning_stops_it(rbc: Rbc, plan: Path, folder: Path) -> None:
    plan.write_text(PLAN.replace("run back..proof }", "run back..proof; claims 7m }"))
    assert rbc("compile", plan.name, "--strict").returncode == 1
    assert not (folder / "build").exists()
    done = rbc("compile", plan.name)
    assert done.returncode == 0
    assert "warning[RB304]" in done.stderr


def test_check_shows_what_is_stale_and_writes_nothing(rbc: Rbc, plan: Path, folder: Path) -> None:
    missing = rbc("compile", plan.name, "--check")
    assert missing.returncode == 1
    assert "build/shop/PLAN.md: missing" in missing.stderr
    assert not (folder / "build").exists()
    rbc("compile", plan.name)
    fresh = rbc("compile", plan.name, "--check")
    assert (fresh.returncode, fresh.stdout) == (0, "everything is up to date\n")
    plan.write_text(PLAN.replace("Web shop 3.2 goes live.", "Web shop 3.3 goes live."))
    before = tree(folder / "build")
    stale = rbc("compile", plan.name, "--check")
    assert stale.returncode == 1
    assert "-Web shop 3.2 goes live." in stale.stdout
    assert "+Web shop 3.3 goes live." in stale.stdout
    assert tree(folder / "build") == before


def test_the_diff_can_be_applied(rbc: Rbc, plan: Path, folder: Path) -> None:
    rbc("compile", plan.name)
    plan.write_text(PLAN.replace("budget 4m", "budget 3m30s"))
    diff = rbc("compile", plan.name, "--check", "--quiet").stdout
    subprocess.run(["patch", "-p0"], input=diff, text=True, cwd=folder, check=True)
    assert rbc("compile", plan.name, "--check").returncode == 0


def test_an_edited_a_missing_and_an_unexecutable_file_are_noticed(
    rbc: Rbc, plan: Path, folder: Path
) -> None:
    rbc("compile", plan.name)
    built = folder / "build/shop"
    (built / "auto-rollback.json").write_text("{}\n")
    (built / "PLAN.md").unlink()
    (built / "rollback.sh").chmod(0o644)
    done = rbc("compile", plan.name, "--check")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "build/shop/PLAN.md: missing",
        "build/shop/auto-rollback.json: stale",
        "build/shop/rollback.sh: not executable",
    ]
    assert done.stdout.endswith("3 files not up to date: run rbc compile\n")


def test_targets_and_what_an_earlier_run_left(rbc: Rbc, plan: Path, folder: Path) -> None:
    rbc("compile", plan.name)
    done = rbc("compile", plan.name, "--target", "json", "--target", "markdown")
    assert done.returncode == 0
    assert "removed" in done.stdout
    assert set(tree(folder / "build/shop")) == {"PLAN.md", "auto-rollback.json", "manifest.json"}


def test_a_target_of_ones_own(rbc: Rbc, plan: Path, folder: Path) -> None:
    wiki = folder / "wiki"
    wiki.mkdir()
    (wiki / "target.toml").write_text(
        'name = "wiki"\ndescription = "a page"\n'
        '[[files]]\ntemplate = "page.j2"\npath = "wiki/page.txt"\n'
    )
    (wiki / "page.j2").write_text("{{ plan.title.plain | e }}\n")
    done = rbc("compile", plan.name, "--target", "./wiki")
    assert done.returncode == 0, done.stderr
    assert (folder / "build/shop/wiki/page.txt").read_text() == "Web shop 3.2\n"
    for line, fault in (
        ("{{ plan.titel }}", "has no attribute 'titel'"),
        ("{{ plan.titel | e }}", "has no attribute 'titel'"),
        ("{{ plan.title }}", "the text “Web shop 3.2” passes no filter: `sh`, "),
        ("{{ plan.title | upper }}", "the text “WEB SHOP 3.2” passes no filter"),
        ("{{ plan.phases[0].title.plain }}", "the text “Back to 3.1.4” passes no filter"),
        ("{{ 'of ' ~ plan.title }}", "the text “of Web shop 3.2” passes no filter"),
        ("{% if %}", "Expected an expression"),
        ("{{ plan.title | wiki }}", "No filter named 'wiki'"),
        ("{% include 'no.j2' %}", "no.j2"),
    ):
        (wiki / "page.j2").write_text(f"first\n\n{line}\n")
        done = rbc("compile", plan.name, "--target", "./wiki")
        assert done.returncode == 2
        assert "Error: target `wiki`: wiki/page.j2:3: " in done.stderr
        assert fault in done.stderr
        assert "internal error" not in done.stderr
    (wiki / "target.toml").write_text('name = "wiki"\n')
    done = rbc("compile", plan.name, "--target", "./wiki")
    assert done.returncode == 2
    assert "target.toml" in done.stderr
    assert "internal error" not in done.stderr


def test_two_plans_of_one_name_are_refused(rbc: Rbc, plan: Path, folder: Path) -> None:
    (folder / "copy.rbplan").write_text(PLAN.replace("plan shop", "plan Shop"))
    done = rbc("compile", plan.name, "copy.rbplan")
    assert done.returncode == 2
    assert "would be written to the same folder" in done.stderr
    assert not (folder / "build").exists()


def test_modules_are_passed_over_in_folders_and_refused_by_name(
    rbc: Rbc, plan: Path, folder: Path
) -> None:
    (folder / "things.rbplan").write_text(MODULE)
    done = rbc("compile", ".")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (folder / "build").iterdir()] == ["shop"]
    refused = rbc("compile", plan, "things.rbplan")
    assert refused.returncode == 2
    assert "`things.rbplan` is a module" in refused.stderr


def test_compiling_a_folder_again_does_not_read_what_it_wrote(
    rbc: Rbc, plan: Path, folder: Path
) -> None:
    del plan
    rbc("compile", ".")
    (folder / "build/shop/trap.rbplan").write_text("nonsense")
    assert rbc("compile", ".").returncode == 0


def test_many_at_once_leave_whole_files_and_nothing_else(
    rbc: Rbc, plan: Path, folder: Path
) -> None:
    rbc("compile", plan.name, "--out", "expected")
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: rbc("compile", plan.name), range(8)))
    assert [one.returncode for one in done] == [0] * 8, done
    assert tree(folder / "build") == tree(folder / "expected")
    assert [path.name for path in (folder / "build").iterdir()] == ["shop"]


def test_different_plans_of_one_name_at_once_leave_one_of_them_whole(
    rbc: Rbc, plan: Path, folder: Path
) -> None:
    versions = [folder / f"v{number}.rbplan" for number in range(4)]
    for number, version in enumerate(versions):
        version.write_text(plan.read_text().replace("Web shop", f"Web shop {number}"))
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda version: rbc("compile", version), versions))
    assert [d.returncode for d in done] == [0] * 4
    assert sorted(rbc("compile", v, "--check").returncode for v in versions) == [0, 1, 1, 1]


def test_what_another_compiler_wrote_in_the_meantime_is_looked_at(
    rbc: Rbc, plan: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rbc("compile", plan)
    page = folder / "build/shop/PLAN.md"
    expected = page.read_text()
    (folder / "build/shop/capture.sh").unlink()  # something to do
    monkeypatch.setattr("fcntl.flock", lambda *_: page.write_text("of the other one"))
    done = CliRunner().invoke(commands, ["compile", str(plan), "--out", str(folder / "build")])
    assert done.output == f"{folder}/build/shop/: 2 written, 10 unchanged\n"
    assert page.read_text() == expected


def test_an_output_folder_that_cannot_be_written(rbc: Rbc, plan: Path, folder: Path) -> None:
    (folder / "file").write_text("")
    for out in (folder / "file", "/proc/nothing"):
        done = rbc("compile", plan, "--out", out)
        assert done.returncode == 2
        assert "internal error" not in done.stderr


@pytest.mark.parametrize("option", [[], ["--quiet"]])
def test_json_goes_to_standard_output_alone(rbc: Rbc, plan: Path, option: list[str]) -> None:
    plan.write_text(PLAN.replace("run back..proof }", "run back..proof; claims 7m }"))
    done = rbc("compile", plan, "--output-format", "json", *option)
    assert done.returncode == 0
    assert done.stderr == ""
    assert [found["code"] for found in json.loads(done.stdout)] == ["RB304"]
