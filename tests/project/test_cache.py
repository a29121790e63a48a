"""The cache: what is kept, what is trusted, what is dropped."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from rbdsl.project.cache import NAME, OLDEST, Cache, folder_for

KEY, OTHER = "ab" * 32, "cd" * 32
ENTRY = {"found": [["RB301", "é"]], "until": 1.5}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / NAME


def files(folder: Path) -> list[Path]:
    return [path for path in folder.glob("??/*") if path.is_file()]


def test_an_entry_comes_back_for_its_key_only(folder: Path) -> None:
    Cache(str(folder)).put(KEY, ENTRY)
    assert Cache(str(folder)).get(KEY) == ENTRY
    assert Cache(str(folder)).get(OTHER) is None


def test_the_folder_is_left_alone_by_git_and_backups(folder: Path) -> None:
    Cache(str(folder)).put(KEY, ENTRY)
    assert (folder / ".gitignore").read_text() == "*\n"
    tag = (folder / "CACHEDIR.TAG").read_text()
    assert tag.startswith("Signature: 8a477f597d28d172789f06886806bc55\n")


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:0],
        lambda data: data[:-1],
        lambda data: data[:40],
        lambda data: data + b" ",
        lambda data: data.replace(b"RB301", b"RB302"),
        lambda data: b"\0" * len(data),
    ],
    ids=["empty", "cut", "no checksum", "longer", "changed", "zeros"],
)
def test_a_damaged_entry_is_as_if_not_there(folder: Path, damage: object) -> None:
    cache = Cache(str(folder))
    cache.put(KEY, ENTRY)
    (path,) = files(folder)
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    assert cache.get(KEY) is None
    cache.put(KEY, ENTRY)
    assert cache.get(KEY) == ENTRY


def test_a_folder_in_the_place_of_an_entry_does_no_harm(folder: Path) -> None:
    cache = Cache(str(folder))
    (folder / KEY[:2] / KEY[2:]).mkdir(parents=True)
    assert cache.get(KEY) is None
    cache.put(KEY, ENTRY)
    assert cache.refusal


def test_where_nothing_can_be_kept_the_reason_is_known(folder: Path) -> None:
    folder.write_text("in the way")
    cache = Cache(str(folder))
    assert cache.get(KEY) is None
    cache.put(KEY, ENTRY)
    assert cache.refusal == "file exists"
    assert folder.read_text() == "in the way"


def aged(path: Path, days: float) -> None:
    then = time.time() - days * 86_400
    os.utime(path, (then, then))


def test_what_nobody_asked_for_in_a_month_is_dropped(folder: Path) -> None:
    Cache(str(folder)).put(KEY, ENTRY)
    Cache(str(folder)).put(OTHER, ENTRY)
    old, kept = sorted(files(folder))
    aged(old, OLDEST / 86_400 + 1)
    aged(kept, 20)
    aged(folder / "tidied", 2)
    Cache(str(folder)).put("ef" * 32, ENTRY)
    assert not old.exists()
    assert kept.exists()


def test_what_is_asked_for_stays(folder: Path) -> None:
    Cache(str(folder)).put(KEY, ENTRY)
    (path,) = files(folder)
    aged(path, 29)
    assert Cache(str(folder)).get(KEY) == ENTRY
    assert time.time() - path.stat().st_mtime < 3600


def test_beyond_its_size_the_oldest_goes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(str(folder))
    cache.put(KEY, ENTRY)
    (old,) = files(folder)
    aged(old, 3)
    cache.put(OTHER, ENTRY)
    monkeypatch.setattr("rbdsl.project.cache.LARGEST", old.stat().st_size + 1)
    assert cache.tidy() == 1
    assert not old.exists()
    assert cache.get(OTHER) == ENTRY


def test_what_a_killed_process_left_is_dropped(folder: Path) -> None:
    cache = Cache(str(folder))
    cache.put(KEY, ENTRY)
    left = folder / KEY[:2] / "half.123.tmp"
    left.write_bytes(b"half")
    aged(left, 0.5)
    assert cache.tidy() == 1
    assert not left.exists()


def test_it_is_the_projects(tmp_path: Path) -> None:
    (tmp_path / "rbc.toml").touch()
    (tmp_path / "plans" / "deep").mkdir(parents=True)
    assert folder_for(str(tmp_path / "plans" / "deep")) == str(tmp_path / NAME)
