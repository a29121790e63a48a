"""The API v2.1 plan as the seed of the project writes it, through parser and lowering."""

from __future__ import annotations

from pathlib import Path

import pytest

from rbdsl.analysis.results import Analysis, Status
from tests.analysis.building import ms
from tests.checking import checked

PLAN = Path(__file__).resolve().parents[1] / "seed" / "api-v2-1-as-written.rbplan"


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    found = checked(PLAN.read_text(encoding="utf-8")).analysis
    assert found is not None
    return found


def test_it_takes_what_its_phases_add_up_to(analysis: Analysis) -> None:
    line = analysis.timeline
    assert [e.budget_ms // 60_000 for e in line] == [2, 1, 3, 2, 1, 1, 2, 2]
    assert line.total_ms == analysis.slowest_clock_ms == ms("14m")
    assert analysis.sla_ms - analysis.slowest_clock_ms == ms("1m")
    assert analysis.policy.target_ms - analysis.slowest_clock_ms == -ms("4m")


def test_its_scenarios_take_longer_than_it_says(analysis: Analysis) -> None:
    claims = {
        r.scenario.name.text: (
            r.scenario.claims.ms if r.scenario.claims else 0,
            r.timeline.total_ms,
        )
        for r in analysis.scenarios
    }
    assert claims["application_only"] == (ms("8m"), ms("8m"))
    assert claims["database_only"] == (ms("8m"), ms("9m"))


def test_only_the_scenario_with_the_database_is_blocked(analysis: Analysis) -> None:
    blocked = {r.scenario.name.text: len(r.blocked_by) for r in analysis.scenarios}
    assert blocked == {"application_only": 0, "database_only": 1, "auth_only": 0}


def test_its_record_counts_only_warn_and_its_tests_are_only_planned(analysis: Analysis) -> None:
    status = {r.id: r.status for r in analysis.requirements}
    assert status["data-consistency"] is Status.WEAKENED
    assert status["staging-test"] is Status.MISSING
    assert status["rehearsal"] is Status.MISSING
    assert status["automation"] is Status.PROVEN
