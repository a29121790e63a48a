"""Which files the arguments of a command mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from rbdsl.project.discovery import discover


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (
        "b.rbplan",
        "a.rbplan",
        "notes.txt",
        "plans/one.rbplan",
        "plans/deep/two.rbplan",
        "plans/.hidden/no.rbplan",
        "plans/.secret.rbplan",
        "build/a/no.rbplan",
        "plans/node_modules/x/no.rbplan",
        "empty/readme.md",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("rbplan 1\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(*arguments: str) -> list[str]:
    discovery = discover(arguments)
    assert discovery.complaints == ()
    return [str(path) for path in discovery.paths]


def test_a_folder_is_searched_in_order_and_without_what_was_generated(project: Path) -> None:
    del project
    assert found(".") == ["a.rbplan", "b.rbplan", "plans/deep/two.rbplan", "plans/one.rbplan"]


def test_a_named_file_is_taken_whatever_it_is_called(project: Path) -> None:
    del project
    assert found("notes.txt", "build/a/no.rbplan") == ["notes.txt", "build/a/no.rbplan"]


def test_a_quoted_pattern_is_expanded(project: Path) -> None:
    del project
    assert found("*.rbplan") == ["a.rbplan", "b.rbplan"]
    assert found("plans/**/*.rbplan") == ["plans/deep/two.rbplan", "plans/one.rbplan"]
    assert found("build/*/*.rbplan") == ["build/a/no.rbplan"]
    assert found("p*") == ["plans/deep/two.rbplan", "plans/one.rbplan"]


def test_a_file_whose_name_looks_like_a_pattern(project: Path) -> None:
    (project / "a[1].rbplan").write_text("x")
    assert found("a[1].rbplan") == ["a[1].rbplan"]


def test_each_file_comes_once(project: Path) -> None:
    (project / "link.rbplan").symlink_to("a.rbplan")
    assert found("a.rbplan", "./a.rbplan", "link.rbplan", ".")[:2] == ["a.rbplan", "b.rbplan"]


def test_standard_input_stays(project: Path) -> None:
    del project
    assert found("-", "a.rbplan") == ["-", "a.rbplan"]


def test_a_missing_file_is_kept_so_that_reading_it_says_so(project: Path) -> None:
    del project
    assert found("missing.rbplan") == ["missing.rbplan"]


def test_what_finds_nothing_is_complained_about(project: Path) -> None:
    del project
    assert discover(["x*.rbplan"]).complaints == ("no plan matches 'x*.rbplan'",)
    assert discover(["empty"]).complaints == ("there is no *.rbplan file in 'empty'",)
