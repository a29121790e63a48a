"""The Terraform example takes a real state back, with Terraform's built-in resource."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.runtime.running import JsonObject, wait_for
from tests.systems.place import EXAMPLES, Place, eventually, kill_all

pytestmark = [
    pytest.mark.needs("git", "jq", "curl"),
    pytest.mark.needs("terraform", optional=True),
]

CONFIGURATION = """
terraform {{
  backend "local" {{ path = "{state}" }}
}}
resource "terraform_data" "balancer" {{ input = {{ id = "{id}", backends = {backends} }} }}
output "load_balancer_id" {{ value = terraform_data.balancer.output.id }}
"""

ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "CHECKPOINT_DISABLE": "1",
    "TF_CLI_CONFIG_FILE": "/dev/null",
    **{f"GIT_{who}_NAME": "Tester" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "tester@example.com" for who in ("AUTHOR", "COMMITTER")},
}


class Balancer(Place):
    """A repository with the configuration of a load balancer, its state, and the scripts."""

    before: JsonObject  # the state before the change

    def command(self, *words: str) -> str:
        done = subprocess.run(
            words,
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def configure(self, backends: int, identity: str = "lb-0a1b2c3d") -> None:
        """Applies a configuration and keeps it."""
        text = CONFIGURATION.format(
            state=self.folder.parent / "terraform.tfstate", id=identity, backends=backends
        )
        (self.folder / "main.tf").write_text(text)
        self.command("git", "add", "main.tf")
        self.command("git", "commit", "--quiet", "-m", f"{backends} backends")
        self.command("terraform", "init", "-input=false", "-no-color")
        self.command("terraform", "apply", "-input=false", "-no-color", "-auto-approve")

    def pulled(self) -> JsonObject:
        state: JsonObject = json.loads(self.command("terraform", "state", "pull"))
        return state

    def is_waiting(self) -> bool:
        return bool(list(self.folder.glob(".rbc/runs/*/gates/*.waiting")))

    @contextmanager
    def at_the_gate(self) -> Iterator[subprocess.Popen[str]]:
        """A run that has planned, and waits until somebody has read the plan."""
        with self.started() as run:
            eventually(lambda: run.poll() is not None or self.is_waiting(), "the gate waits")
            assert run.poll() is None, run.communicate()[0]
            yield run

    def answer(self, option: str) -> None:
        self.succeed(option, "review", "--as", "platform-lead")


def backends(state: JsonObject) -> int:
    found: int = state["resources"][0]["instances"][0]["attributes"]["output"]["value"]["backends"]
    return found


@pytest.fixture(scope="module")
def health(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the load balancer answers."""
    folder = tmp_path_factory.mktemp("health")
    (folder / "health").write_text("ok\n")
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/health"
        server.shutdown()


@pytest.fixture
def balancer(health: str, tmp_path: Path) -> Balancer:
    """Captured with three backends; then the change took one away."""
    place = Balancer(
        tmp_path / "repository",
        EXAMPLES / "terraform" / "terraform.rbplan",
        ENVIRONMENT,
        {"https://api.example.com/health": health},
    )
    place.command("git", "init", "--quiet")
    place.configure(3)
    place.command("git", "tag", "lb-2025-11-20")
    place.before = place.pulled()
    place.succeed(role="capture")
    place.configure(2)
    return place


def test_the_state_says_again_what_it_said_before_the_change(balancer: Balancer) -> None:
    changed = balancer.pulled()
    with balancer.at_the_gate() as run:
        # What somebody reads before it is applied, and nothing has happened by then.
        (printed,) = balancer.run_folder.glob("log/planning.plan.log")
        assert "0 to add, 1 to change, 0 to destroy" in printed.read_text()
        assert balancer.pulled() == changed
        balancer.answer("--approve")
        printed_last, _ = run.communicate(timeout=60)
    assert run.returncode == 0, printed_last
    now = balancer.pulled()
    assert now["resources"] == balancer.before["resources"]
    assert now["outputs"] == balancer.before["outputs"]
    # The state has gone on: it is not the old file put in place.
    assert now["lineage"] == changed["lineage"]
    assert now["serial"] > changed["serial"]
    (decided,) = balancer.events("gate_decision")
    assert (decided["decision"], decided["who"]) == ("approved", "platform-lead")
    assert balancer.outcomes()[-1] == ("apply", "run", "done")


def test_what_nobody_approves_is_not_applied(balancer: Balancer) -> None:
    changed = balancer.pulled()
    with balancer.at_the_gate() as run:
        balancer.answer("--deny")
        run.communicate(timeout=60)
    assert run.returncode == 6
    assert balancer.pulled() == changed
    assert [step for step, _, _ in balancer.outcomes()][-1] == "plan"


def test_a_plan_is_not_applied_to_a_state_that_has_changed_since(balancer: Balancer) -> None:
    with balancer.at_the_gate() as run:
        balancer.configure(7)
        balancer.answer("--approve")
        printed, _ = run.communicate(timeout=60)
    assert run.returncode == 1
    assert "Saved plan is stale" in printed
    assert balancer.outcomes()[-1] == ("apply", "run", "failed")
    assert balancer.failure()["failure_details"]["step"] == "Apply the reviewed plan"
    assert backends(balancer.pulled()) == 7


def test_a_run_killed_after_it_has_applied_does_not_apply_again(balancer: Balancer) -> None:
    """The journal does not know that it is done: `done_when` asks Terraform."""
    balancer.wrap(
        "terraform",
        after='if [[ $* == *" apply "* ]] && mkdir "$HOME/applied"; then touch "$HOME/applied/there"; sleep 300; fi',
    )
    with balancer.at_the_gate() as run:
        balancer.answer("--approve")
        wait_for(balancer.folder / "applied" / "there")
        kill_all(run)
    assert balancer.events("step_intent")[-1]["step"] == "apply"
    assert backends(balancer.pulled()) == 3

    balancer.succeed("--resume")
    assert balancer.outcomes()[-1] == ("apply", "run", "already")
    assert len([call for call in balancer.calls("terraform") if " apply " in call]) == 1
    assert len(balancer.events("gate_decision")) == 1


def test_another_state_is_not_planned_for(balancer: Balancer) -> None:
    (balancer.folder.parent / "terraform.tfstate").unlink()
    balancer.command("terraform", "apply", "-input=false", "-no-color", "-auto-approve")
    other = balancer.pulled()
    balancer.fail(1)
    assert balancer.outcomes()[-1] == ("same_state", "run", "failed")
    assert "it is the state of the capture" in balancer.failure()["failure_reason"]
    assert balancer.pulled() == other


def test_a_balancer_that_was_replaced_is_past_the_point_of_no_return(balancer: Balancer) -> None:
    balancer.configure(2, identity="lb-99999999")
    changed = balancer.pulled()
    printed = balancer.fail(4)
    assert "the address before it is gone" in printed
    assert balancer.outcomes() == []
    assert balancer.pulled() == changed


def test_a_configuration_that_is_not_there_fails_before_anything_is_planned(
    balancer: Balancer,
) -> None:
    balancer.fail(1, "--set", "revision=lb-2024-01-01")
    assert balancer.outcomes() == [("configuration", "run", "failed")]
    assert "lb-2024-01-01" in balancer.failure()["failure_reason"]
