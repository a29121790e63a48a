"""The hooks, run by pre-commit itself from a repository with this code in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import PLAN
from tests.pipelines.documents import ROOT, example

pytestmark = pytest.mark.needs("git")

PRE_COMMIT = Path(sys.executable).parent / "pre-commit"
SHIPPED = ("rbdsl", "grammar", "targets", "stdlib", "pyproject.toml", "README.md", "LICENSE")
UNUSED = ' # rbc: allow RB305 "once it was"'


def run(folder: Path, *command: str | Path, home: Path) -> subprocess.CompletedProcess[str]:
    dropped = ("PYTHON", "VIRTUAL_ENV", "GIT_", "PRE_COMMIT")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(dropped)}
    who = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "A"), ("EMAIL", "a@example.com"))
    }
    return subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env={**kept, **who, "PRE_COMMIT_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


def committed(folder: Path, home: Path) -> str:
    """Makes a repository of a folder; the hash of its one commit."""
    for command in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "all")):
        done = run(folder, "git", *command, home=home)
        assert done.returncode == 0, done.stderr
    return run(folder, "git", "rev-parse", "HEAD", home=home).stdout.strip()


def test_the_manifest_and_the_example_are_valid(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(example(".pre-commit-config.yaml"))
    for command, path in (
        ("validate-manifest", ROOT / ".pre-commit-hooks.yaml"),
        ("validate-config", tmp_path / "config.yaml"),
    ):
        done = run(tmp_path, PRE_COMMIT, command, path, home=tmp_path / "home")
        assert (done.returncode, done.stdout) == (0, ""), done.stdout


def test_the_hooks_mend_and_check_plans(tmp_path: Path) -> None:
    home, hooks, project = (tmp_path / name for name in ("home", "hooks", "project"))
    hooks.mkdir()
    for name in (*SHIPPED, ".pre-commit-hooks.yaml"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, hooks / name, ignore=shutil.ignore_patterns("*.pyc"))
        else:
            shutil.copy(ROOT / name, hooks / name)
    revision = committed(hooks, home)
    project.mkdir()
    config = example(".pre-commit-config.yaml")
    config = config.replace("https://git.example/sre/rbc", str(hooks)).replace("v0.1.0", revision)
    (project / ".pre-commit-config.yaml").write_text(config)
    plan = project / "shop.rbplan"
    plan.write_text(PLAN.replace("  level  2\n", f"  level  2{UNUSED}\n"))
    (project / "notes.txt").write_text("not a plan\n")
    (project / "drafts").mkdir()
    (project / "drafts" / "new.rbplan").write_text("rbplan 1\nplan new\n")
    (project / "rbc.toml").write_text('exclude = ["drafts"]\n')
    committed(project, home)

    done = run(project, PRE_COMMIT, "run", "--all-files", home=home)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "files were modified by this hook" in done.stdout
    assert "1 finding mended in 1 file" in done.stdout
    assert plan.read_text() == PLAN
    done = run(project, PRE_COMMIT, "run", "--all-files", home=home)
    assert done.returncode == 0, done.stdout
    plan.write_text(PLAN.replace("run back..proof }", "run back..proof; claims 7m }"))
    done = run(project, PRE_COMMIT, "run", "--all-files", home=home)
    assert done.returncode == 1
    assert "warning[RB304]" in done.stdout, "--strict of the example"
