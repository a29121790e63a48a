"""The n8n example takes a workflow back over real HTTP, with the real curl."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.systems.n8n_server import KEY, N8n, serving
from tests.systems.place import EXAMPLES, Place

pytestmark = pytest.mark.needs("curl", "jq")


@pytest.fixture
def n8n() -> Iterator[N8n]:
    with serving() as n8n:
        yield n8n


class Onboarding(Place):
    """The scripts of the example, which are told where n8n is."""

    n8n: N8n

    def told(self) -> list[str]:
        return ["--set", f"n8n={self.n8n.address}"]


def onboarding_of(n8n: N8n, folder: Path, replaced: dict[str, str] | None = None) -> Onboarding:
    """Captured while v4.4 ran; then v4.5 went live."""
    secrets = {"N8N_API_KEY": KEY, "SLACK_WEBHOOK_URL": f"{n8n.address}/slack"}
    place = Onboarding(folder / "n8n", EXAMPLES / "n8n" / "n8n.rbplan", secrets, replaced)
    place.n8n = n8n
    place.succeed(*place.told(), role="capture")
    n8n.edit("4.5")
    n8n.requests.clear()
    return place


@pytest.fixture
def onboarding(n8n: N8n, tmp_path: Path) -> Onboarding:
    return onboarding_of(n8n, tmp_path)


def test_a_workflow_is_deactivated_restored_activated_and_checked(
    onboarding: Onboarding, n8n: N8n
) -> None:
    assert "✗ Workflow is v4.4" in onboarding.fail(7, *onboarding.told(), role="verify")
    n8n.requests.clear()
    onboarding.succeed(*onboarding.told())
    assert (n8n.version, n8n.workflow["active"]) == ("4.4", True)
    assert n8n.requests[:3] == ["POST /deactivate", "PUT ", "POST /activate"]
    assert sorted(n8n.requests[3:]) == ["GET ", "GET ", "POST /webhook/customer-onboarding"]
    # What the API does not take is not sent, and stays.
    assert n8n.workflow["tags"] == [{"id": "1", "name": "onboarding"}]
    assert [kind for _, kind, _ in onboarding.outcomes()] == ["run", "run", "ensure"]
    assert len(n8n.notices) == 2


def test_the_key_is_in_no_list_of_processes_and_no_record(onboarding: Onboarding) -> None:
    onboarding.wrap(
        "curl", before='cat /proc/[0-9]*/cmdline >>"$HOME/processes" 2>/dev/null || true'
    )
    printed = onboarding.succeed(*onboarding.told(), "--verbose")
    seen = (onboarding.folder / "processes").read_text(errors="replace")
    assert "/deactivate" in seen
    records = [path for path in (onboarding.folder / ".rbc").rglob("*") if path.is_file()]
    written = [path.read_text(errors="replace") for path in records]
    assert not [text for text in [printed, seen, *written] if KEY in text]


def test_a_server_error_fails_the_step_and_the_workflow_is_active_again(
    onboarding: Onboarding, n8n: N8n
) -> None:
    n8n.fails = {"PUT "}
    onboarding.fail(1, *onboarding.told())
    assert "The requested URL returned error: 500" in onboarding.failure()["failure_reason"]
    assert onboarding.outcomes() == [
        ("deactivate", "run", "done"),
        ("restore", "run", "failed"),
        ("activate", "ensure", "done"),
    ]
    assert (n8n.version, n8n.workflow["active"]) == ("4.5", True)


def test_a_server_that_does_not_answer_ends_with_the_time_limit(n8n: N8n, tmp_path: Path) -> None:
    place = onboarding_of(n8n, tmp_path, {"timeout 25s": "timeout 3s"})
    n8n.hangs = {"PUT "}
    printed = place.fail(1, *place.told())
    assert "stopped at the time limit of the step" in printed
    assert place.outcomes()[1:] == [("restore", "run", "timed_out"), ("activate", "ensure", "done")]
    assert n8n.workflow["active"] is True


def test_a_key_that_is_no_longer_valid_fails_before_anything_is_changed(
    onboarding: Onboarding, n8n: N8n
) -> None:
    onboarding.systems |= {"N8N_API_KEY": "outdated-key"}
    printed = onboarding.fail(1, *onboarding.told())
    assert "The requested URL returned error: 401" in printed
    assert (n8n.version, n8n.workflow["active"]) == ("4.5", True)
    assert ("restore", "run", "done") not in onboarding.outcomes()


def test_an_answer_that_is_no_workflow_is_not_captured(n8n: N8n, tmp_path: Path) -> None:
    secrets = {"N8N_API_KEY": KEY, "SLACK_WEBHOOK_URL": f"{n8n.address}/slack"}
    place = Onboarding(tmp_path / "n8n", EXAMPLES / "n8n" / "n8n.rbplan", secrets)
    n8n.workflow["nodes"] = []
    assert "NOT CAPTURED" in place.fail(1, "--set", f"n8n={n8n.address}", role="capture")
    n8n.fails = {"GET "}
    assert "error: 500" in place.fail(1, "--set", f"n8n={n8n.address}", role="capture")
    assert "workflow-customer-onboarding-v4.4.json" in place.fail(3, "--set", f"n8n={n8n.address}")
    assert not [asked for asked in n8n.requests if asked != "GET "]
