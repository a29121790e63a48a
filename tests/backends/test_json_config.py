from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rbdsl.documents.schemas import schema
from tests.backends.compiling import EXAMPLES, documents_of, example, request_of

SEED = Path(__file__).resolve().parents[1] / "seed" / "data" / "auto-rollback.json"
PLAN = "api-v2.1"

WITH_TRIGGERS = """
rbplan 1
plan watched "Watched" {{
  level 2
  {automation}
  metrics from http "http://metrics/${{metric}}" json ".value" {{
    errors ratio in percent
    delay duration in s
    failed rate in /h
    queue count
  }}
  triggers {{
    automatic {{
      {trigger}
    }}
    {settings}
  }}
  phase work "Work" {{
    budget 2m
    step one "One" {{ run `true` }}
  }}
  scenario part "Part" {{ run work }}
  testing {{ in staging {{ passed 2025-12-08T10:00:00Z; took 1m }} }}
  verification {{ check ok "OK" {{ expect `true` }} }}
}}
"""


def config(text: str) -> dict[str, Any]:
    tree = json.loads(documents_of(request_of(text))["auto-rollback.json"].text)
    Draft202012Validator(json.loads(schema("auto-rollback"))).validate(tree)
    (found,) = tree.values()
    assert isinstance(found, dict)
    return found


def watched(trigger: str, settings: str = "", automation: str = "") -> dict[str, Any]:
    return config(WITH_TRIGGERS.format(trigger=trigger, settings=settings, automation=automation))


def trigger(line: str, settings: str = "") -> dict[str, Any]:
    (found,) = watched(line, settings)["triggers"]
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def seed() -> dict[str, Any]:
    found = json.loads(SEED.read_text("utf-8"))["auto_rollback"]
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def ours() -> dict[str, Any]:
    found = json.loads(documents_of(example(PLAN))["auto-rollback.json"].text)["auto_rollback"]
    assert isinstance(found, dict)
    return found


def test_the_seeds_keys_come_first_and_in_its_order(
    seed: dict[str, Any], ours: dict[str, Any]
) -> None:
    assert list(ours)[: len(seed)] == list(seed)
    assert list(ours["safety_checks"]) == list(seed["safety_checks"])


def test_the_values_are_the_seeds(seed: dict[str, Any], ours: dict[str, Any]) -> None:
    same = [key for key in seed if key not in {"triggers", "rollback_script"}]
    assert {key: ours[key] for key in same} == {key: seed[key] for key in same}
    assert ours["rollback_script"] == "./rollback.sh"


def test_every_trigger_of_the_seed_is_there_as_it_writes_it(
    seed: dict[str, Any], ours: dict[str, Any]
) -> None:
    by_metric = {t["metric"]: t for t in ours["triggers"]}
    for expected in seed["triggers"]:
        found = by_metric[expected["metric"]]
        shared = {key: value for key, value in found.items() if key in expected}
        assert json.dumps(shared) == json.dumps(expected)
        assert ("duration_seconds" in found) == ("duration_seconds" in expected)


