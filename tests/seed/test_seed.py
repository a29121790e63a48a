"""What the compiler says of the plans of the original document, as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from rbdsl.compiler import Checked
from rbdsl.diagnostics import Diagnostic
from rbdsl.review.page import Page
from rbdsl.review.text import render
from tests.checking import checked

HERE = Path(__file__).parent
PLANS = sorted(path.name for path in HERE.glob("*.rbplan"))


def plan(name: str) -> Checked:
    return checked((HERE / name).read_text(encoding="utf-8"), path=name)


@pytest.fixture(scope="module")
def api() -> Checked:
    return plan("api-v2-1-as-written.rbplan")


def only(result: Checked, code: str, subject: str) -> Diagnostic:
    """The one finding of a code that is about something."""
    (found,) = [d for d in result.diagnostics if d.code == code and subject in d.message]
    return found


def test_the_four_plans_of_the_document_are_here() -> None:
    assert PLANS == [
        "api-v2-1-as-written.rbplan",
        "kubernetes-as-written.rbplan",
        "n8n-as-written.rbplan",
        "terraform-as-written.rbplan",
    ]


@pytest.mark.parametrize("name", PLANS)
def test_findings(name: str, snapshot: SnapshotAssertion) -> None:
    page = Page(columns=100, wrap=False)
    assert "\n\n".join(render(d, page) for d in plan(name).diagnostics) == snapshot


def test_the_database_scenario_claims_8_minutes_and_takes_9(api: Checked) -> None:
    found = only(api, "RB304", "`database_only`")
    assert "claims 8m and takes 9m" in found.message
    assert "3m + 1m + 1m + 2m + 2m = 9m" in found.message
    assert found.span.text == "8m"


def test_14_minutes_meet_the_sla_with_1_minute_of_buffer_and_miss_the_target(api: Checked) -> None:
    found = only(api, "RB302", "14m")
    assert "meets the SLA of 15m with 1m of buffer" in found.message
    assert "misses the target of 10m" in found.message
    assert "2m + stop_traffic 1m + database 3m" in " ".join(found.notes)
    only(api, "RB303", "leaves 1m")
    assert not [d for d in api.diagnostics if d.code == "RB301"]


@pytest.mark.parametrize(
    ("prose", "metric"),
    [
        ("Database connection errors > 10/minute", "db_connection_errors"),
        ("CPU usage > 90% for 3 minutes", "cpu_usage"),
    ],
)
def test_triggers_of_the_prose_that_the_configuration_forgets(
    api: Checked, prose: str, metric: str
) -> None:
    found = only(api, "RB605", f"`{metric}`")
    assert prose in found.span.text


@pytest.mark.parametrize("artifact", ["backup_checksum", "config_snapshot", "record_counts"])
def test_artifacts_that_are_used_and_never_made(api: Checked, artifact: str) -> None:
    found = only(api, "RB801", f"`{artifact}`")
    assert found.span.text == artifact


def test_the_service_scenario_claims_4_minutes_and_takes_7(api: Checked) -> None:
    assert "claims 4m and takes 7m" in only(api, "RB304", "`auth_only`").message


def test_the_application_scenario_claims_what_it_takes(api: Checked) -> None:
    assert not [d for d in api.diagnostics if "`application_only` claims" in d.message]


def test_the_data_consistency_check_only_warns(api: Checked) -> None:
    only(api, "RB408", "only warns")


def test_partial_scenarios_disable_monitoring_that_they_never_enabled(api: Checked) -> None:
    for scenario in ("application_only", "database_only"):
        only(api, "RB520", f"`{scenario}`")


def test_writes_stay_off_when_the_restore_fails(api: Checked) -> None:
    only(api, "RB521", "`read_only`")


def test_an_automatic_restore_never_asks_for_the_point_of_no_return(api: Checked) -> None:
    only(api, "RB702", "`migrations`")


PAGE = HERE.parents[1] / "docs" / "seed-findings.md"
SECTIONS = {
    "The Kubernetes plan": "kubernetes-as-written.rbplan",
    "The Terraform plan": "terraform-as-written.rbplan",
    "The n8n plan": "n8n-as-written.rbplan",
}


def rows() -> list[tuple[str, int, str]]:
    """The plan, number and "found by" of every row of the page."""
    found: list[tuple[str, int, str]] = []
    section = ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line[3:]
        cells = re.split(r"(?<!\\)\|", line)
        if len(cells) == 6 and cells[1].strip().isdigit():
            found.append(
                (SECTIONS.get(section, "api-v2-1-as-written.rbplan"), int(cells[1]), cells[3])
            )
    return found


def test_the_page_of_findings_counts_its_rows() -> None:
    assert [number for _, number, _ in rows()] == list(range(1, len(rows()) + 1))


def besides(name: str) -> set[str]:
    """The rules that the page names for a plan, and that no row is about."""
    (row,) = re.findall(
        rf"^\| `{re.escape(name)}` \| (.*) \|$", PAGE.read_text("utf-8"), re.MULTILINE
    )
    return set(row.split(", "))


@pytest.mark.parametrize("name", PLANS)
def test_the_page_names_the_rules_that_find_something_and_no_other(name: str) -> None:
    reported = {d.code for d in plan(name).diagnostics}
    named = {code for where, _, by in rows() if where == name for code in re.findall(r"RB\d+", by)}
    assert named <= reported
    assert reported - named == besides(name)
