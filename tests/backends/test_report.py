from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rbdsl.documents.schemas import schema
from tests.backends.compiling import EXAMPLES, documents_of, example
from tests.backends.reading import checkboxes, headings, shown, tables, tree

PLAN = "api-v2.1"
SEED = Path(__file__).resolve().parents[1] / "seed" / "data"

SEED_HEADINGS = [
    "Rollback Report: API v2.1 Deployment",
    "Executive Summary",
    "Trigger Analysis",
    "Rollback Execution",
    "Impact Assessment",
    "Root Cause",
    "Prevention Measures",
    "Lessons Learned",
    "Follow-up Actions",
]

SEED_LABELS = {
    "Executive Summary": [
        "Operation",
        "Rollback Triggered",
        "Rollback Completed",
        "Duration",
        "Outcome",
        "Customer Impact",
    ],
    "Trigger Analysis": ["Trigger Type", "Reason", "Metric", "Detection"],
    "Rollback Execution": ["Method", "Attempts", "Manual Intervention", "SLA Compliance"],
    "Impact Assessment": [
        "Downtime",
        "Affected Requests",
        "Failed Requests",
        "Customer Complaints",
        "Revenue Impact",
    ],
}


@pytest.fixture(scope="module")
def report() -> str:
    return documents_of(example(PLAN))["report/rollback-report.md"].text


def document(name: str) -> dict[str, Any]:
    (found,) = json.loads(documents_of(example(PLAN))[f"report/{name}.json"].text).values()
    assert isinstance(found, dict)
    return found


def seed(name: str) -> dict[str, Any]:
    (found,) = json.loads((SEED / f"{name}.json").read_text("utf-8")).values()
    assert isinstance(found, dict)
    return found


def test_the_headings_are_the_seeds_in_its_order(report: str) -> None:
    assert [h.text for h in headings(report)] == SEED_HEADINGS


@pytest.mark.parametrize("heading", SEED_LABELS)
def test_the_labels_are_the_seeds_in_its_order(report: str, heading: str) -> None:
    words = shown(report, heading)
    places = [words.index(f"{label}: ") for label in SEED_LABELS[heading]]
    assert places == sorted(places)


def test_what_the_plan_knows_is_filled_in_and_the_rest_is_marked(report: str) -> None:
    summary = shown(report, "Executive Summary")
    assert "Operation: API v2.1 Deployment (op-12345, permit permit-xyz789)" in summary
    assert "(SLA: 15 minutes; planned: 10 minutes)" in summary
    assert "Rollback Triggered: [to fill in: time of the decision, UTC]" in summary
    analysis = shown(report, "Trigger Analysis")
    assert (
        "Automated monitoring (every 15 seconds; planned: within 5 minutes 15 seconds)" in analysis
    )
    assert "_[to fill in: " in report


def test_every_phase_and_check_has_its_row(report: str) -> None:
    plan = example(PLAN).analysis.plan
    assert plan.verification is not None
    assert plan.triggers is not None
    triggers, phases, checks = tables(tree(report))
    assert [row[1] for row in phases[1:]] == [phase.title.plain for phase in plan.phases]
    assert len(checks) - 1 == len(plan.verification.checks) + len(plan.verification.bounds)
    assert len(triggers) - 1 == len(plan.triggers.automatic)


def test_follow_up_holds_the_validation_windows(report: str) -> None:
    boxes = [text for _, text in checkboxes(tree(report))]
    assert "Validation: Immediate (0-15 minutes)" in boxes
    assert "User login works correctly" in boxes


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/*.rbplan")), ids=lambda p: p.parent.name)
@pytest.mark.parametrize("name", ["rollback-metrics", "rollback-failure"])
def test_templates_fit_their_schemas(path: Path, name: str) -> None:
    files = documents_of(example(path.parent.name))
    own = files[f"report/{name}.schema.json"].text
    assert own == schema(name)
    Draft202012Validator(json.loads(own)).validate(json.loads(files[f"report/{name}.json"].text))


@pytest.mark.parametrize("name", ["rollback-metrics", "rollback-failure"])
def test_the_keys_are_the_seeds_in_its_order(name: str) -> None:
    ours, theirs = document(name), seed(name)
    assert list(ours)[: len(theirs)] == list(theirs)
    for key, value in theirs.items():
        if isinstance(value, dict) and key != "phase_timings":
            assert list(ours[key]) == list(value)
    if name == "rollback-failure":
        rung = theirs["escalation_timeline"][0]
        assert list(ours["escalation_timeline"][0])[: len(rung)] == list(rung)


def test_metrics_know_what_the_plan_knows_and_nothing_else() -> None:
    metrics = document("rollback-metrics")
    plan = example(PLAN).analysis.plan
    assert metrics["operation_id"] == "op-12345"
    assert metrics["rollback_execution"]["sla_seconds"] == 900
    assert metrics["rollback_execution"]["triggered_at"] is None
    assert metrics["phase_timings"] == {p.name.text: None for p in plan.phases}
    assert metrics["phase_budgets_seconds"]["database"] == 180
    assert metrics["planned_seconds"] == 720
    assert metrics["quality_metrics"]["rollback_tested_before"] is True
    assert set(metrics["rollback_success"].values()) == {None}
    assert set(metrics["impact_metrics"].values()) == {None}


def test_the_failure_document_holds_the_ladder() -> None:
    failure = document("rollback-failure")
    rungs = failure["escalation_timeline"]
    assert [rung["level"] for rung in rungs] == [1, 2, 3, 4]
    assert [rung["starts_after_seconds"] for rung in rungs] == [0, 300, 900, 1800]
    assert rungs[0]["outcome"] is None
    assert "Review rollback logs for errors" in rungs[0]["planned_actions"]
    assert failure["forward_fixes"][0] == "Deploy compensating schema migration"
    assert failure["failure_details"] == dict.fromkeys(
        ["phase", "step", "error_message", "logs"], None
    )