def test_no_trigger_of_the_plan_is_forgotten(ours: dict[str, Any]) -> None:
    triggers = example(PLAN).analysis.plan.triggers
    assert triggers is not None
    assert [t["metric"] for t in ours["triggers"]] == [t.metric.text for t in triggers.automatic]
    assert {"db_connection_errors", "cpu_usage"} <= {t["metric"] for t in ours["triggers"]}


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/*.rbplan")), ids=lambda p: p.parent.name)
def test_the_file_of_every_example_fits_its_schema(path: Path) -> None:
    files = documents_of(example(path.parent.name))
    tree = json.loads(files["auto-rollback.json"].text)
    Draft202012Validator(json.loads(schema("auto-rollback"))).validate(tree)


@pytest.mark.parametrize(
    ("line", "threshold", "unit", "comparison"),
    [
        ("errors > 1% for 2m", "0.01", "ratio", "greater_than"),
        ("errors >= 12.5% for 2m", "0.125", "ratio", "greater_than_or_equal"),
        ("delay > 500ms for 2m", "500", "milliseconds", "greater_than"),
        ("delay > 1.5s for 2m", "1500", "milliseconds", "greater_than"),
        ("failed < 30/h for 2m", "0.5", "per_minute", "less_than"),
        ("failed <= 10/min for 2m", "10", "per_minute", "less_than_or_equal"),
        ("queue > 7 for 2m", "7", "count", "greater_than"),
    ],
)
def test_thresholds_are_numbers_in_the_units_of_the_shape(
    line: str, threshold: str, unit: str, comparison: str
) -> None:
    found = trigger(line)
    assert json.dumps(found["threshold"]) == threshold
    assert (found["unit"], found["comparison"]) == (unit, comparison)


def test_a_duration_is_in_seconds_and_says_when_it_is_seen() -> None:
    found = trigger("errors > 1% for 90s", "every 20s")
    assert found["duration_seconds"] == 90
    assert found["detection_seconds"] == 110
    assert "consecutive" not in found


def test_a_count_of_breaches_has_no_duration() -> None:
    found = trigger("queue > 3 consecutive", "every 20s")
    assert found["consecutive"] is True
    assert found["threshold"] == found["consecutive_samples"] == 3
    assert found["sample_threshold"] == 0
    assert found["detection_seconds"] == 60
    assert "duration_seconds" not in found


def test_samples_in_a_row_keep_the_threshold_of_a_sample() -> None:
    found = trigger("errors > 1% for 4 consecutive", "every 30s")
    assert (found["threshold"], found["consecutive_samples"]) == (0.01, 4)
    assert found["detection_seconds"] == 120
    assert "sample_threshold" not in found
    assert "duration_seconds" not in found


def test_a_trigger_without_a_time_fires_on_the_first_breach() -> None:
    found = trigger("errors > 1%")
    assert found["duration_seconds"] == 0
    assert found["detection_seconds"] == 15


def test_a_trigger_names_the_scenario_that_it_runs() -> None:
    assert trigger("errors > 1% for 2m -> part")["scenario"] == "part"
    assert trigger("errors > 1% for 2m")["scenario"] is None


@pytest.mark.parametrize(
    ("automation", "enabled", "confirmed"),
    [
        ("", True, False),
        ("automation full", True, False),
        ("automation gated", True, True),
        ("automation manual", False, True),
    ],
)
def test_automation_decides_on_confirmation(
    automation: str, enabled: bool, confirmed: bool
) -> None:
    found = watched("errors > 1% for 2m", automation=automation)
    assert found["enabled"] is enabled
    assert found["require_manual_confirmation"] is confirmed


def test_the_settings_of_the_monitor_are_added() -> None:
    found = watched("errors > 1% for 2m", "every 20s; no_data alert after 90s; cooldown 10m")
    assert found["sampling_interval_seconds"] == 20
    assert found["no_data"] == {"policy": "alert", "after_seconds": 90}
    assert found["cooldown_seconds"] == 600
    assert found["rollback_timeout_seconds"] == 1800


def test_what_the_plan_is_silent_on_has_the_defaults_of_the_language() -> None:
    found = watched("errors > 1% for 2m")
    assert found["sampling_interval_seconds"] == 15
    assert found["no_data"] == {"policy": "hold"}
    assert found["cooldown_seconds"] == 1800


def test_a_plan_without_triggers_is_switched_off() -> None:
    found = config(
        """
        rbplan 1
        plan small "Small" {
          level 2
          phase work "Work" { budget 2m; step one "One" { run `true` } }
          testing { in staging { passed 2025-12-08T10:00:00Z; took 1m } }
          verification { check ok "OK" { expect `true` } }
        }
        """
    )
    assert found["enabled"] is False
    assert found["triggers"] == []
    assert found["operation_id"] is None


def test_safety_checks_are_only_promised_where_the_plan_holds_what_they_need() -> None:
    checks = watched("errors > 1% for 2m")["safety_checks"]
    assert checks == {
        "verify_backup_exists": False,  # no step uses an artifact
        "verify_previous_version_healthy": False,  # no phase runs the verification
        "verify_rollback_tested": True,
    }


@pytest.mark.parametrize(
    ("check", "promised"),
    [
        ("expect `true`", False),
        ("expect `./version.sh` equals 'v2.0.80'", False),
        ("expect `./version.sh` equals 'v2.0.8'", True),
        ("expect `./version.sh | grep -q v2.0.8`", True),
        ("for api; expect `./health.sh`", True),
        ("for work; expect `./health.sh`", False),
    ],
)
def test_a_healthy_version_is_promised_by_a_critical_check_of_a_service(
    check: str, promised: bool
) -> None:
    plan = """
        rbplan 1
        plan small "Small" {{
          level 2
          service api in production {{ version "v2.0.8" -> "v2.1" }}
          phase work "Work" {{ budget 2m; step one "One" {{ for api; run `./back.sh` }} }}
          phase proof "Proof" {{ after work; budget 1m; verify }}
          verification {{ check ok "OK"{warn} {{ {check} }} }}
          testing {{ in staging {{ passed 2025-12-08T10:00:00Z; took 1m }} }}
        }}
        """
    check = check.replace("'", '"')
    found = config(plan.format(check=check, warn=""))["safety_checks"]
    assert found["verify_previous_version_healthy"] is promised
    found = config(plan.format(check=check, warn=" warn"))["safety_checks"]
    assert found["verify_previous_version_healthy"] is False


def test_the_example_is_guarded_by_everything(ours: dict[str, Any]) -> None:
    assert set(ours["safety_checks"].values()) == {True}


def test_regions_are_listed_by_their_waves() -> None:
    text = documents_of(example("multi-region"))["auto-rollback.json"].text
    found = json.loads(text)["auto_rollback"]
    assert found["region_waves"] == [["eu-west-1"], ["us-east-1", "ap-south-1"]]
    assert found["sla_per_region"] is True
    assert found["rollback_timeout_seconds"] == 600


def test_points_of_no_return_say_what_they_block(ours: dict[str, Any]) -> None:
    (point,) = ours["points_of_no_return"]
    assert point["blocks"] == ["database"]
    assert point["blocks_whole_plan"] is True
    assert point["blocked_scenarios"] == ["database_only"]
