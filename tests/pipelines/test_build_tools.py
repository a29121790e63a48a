"""The examples for Make, Bazel and reviewdog: run where that goes, else read."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import PLAN
from tests.pipelines.documents import ROOT, example

WRONG = PLAN.replace("run back..proof }", "run back..proof; claims 7m }")
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "shop.rbplan").write_text(PLAN)
    return tmp_path


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )


@pytest.mark.needs("make")
def test_make_checks_when_a_plan_has_changed(project: Path) -> None:
    (project / "Makefile").write_text(example("Makefile"))
    done = run(project, "make")
    assert done.returncode == 0, done.stderr
    assert (project / "build" / "shop" / "rollback.sh").is_file()
    assert "up to date" in run(project, "make").stdout
    plan = project / "plans" / "shop.rbplan"
    plan.write_text(WRONG)
    later = (project / "build" / ".checked").stat().st_mtime + 10
    os.utime(plan, (later, later))
    done = run(project, "make")
    assert done.returncode != 0
    assert "warning[RB304]" in done.stdout


def test_bazel_runs_a_script_that_fails_for_a_plan_that_is_not_sound(project: Path) -> None:
    calls = [
        node.value
        for node in ast.parse(example("BUILD.bazel")).body
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    ]
    (arguments,) = [
        {word.arg: ast.literal_eval(word.value) for word in call.keywords}
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "sh_test"
    ]
    (name,) = arguments["srcs"]
    (project / name).write_text(example(name))
    assert run(project, "sh", name, "plans/shop.rbplan").returncode == 0
    (project / "plans" / "shop.rbplan").write_text(WRONG)
    assert run(project, "sh", name, "plans/shop.rbplan").returncode == 1


def test_the_lines_for_reviewdog_and_junit_report(project: Path) -> None:
    (project / "plans" / "shop.rbplan").write_text(WRONG)
    text = (ROOT / "docs" / "ci.md").read_text("utf-8")
    (line,) = re.findall(r"^(rbc check .*) \| reviewdog -f=rdjson .*$", text, re.MULTILINE)
    done = run(project, "sh", "-c", line)
    assert done.returncode == 0
    (found,) = json.loads(done.stdout)["diagnostics"]
    assert found["code"]["value"] == "RB304"
    assert found["suggestions"][0]["text"] == "6m"
    (line,) = re.findall(r"^(rbc check .*rbc-junit\.xml .*)$", text, re.MULTILINE)
    assert run(project, "sh", "-c", line).returncode == 0
    assert "<testsuite " in (project / "rbc-junit.xml").read_text()
