"""Where modules may come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from rbdsl.model.loading import Loaded, NotLoaded
from rbdsl.project.modules import ProjectLoader, Shelf
from rbdsl.source import Source


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    for name in ("plans/api.rbplan", "plans/near.rbplan", "shared/far.rbplan", "../secret.rbplan"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"rbplan 1\nmodule {name}\n")
    (root / ".git").mkdir()
    monkeypatch.chdir(root)
    return root


def load(
    path: str, *, standard: bool = False, plan: str = "plans/api.rbplan"
) -> Loaded | NotLoaded:
    return ProjectLoader(Path(plan)).load(path, standard=standard, importer=Source(plan, ""))


def refusal(path: str, *, standard: bool = False, plan: str = "plans/api.rbplan") -> NotLoaded:
    answer = load(path, standard=standard, plan=plan)
    assert isinstance(answer, NotLoaded)
    return answer


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("near.rbplan", "plans/near.rbplan"),
        ("./near.rbplan", "plans/near.rbplan"),
        ("../shared/far.rbplan", "shared/far.rbplan"),
    ],
)
def test_paths_are_relative_to_the_file(project: Path, path: str, shown: str) -> None:
    answer = load(path)
    assert isinstance(answer, Loaded)
    assert answer.source.path == shown
    assert answer.key == str(project.resolve() / shown)


def test_modules_of_modules_are_relative_to_the_module(project: Path) -> None:
    loader = ProjectLoader(Path("plans/api.rbplan"))
    plan = Source("plans/api.rbplan", "")
    far = loader.load("../shared/far.rbplan", standard=False, importer=plan)
    assert isinstance(far, Loaded)
    near = loader.load("../plans/near.rbplan", standard=False, importer=far.source)
    again = loader.load("near.rbplan", standard=False, importer=plan)
    assert isinstance(near, Loaded)
    assert isinstance(again, Loaded)
    assert near.key == again.key == str(project.resolve() / "plans/near.rbplan")
    assert near.source is again.source


def test_loaders_that_share_a_shelf_read_a_module_once(project: Path) -> None:
    del project
    shelf = Shelf()
    answers = [
        ProjectLoader(Path(plan), shelf).load(path, standard=False, importer=Source(plan, ""))
        for plan, path in (("plans/api.rbplan", "near.rbplan"), ("x.rbplan", "plans/near.rbplan"))
    ]
    assert isinstance(answers[0], Loaded)
    assert isinstance(answers[1], Loaded)
    assert answers[0].source is answers[1].source


def test_the_library() -> None:
    answer = load("std/kubernetes", standard=True)
    assert isinstance(answer, Loaded)
    assert answer.source.path == "std/kubernetes"
    wrong = refusal("std/kubernets", standard=True)
    assert wrong == NotLoaded(
        "the library has no module `std/kubernets`", "did you mean `std/kubernetes`?"
    )
    for path in ("std/../levels", "std//etc/passwd", "std/", "other/thing"):
        refusal(path, standard=True)


@pytest.mark.parametrize(
    "path",
    ["../../secret.rbplan", "../../../../../../etc/passwd", "link.rbplan", "folder/x.rbplan"],
)
def test_nothing_outside_of_the_project_is_read(project: Path, path: str) -> None:
    (project / "plans/link.rbplan").symlink_to(project.parent / "secret.rbplan")
    (project / "plans/folder").symlink_to(project.parent)
    (project.parent / "x.rbplan").write_text("rbplan 1\n")
    answer = refusal(path)
    assert answer.message == f"`{path}` leads out of the project"
    assert answer.hint == "the project is the folder `project`, the one with .git"


def test_a_link_within_the_project_is_followed(project: Path) -> None:
    (project / "plans/link.rbplan").symlink_to("../shared/far.rbplan")
    assert isinstance(load("link.rbplan"), Loaded)


def test_without_a_mark_the_folder_of_the_plan_is_the_project(
    project: Path, tmp_path: Path
) -> None:
    (project / ".git").rmdir()
    assert isinstance(load("near.rbplan"), Loaded)
    assert refusal("../shared/far.rbplan").hint == (
        "the project is the folder `plans`, that of the plan"
    )
    (tmp_path / "rbc.toml").touch()


def test_absolute_paths_missing_files_and_folders_are_refused(project: Path) -> None:
    absolute = refusal(str(project / "plans/near.rbplan"))
    assert "absolute" in absolute.message
    assert refusal("naer.rbplan") == NotLoaded(
        "there is no module `naer.rbplan`", "did you mean `near.rbplan`?"
    )
    assert refusal("../shared").message == "there is no module `../shared`"
    refusal("a\0b")
    refusal("")


def test_an_unreadable_module_says_why(project: Path) -> None:
    (project / "plans/bad.rbplan").write_bytes(b"rbplan 1\n\xff")
    assert "not valid UTF-8" in refusal("bad.rbplan").message
