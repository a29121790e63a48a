"""The Terraform module takes a real configuration back, with a local state and no provider."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from rbdsl.model.plan import Plan
from tests.stdlib.stepping import Bench, plan_of

pytestmark = [pytest.mark.needs("git"), pytest.mark.needs("terraform", optional=True)]

CONFIGURATION = """
terraform {
  backend "local" { path = "%s" }
}
resource "terraform_data" "balancer" { input = "%s" }
output "setting" { value = terraform_data.balancer.output }
"""

CALLS = """
step out "Check out" m.check_out(revision: "worked", folder: "before")
step init "Initialise" m.init(folder: "before")
step plan "Plan" m.plan(folder: "before", file: "${saved}")
step apply "Apply" m.apply(folder: "before", file: "${saved}")
"""


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_of(
        "terraform",
        CALLS,
        'check drift "Drift" m.no_drift(folder: "before")',
        'let saved = "rollback.tfplan"',
    )


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A repository whose tag `worked` says "old", and a state in which "new" is applied."""
    folder, state = tmp_path / "repository", tmp_path / "terraform.tfstate"
    folder.mkdir()
    environment = {
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        "CHECKPOINT_DISABLE": "1",
        "TF_CLI_CONFIG_FILE": "/dev/null",
    }
    environment |= {f"GIT_{who}_NAME": "Tester" for who in ("AUTHOR", "COMMITTER")}
    environment |= {f"GIT_{who}_EMAIL": "tester@example.com" for who in ("AUTHOR", "COMMITTER")}
    bench = Bench(folder, environment, {"saved": "rollback.tfplan"})

    def run(*command: str) -> None:
        subprocess.run(
            command, cwd=folder, env=bench.environment, check=True, capture_output=True, timeout=60
        )

    run("git", "init", "--quiet")
    for setting in ("old", "new"):
        (folder / "main.tf").write_text(CONFIGURATION % (state, setting))
        run("git", "add", "main.tf")
        run("git", "commit", "--quiet", "-m", setting)
        if setting == "old":
            run("git", "tag", "worked")
    run("terraform", "init", "-input=false")
    run("terraform", "apply", "-input=false", "-auto-approve")
    return bench


def setting(bench: Bench) -> str:
    return subprocess.run(
        ["terraform", "output", "-raw", "setting"],
        cwd=bench.folder,
        env=bench.environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout


def test_the_configuration_that_worked_is_applied_and_nothing_differs(
    bench: Bench, plan: Plan
) -> None:
    assert setting(bench) == "new"
    for step in ("out", "init", "plan"):
        bench.run(plan, step)
    assert plan.verification is not None
    (drift,) = plan.verification.checks
    assert not bench.is_done(plan, "apply")
    assert not bench.passes(drift)
    bench.run(plan, "apply")
    assert setting(bench) == "old"
    assert bench.is_done(plan, "apply")
    assert bench.passes(drift)


def test_checking_out_again_replaces_what_is_there(bench: Bench, plan: Plan) -> None:
    bench.run(plan, "out")
    (bench.folder / "before" / "main.tf").write_text("changed by hand")
    bench.run(plan, "out")
    assert '"old"' in (bench.folder / "before" / "main.tf").read_text()
    shutil.rmtree(bench.folder / "before")
    bench.run(plan, "out")


def test_a_plan_is_refused_once_the_state_has_changed(bench: Bench, plan: Plan) -> None:
    for step in ("out", "init", "plan"):
        bench.run(plan, step)
    subprocess.run(
        ["terraform", "apply", "-input=false", "-auto-approve", "-replace=terraform_data.balancer"],
        cwd=bench.folder,
        env=os.environ | bench.environment,
        check=True,
        capture_output=True,
        timeout=60,
    )
    apply = next(s for s in plan.phases[0].steps if s.name.text == "apply")
    done = bench.shell(apply.run, apply.bindings)
    assert done.returncode != 0
    assert "stale" in done.stderr
