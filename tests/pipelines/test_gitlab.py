"""The GitLab job: valid, includable, and its script run as GitLab runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml

from rbdsl.project.baseline import FILE_NAME
from tests.cli.conftest import PLAN
from tests.pipelines.documents import ROOT, example, validate

TEMPLATE = ROOT / "docs" / "ci" / "gitlab.yml"
WRONG = PLAN.replace("run back..proof }", "run back..proof; claims 3m }")


def job() -> dict[str, Any]:
    return dict(yaml.safe_load(TEMPLATE.read_text("utf-8"))["rbc-check"])


def test_the_job_and_its_inclusion_are_valid(tmp_path: Path) -> None:
    validate("vendor.gitlab-ci", TEMPLATE, "--data-transform", "gitlab-ci")
    path = tmp_path / ".gitlab-ci.yml"
    path.write_text(example(".gitlab-ci.yml"))
    validate("vendor.gitlab-ci", path, "--data-transform", "gitlab-ci")


def test_the_inclusion_sets_variables_of_the_job() -> None:
    included = yaml.safe_load(example(".gitlab-ci.yml"))
    assert (ROOT / included["include"][0]["file"]) == TEMPLATE
    assert set(included["rbc-check"]["variables"]) == set(job()["variables"])


def test_without_a_source_nothing_is_installed_and_the_job_says_what_to_do(tmp_path: Path) -> None:
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(job()["before_script"])],
        cwd=tmp_path,
        env={**os.environ, **job()["variables"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "RBC_SOURCE: is not set: name what pip installs rbc from" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_job_runs_for_whatever_a_check_depends_on() -> None:
    (rule,) = job()["rules"]
    patterns = [text.removeprefix("**/") for text in rule["changes"]]
    for name in ("a.rbplan", "rbc.toml", "pyproject.toml", "levels.toml", FILE_NAME):
        assert any(fnmatch(name, pattern) for pattern in patterns), name


def run(folder: Path) -> int:
    """The script as one shell, line by line, each of which has to succeed; its log is kept."""
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(job()["script"])],
        cwd=folder,
        env={
            **os.environ,
            **job()["variables"],
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    (folder / "log").write_text(done.stdout + done.stderr)
    return done.returncode


def test_the_script_leaves_the_reports_that_the_job_names(tmp_path: Path) -> None:
    for text, code, found in ((WRONG, 1, ["RB304"]), (PLAN, 0, [])):
        (tmp_path / "shop.rbplan").write_text(text)
        assert run(tmp_path) == code
        reports = job()["artifacts"]["reports"]
        quality = json.loads((tmp_path / reports["codequality"]).read_text())
        assert [issue["check_name"] for issue in quality] == found
        assert "<testsuite " in (tmp_path / reports["junit"]).read_text()


def test_what_can_not_be_read_stands_in_the_log_and_in_the_reports(tmp_path: Path) -> None:
    (tmp_path / "empty.rbplan").write_text("")
    (tmp_path / "shop.rbplan").write_text(WRONG)
    assert run(tmp_path) == 2
    log = (tmp_path / "log").read_text()
    assert "error[RB100]: the file is empty" in log
    assert "error[RB304]" in log
    reports = job()["artifacts"]["reports"]
    quality = json.loads((tmp_path / reports["codequality"]).read_text())
    assert {issue["check_name"] for issue in quality} == {"RB100", "RB304"}
    assert "RB100" in (tmp_path / reports["junit"]).read_text()
    (tmp_path / "rbc.toml").write_text("nonsense = 1\n")
    assert run(tmp_path) == 2
    assert "the configuration has no `nonsense`" in (tmp_path / "log").read_text()
    assert "RB298" in (tmp_path / reports["junit"]).read_text()
