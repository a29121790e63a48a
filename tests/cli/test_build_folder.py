"""The output folder: what is written, and what never is."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import click
import pytest

from rbdsl.backends.output import OutputFile
from rbdsl.cli.build_folder import BuildFolder, ChangeKind


def outputs(*files: tuple[str, str], executable: str = "") -> list[OutputFile]:
    listed = [
        {"path": path, "sha256": hashlib.sha256(text.encode()).hexdigest()} for path, text in files
    ]
    manifest = json.dumps({"manifest": {"outputs": listed}})
    made = [OutputFile(path, text, path == executable) for path, text in files]
    return [OutputFile("manifest.json", manifest), *made]


def build(folder: BuildFolder, files: list[OutputFile]) -> list[tuple[str, str]]:
    changes = folder.changes(files)
    folder.apply(changes)
    return [(change.path, change.kind.value) for change in changes]


def tree(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def folder(tmp_path: Path) -> BuildFolder:
    return BuildFolder(tmp_path / "build", "p")


def test_writes_all_files_with_their_modes_and_leaves_nothing_else(folder: BuildFolder) -> None:
    files = outputs(("run.sh", "echo\n"), ("report/a.md", "# A\n"), executable="run.sh")
    build(folder, files)
    assert tree(folder.out) == {f"p/{f.path}": f.text for f in files}
    assert (folder.path / "run.sh").stat().st_mode & 0o777 == 0o755
    assert (folder.path / "report/a.md").stat().st_mode & 0o777 == 0o644
    assert [path.name for path in folder.out.iterdir()] == ["p"]


def test_the_umask_of_the_user_holds(folder: BuildFolder) -> None:
    before = os.umask(0o077)
    try:
        build(folder, outputs(("run.sh", ""), executable="run.sh"))
    finally:
        os.umask(before)
    assert (folder.path / "run.sh").stat().st_mode & 0o777 == 0o700


def test_unchanged_files_are_not_touched(folder: BuildFolder) -> None:
    build(folder, outputs(("a", "1"), ("b", "1")))
    os.utime(folder.path / "a", (1, 1))
    assert build(folder, outputs(("a", "1"), ("b", "2"))) == [
        ("manifest.json", "stale"),
        ("b", "stale"),
    ]
    assert (folder.path / "a").stat().st_mtime == 1
    assert (folder.path / "b").read_text() == "2"


def test_a_script_that_lost_its_mode_gets_it_back(folder: BuildFolder) -> None:
    files = outputs(("run.sh", "x"), executable="run.sh")
    build(folder, files)
    (folder.path / "run.sh").chmod(0o644)
    assert build(folder, files) == [("run.sh", "not executable")]
    assert os.access(folder.path / "run.sh", os.X_OK)


def test_what_is_no_longer_produced_goes_with_its_empty_folder(folder: BuildFolder) -> None:
    build(folder, outputs(("a", "1"), ("report/x.md", "1")))
    changes = build(folder, outputs(("a", "1")))
    assert ("report/x.md", ChangeKind.LEFTOVER.value) in changes
    assert sorted(path.name for path in folder.path.iterdir()) == ["a", "manifest.json"]


def test_what_somebody_edited_or_added_stays(folder: BuildFolder) -> None:
    build(folder, outputs(("a", "1"), ("b", "1")))
    (folder.path / "b").write_text("mine")
    (folder.path / "notes.txt").write_text("mine")
    assert folder.kept(outputs(("a", "1"))) == ["b"]
    build(folder, outputs(("a", "1")))
    assert (folder.path / "b").read_text() == "mine"
    assert (folder.path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("path", ["../evil", "/etc/evil", "a/../../evil", ""])
def test_no_path_leads_out(folder: BuildFolder, path: str) -> None:
    with pytest.raises(click.ClickException, match="leads outside"):
        folder.changes([OutputFile(path, "x")])


def test_a_manifest_cannot_make_it_remove_what_is_elsewhere(folder: BuildFolder) -> None:
    build(folder, outputs(("a", "1")))
    victim = folder.out.parent / "victim"
    victim.write_text("x")
    digest = hashlib.sha256(b"x").hexdigest()
    entries = [{"path": p, "sha256": digest} for p in ("../../victim", str(victim))]
    manifest = {"manifest": {"outputs": entries}}
    (folder.path / "manifest.json").write_text(json.dumps(manifest))
    build(folder, outputs(("a", "1")))
    assert victim.exists()


@pytest.mark.parametrize("broken", ["", "[]", "{", '{"manifest": {"outputs": [1]}}', "null"])
def test_a_broken_manifest_is_written_anew(folder: BuildFolder, broken: str) -> None:
    build(folder, outputs(("a", "1")))
    (folder.path / "manifest.json").write_text(broken)
    assert build(folder, outputs(("a", "1"))) == [("manifest.json", "stale")]


@pytest.mark.parametrize("link", ["p", "p/report", "p/report/x.md"])
def test_links_that_lead_out_are_refused(folder: BuildFolder, link: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.md").write_text("theirs")
    at = folder.out / link
    at.parent.mkdir(parents=True)
    at.symlink_to(outside / "x.md" if link.endswith(".md") else outside)
    before = tree(outside)
    with pytest.raises(click.ClickException, match="leads outside"):
        build(folder, outputs(("report/x.md", "mine"), ("x.md", "mine")))
    assert tree(outside) == before


def test_the_output_folder_itself_may_be_a_link(folder: BuildFolder, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    folder.out.symlink_to(tmp_path / "elsewhere")
    build(folder, outputs(("a", "1")))
    assert (tmp_path / "elsewhere/p/a").read_text() == "1"


def test_a_folder_in_the_way_is_named_and_nothing_is_left_behind(folder: BuildFolder) -> None:
    (folder.path / "a" / "b").mkdir(parents=True)
    with pytest.raises(click.ClickException, match=r"cannot read `.*p/a`: is a directory"):
        build(folder, outputs(("a", "1")))
    assert [path.name for path in folder.out.iterdir()] == ["p"]


def test_a_file_in_place_of_the_output_folder(folder: BuildFolder) -> None:
    folder.out.write_text("x")
    with pytest.raises(click.ClickException, match="cannot write"):
        build(folder, outputs(("a", "1")))
