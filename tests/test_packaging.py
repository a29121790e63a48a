"""The wheel: built, installed into a clean environment, and used from somewhere else."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run(*command: str | Path, cwd: Path) -> str:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=clean,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    # Without isolation: hatchling is here already.
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
    run(*build, "--outdir", folder, ROOT, cwd=ROOT)
    (found,) = folder.glob("*.whl")
    return found


def test_the_wheel_holds_the_package_and_its_data_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"rbdsl"}
    assert "rbdsl/py.typed" in names
    for folder in ("grammar", "targets", "stdlib"):
        here = {
            f"rbdsl/_data/{path.relative_to(ROOT).as_posix()}"
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert here
        assert here == {name for name in names if name.startswith(f"rbdsl/_data/{folder}/")}


def test_data_folders_hold_no_python(wheel: Path) -> None:
    # A .py file there would be importable from an editable install, and from nowhere else.
    names = zipfile.ZipFile(wheel).namelist()
    assert not [name for name in names if "/_data/" in name and name.endswith(".py")]


def test_the_installed_wheel_compiles_an_example_from_another_folder(
    wheel: Path, tmp_path: Path
) -> None:
    run(sys.executable, "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    python = tmp_path / "venv/bin/python"
    run(python, "-m", "pip", "install", "--quiet", "--no-input", wheel, cwd=tmp_path)
    example = ROOT / "examples/api-v2.1/api-v2-1.rbplan"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "api.rbplan").write_bytes(example.read_bytes())
    rbc = tmp_path / "venv/bin/rbc"
    origin = run(python, "-c", "import rbdsl; print(rbdsl.__file__)", cwd=elsewhere)
    assert str(tmp_path) in origin
    run(rbc, "compile", "api.rbplan", cwd=elsewhere)
    built = elsewhere / "build/api-v2-1"
    for name in ("rollback.sh", "monitor.sh", "verify.sh", "capture.sh"):
        assert os.access(built / name, os.X_OK)
        run("bash", "-n", built / name, cwd=elsewhere)
    for name in ("PLAN.md", "auto-rollback.json", "manifest.json", "report"):
        assert (built / name).exists()
    assert "preparation" in run(rbc, "graph", "api.rbplan", cwd=elsewhere).lower()
    assert "RB301" in run(rbc, "explain", "RB301", cwd=elsewhere)
    assert '"$schema"' in run(rbc, "schema", "auto-rollback", cwd=elsewhere)
