"""Where the configurations of a plan are looked for, and what is wrong with them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rbdsl.project.configurations import Configurations
from tests.project.configuring import complaints, settings


def names(root: Path, files: dict[str, str], plan: str = "plans/a.rbplan") -> list[str]:
    return [str(file.path.relative_to(root)) for file in settings(root, files, plan).files]


def test_all_folders_above_the_plan_the_farthest_first(tmp_path: Path) -> None:
    files = {"rbc.toml": "", "plans/pyproject.toml": "[tool.rbc]\n", "plans/x/rbc.toml": ""}
    found = names(tmp_path, files, "plans/x/y/a.rbplan")
    assert found == ["rbc.toml", "plans/pyproject.toml", "plans/x/rbc.toml"]
    assert names(tmp_path, {}, "a.rbplan") == ["rbc.toml"]


def test_a_pyproject_without_a_table_of_rbc_is_none(tmp_path: Path) -> None:
    text = '[project]\nname = "rbc-plans"\n[tool.ruff]\nselect = ["ALL"]\n'
    assert names(tmp_path, {"pyproject.toml": text}) == []
    # What does not mention rbc is not even read: its faults are those of others.
    assert names(tmp_path, {"pyproject.toml": "not = = toml"}) == []


def test_a_root_ends_the_search(tmp_path: Path) -> None:
    files = {"rbc.toml": 'ignore = ["RB803"]', "plans/rbc.toml": "root = true\n"}
    assert names(tmp_path, files) == ["plans/rbc.toml"]
    assert "says root = true" in settings(tmp_path, files).ended
    files["plans/rbc.toml"] = "root = false\n"
    assert names(tmp_path, files) == ["rbc.toml", "plans/rbc.toml"]


def test_a_repository_ends_the_search(tmp_path: Path) -> None:
    files = {"rbc.toml": "", "plans/rbc.toml": "", "plans/.git": "gitdir: elsewhere\n"}
    assert names(tmp_path, files) == ["plans/rbc.toml"]
    assert settings(tmp_path, files).ended.endswith("plans/.git is there")


def test_one_file_in_place_of_all_and_none(tmp_path: Path) -> None:
    settings(tmp_path, {"rbc.toml": "", "ci.toml": "strict = true", "p/pyproject.toml": "[x]\n"})
    config, problems = Configurations(only=tmp_path / "ci.toml").of(tmp_path / "a.rbplan")
    assert ([file.path.name for file in config.files], problems) == (["ci.toml"], ())
    config, problems = Configurations(search=False).of(tmp_path / "a.rbplan")
    assert (config.files, problems) == ((), ())
    _, problems = Configurations(only=tmp_path / "p/pyproject.toml").of(tmp_path / "a.rbplan")
    assert [d.message for d in problems] == ["there is no `[tool.rbc]` in it"]
    _, problems = Configurations(only=tmp_path / "none.toml").of(tmp_path / "a.rbplan")
    assert [d.message for d in problems] == ["there is no such file"]


def test_two_configurations_in_one_folder(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.rbc]\nstrict = true\n")
    (message,) = complaints(tmp_path, "rbc.toml", "")
    assert message.startswith("pyproject.toml:1:1 ")
    assert message.endswith("both configure this folder")


def test_what_can_not_be_read(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    path = tmp_path / "rbc.toml"

    def words() -> str:
        _, (problem,) = Configurations().of(tmp_path / "a.rbplan")
        return problem.message

    path.mkdir()
    assert words() == "this is a folder, not a file"
    path.rmdir()
    path.symlink_to("none")
    assert words() == "this is a link to `none`, and there is no such file"
    path.unlink()
    os.mkfifo(path)
    assert words() == "this is a named pipe, not a file"
    path.unlink()
    path.write_bytes(b"ignore = [\0]")
    assert words() == "the file is binary: a NUL at byte 10"
    path.write_bytes(b"# caf\xe9\n")
    assert "not valid UTF-8" in words()
    path.write_text("a = " + "[" * 5000)
    assert "nested too deeply" in words()
    path.write_text("strict = " + "9" * 5000)
    assert "not valid TOML" in words()


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("select = [", "1:11", "the configuration is not valid TOML"),
        ('strict = true\nselct = ["RB8"]', "2:1", "the configuration has no `selct`"),
        ('ignore = [\n  "RB803",\n  "RB0804",\n]', "3:3", "there is no rule `RB0804`"),
        ('severity = { RB803 = "info", RB9x = "off" }', "1:30", "there is no rule `RB9x`"),
        ('severity = { "RB301" = "info" }', "1:14", "`RB301` can't be lowered to info"),
        ("[severity]\nRB803 = 3", "2:1", "`RB803` is `3`, which is no severity"),
        ('[severity]\nRB803 = "eror"', "2:9", "`RB803` is `eror`, which is no severity"),
        ('severity = { RB803 = "eror" }', "1:22", "`RB803` is `eror`, which is no severity"),
        (
            "strict = true\n  strict = false",
            "2:3",
            "the configuration is not valid TOML: it has `strict` twice",
        ),
        (
            'ignore = ["RB3"]\nignore = [\n  "SC",\n]',
            "2:1",
            "the configuration is not valid TOML: it has `ignore` twice",
        ),
        (
            "strict = true\n[strict]\na = 1",
            "2:2",
            "the configuration is not valid TOML: it has `strict` twice",
        ),
        (
            "[severity]\n[per-path.a]\n[severity]",
            "3:10",
            "the configuration is not valid TOML: it has the table `severity` twice",
        ),
        ('[per-path."a/[z"]', "1:2", "`a/[z` has a `[` without its `]`"),
        ('[per-path."***"]', "1:2", "`***` has `**` beside other characters"),
        ('include = ["b//c"]', "1:12", "`b//c` has nothing between two `/`"),
        ('[severity]\nsame-path-twice = "off"\nRB803 = "info"', "3:1", "the severity of `RB803`"),
        ('severity = "error"', "1:1", '`severity` is `"error"`, and should be a table'),
        ('ignore = ["RB803", 3]', "1:1", "a part of `ignore` is `3`, and should be a text"),
        ("ignore = 1979-05-27", "1:1", "`ignore` is something else, and should be a list"),
        ('exclude = ["{a,b}"]', "1:12", "`{a,b}` has braces"),
        ('per-path = ["a"]', "1:1", "`per-path` is a list, and should be a table"),
        ('[per-path]\n"a/**" = 1', "2:1", "`a/**` is `1`, and should be a table"),
        ('[per-path."a/**"]\nignore = ["RB100"]', "2:11", "`RB100` can't be ignored"),
        ('[per-path."a/**".severity]\nRB1 = "off"', "2:1", "`RB1` can't be ignored"),
        ('policy = ""', "1:1", "`policy` is no path to a file"),
        ("required-version = 1", "1:1", "`required-version` is `1`, and should be a text"),
        ('required-version = ">=77"', "1:20", "this configuration demands rbc >=77"),
    ],
)
def test_mistakes_have_places(tmp_path: Path, text: str, place: str, words: str) -> None:
    (message,) = complaints(tmp_path, "rbc.toml", text)
    assert message.startswith(f"rbc.toml:{place} {words}")


def test_beside_a_version_that_is_none_all_else_is_reported(tmp_path: Path) -> None:
    text = 'required-version = "banana"\nselct = 1\nexclude = ["a//b"]\n'
    assert complaints(tmp_path, "rbc.toml", text) == [
        "rbc.toml:1:20 `required-version` is `banana`, which is no demand of a version",
        "rbc.toml:2:1 the configuration has no `selct`",
        "rbc.toml:3:12 `a//b` has nothing between two `/`",
    ]
    text = text.replace('"banana"', "7")
    assert [words.split(" ")[0] for words in complaints(tmp_path, "rbc.toml", text)] == [
        "rbc.toml:1:1",
        "rbc.toml:2:1",
        "rbc.toml:3:12",
    ]


def test_places_in_a_pyproject(tmp_path: Path) -> None:
    text = '[project]\nselct = 1\n\n[tool.rbc]\nselct = ["RB8"]\n[tool.rbc.per-path."a"]\nx = 1\n'
    assert complaints(tmp_path, "pyproject.toml", text) == [
        "pyproject.toml:5:1 the configuration has no `selct`",
        'pyproject.toml:7:1 `per-path."a"` has no `x`',
    ]
    assert complaints(tmp_path, "pyproject.toml", "[tool]\nrbc = 1\n") == [
        "pyproject.toml:2:1 `tool.rbc` is `1`, and should be a table"
    ]


def test_every_version_that_is_demanded_counts(tmp_path: Path) -> None:
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans/rbc.toml").write_text('required-version = ">=0"')
    (message,) = complaints(tmp_path, "rbc.toml", 'required-version = ">=77"\nnew-key = 1')
    assert message.startswith("rbc.toml:1:20 this configuration demands rbc >=77, and this is rbc")
