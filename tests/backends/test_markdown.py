from __future__ import annotations

import re
import subprocess

import pytest

from rbdsl.backends.markdown import single_spaced
from rbdsl.backends.markdown_times import summary, totals
from tests.analysis.building import analysed, phase, seed_phases
from tests.backends.compiling import (
    EXAMPLES,
    documents_of,
    example,
    request_of,
    request_whatever_is_found,
)
from tests.backends.reading import checkboxes, fences, headings, plain, section, shown, tables, tree
from tests.checking import in_plan

PLAN = "api-v2.1"

SEED_SECTIONS = [
    "Rollback Plan: API v2.1 Deployment",
    "Metadata",
    "Operation Summary",
    "Pre-Rollback State Capture",
    "Rollback Decision Criteria",
    "Automatic Rollback Triggers",
    "Manual Rollback Triggers",
    "Point of No Return",
    "Rollback Procedure",
    "Rollback Time Estimate",
    "Partial Rollback Capability",
    "Scenario: Database OK, Application Issues",
    "Scenario: Application OK, Database Issues",
    "Scenario: Specific Service Issues",
    "Rollback Testing Requirements",
    "Pre-Production Testing",
    "Rollback Test Checklist",
    "Automatic Rollback System",
    "Configuration",
    "Monitoring Script",
    "Rollback Verification Procedure",
    "Automated Verification",
    "Manual Verification Checklist",
    "Rollback Time SLAs",
    "Level 3 Operations",
    "Measuring Rollback Time",
    "Rollback Failure Escalation",
    "If Rollback Fails",
    "Rollback Failure Documentation",
    "Post-Rollback Validation",
    "Rollback Metrics and Reporting",
    "Key Metrics",
    "Rollback Dashboard",
    "Rollback Reporting",
]
"""The headings of the seed's template, in its order."""

SEED_LEVELS = {"Rollback Plan: API v2.1 Deployment": 1} | dict.fromkeys(
    [
        "Automatic Rollback Triggers",
        "Manual Rollback Triggers",
        "Point of No Return",
        "Pre-Production Testing",
        "Rollback Test Checklist",
        "Configuration",
        "Monitoring Script",
        "Automated Verification",
        "Manual Verification Checklist",
        "Level 3 Operations",
        "Measuring Rollback Time",
        "If Rollback Fails",
        "Rollback Failure Documentation",
        "Key Metrics",
        "Rollback Dashboard",
        "Rollback Reporting",
    ],
    3,
)


def page(text: str) -> str:
    return documents_of(request_of(text))["PLAN.md"].text


@pytest.fixture(scope="module")
def api() -> str:
    return documents_of(example(PLAN))["PLAN.md"].text


def test_the_headings_are_the_seeds_in_its_order(api: str) -> None:
    found = [h.text for h in headings(api)]
    assert [h for h in found if h in SEED_SECTIONS] == SEED_SECTIONS
    levels = {h.text: h.level for h in headings(api)}
    for heading in SEED_SECTIONS:
        default = 3 if heading.startswith("Scenario") else 2
        assert levels[heading] == SEED_LEVELS.get(heading, default), heading


@pytest.mark.parametrize("name", sorted(p.name for p in EXAMPLES.iterdir() if p.is_dir()))
def test_every_example_has_the_sections(name: str) -> None:
    text = documents_of(example(name))["PLAN.md"].text
    found = [h.text for h in headings(text) if h.level == 2]
    assert [h for h in SEED_SECTIONS if h in found] == [h for h in found if h in SEED_SECTIONS]
    assert len([h for h in found if h in SEED_SECTIONS]) == 14


def test_phases_are_numbered_and_timed_as_the_seed_does(api: str) -> None:
    plan = example(PLAN).analysis.plan
    found = [h.text for h in headings(api) if re.match(r"Phase \d+: ", h.text)]
    assert found[:3] == [
        "Phase 1: Preparation (1 minute)",
        "Phase 2: Stop Traffic to New Version (1 minute)",
        "Phase 3: Database Rollback (3 minutes)",
    ]
    assert len(found) == len(plan.phases) == 8


def test_metadata_is_a_list_of_bold_labels(api: str) -> None:
    words = shown(api, "Metadata")
    for line in (
        "Operation ID: op-12345",
        "Permit ID: permit-xyz789",
        "Created: 2025-12-09T10:00:00Z",
        "Change Window: 2025-12-10T22:00:00Z to 2025-12-11T00:00:00Z",
        "Owner: development-master",
        "Certification Level: 3",
    ):
        assert line in words


def test_the_state_to_capture_is_a_checklist_with_commands(api: str) -> None:
    nodes = section(api, "Pre-Rollback State Capture")
    boxes = checkboxes(nodes)
    assert (False, "Active user sessions: ~12,000") in boxes
    assert any("backup-pre-v2.1.dump" in text for _, text in boxes)
    assert any("pg_dump" in shell for shell in fences(nodes, "bash"))


def test_baselines_stand_where_they_are_taken_and_where_they_are_compared(api: str) -> None:
    boxes = checkboxes(section(api, "Pre-Rollback State Capture"))
    assert (False, "Baseline of metric latency_p99") in boxes
    assert (False, "Metrics baseline: baseline/snapshot.txt (checksum sha256)") in boxes
    assert "one sample of http http://metrics-api/cpu_usage" in shown(
        api, "Pre-Rollback State Capture"
    )
    verified = shown(api, "Automated Verification")
    assert "Metric latency_p99 <= baseline + 20%" in verified
    assert "the baseline is what ./capture.sh recorded before the change" in verified


def test_baselines_need_no_capture_block() -> None:
    request = request_whatever_is_found(
        in_plan(
            'metrics from http "http://m/${metric}" json ".value" { delay duration }\n'
            "verification { metric delay within 10% of baseline warn within 1m every 15s }"
        )
    )
    assert request is not None
    text = documents_of(request)["PLAN.md"].text
    captured = shown(text, "Pre-Rollback State Capture")
    assert "Nothing is captured" not in captured
    assert "Baseline of metric delay" in captured
    verified = shown(text, "Automated Verification")
    assert "Metric delay within 10% of baseline" in verified
    assert "a warning if it fails · within 1 minute, asked every 15s" in verified


def test_every_step_stands_in_its_phase_with_its_shell_as_written(api: str) -> None:
    for number, stage in enumerate(example(PLAN).analysis.plan.phases, 1):
        heading = next(h.text for h in headings(api) if h.text.startswith(f"Phase {number}: "))
        nodes = section(api, heading)
        bold = "\n".join(plain(node) for node in nodes)
        blocks = "\n".join(fences(nodes, "bash"))
        for step in stage.all_steps:
            assert step.title.plain in bold
            for shell in step.shells:
                assert shell.text in blocks


def test_triggers_say_when_they_are_seen(api: str) -> None:
    (table, _) = tables(section(api, "Automatic Rollback Triggers"))
    assert table[0] == ["Trigger", "Detected within", "Runs"]
    assert table[1] == [
        "error_rate > 1% for 2 consecutive minutes",
        "2 minutes 15 seconds",
        "the whole plan",
    ]
    by_metric = {row[0].split()[0]: row for row in table[1:]}
    assert by_metric["auth_failure_rate"][2] == "Database OK, Application Issues"
    assert by_metric["health_check_failures"][:2] == [
        "health_check_failures > 3 consecutive",
        "45 seconds",
    ]


def test_the_point_of_no_return_says_what_is_left(api: str) -> None:
    words = shown(api, "Point of No Return")
    blocked, possible = words.split("Still possible past it:")
    assert "The whole plan (12 minutes)" in blocked
    assert "./rollback.sh --scenario database_only" in blocked
    assert "./rollback.sh --scenario application_only" in possible
    assert "./rollback.sh --scenario auth_only" in possible
    assert "database_only" not in possible
    assert "./rollback.sh --forward-fix migrations" in possible
    assert "Deploy compensating schema migration" in possible


def test_the_page_starts_with_time_findings_and_what_is_left(api: str) -> None:
    (quote,) = [node for node in tree(api)[:3] if node["type"] == "block_quote"]
    words = plain(quote)
    assert "Takes 10 minutes on the SLA clock, 5 minutes inside of its SLA of 15 minutes" in words
    assert (
        "Past “Database migrations 008-011 completed” there is left: “Database OK, Application "
        "Issues”, “Specific Service Issues” or the forward fix."
    ) in words


def test_metrics_show_the_address_that_is_asked(api: str) -> None:
    (_, table) = tables(section(api, "Automatic Rollback Triggers"))
    by_name = {row[0]: row for row in table[1:]}
    assert by_name["auth_failure_rate"][2] == "http http://metrics-api/auth_failure_rate"
    assert "code=~" in by_name["error_rate"][3]


def test_a_blocked_phase_warns(api: str) -> None:
    words = shown(api, "Phase 3: Database Rollback (3 minutes)")
    assert "CRITICAL: Only execute if NOT past the point of no return" in words
    assert "CRITICAL" not in shown(api, "Phase 4: Application Rollback (2 minutes)")


def test_times_are_the_computed_ones(api: str) -> None:
    analysis = example(PLAN).analysis
    words = shown(api, "Rollback Time Estimate")
    assert "Phase 3 (Database Rollback): 3 minutes" in words
    assert "Total Time: 12 minutes" in words
    assert "Time on the SLA Clock: 10 minutes (without Phase 8)" in words
    assert "SLA: 15 minutes (Level 3)" in words
    assert "Buffer: 5 minutes" in words
    (table,) = tables(section(api, "Computed Times"))
    assert len(table) == 1 + len(analysis.timeline.phases)
    assert table[5][:8] == [
        "5",
        "Cache Invalidation",
        "3",
        "5m",
        "6m",
        "1m",
        table[5][6],
        "1m",
    ]
    assert table[8][-1] == "no"


def test_drawings_are_fenced_for_the_code_host(api: str) -> None:
    gantt, flowchart = fences(tree(api), "mermaid")
    assert gantt.startswith("gantt\n")
    assert flowchart.startswith("flowchart TB\n")


def test_scenarios_have_computed_times(api: str) -> None:
    words = shown(api, "Scenario: Application OK, Database Issues")
    assert "Rollback: Phases 3, 5-8" in words
    assert "Time: 9 minutes" in words
    assert "Use when: " in words
    (table,) = tables(section(api, "Partial Rollback Capability"))
    assert table[1][0] == "The whole plan"
    assert len(table) == 5


def test_checklists_keep_their_state() -> None:
    text = page(
        """
        rbplan 1
        plan small "Small" {
          level 2
          phase work "Work" { budget 2m; step one "One" { run `true` }; verify }
          verification { check ok "OK" { expect `true` }; confirm "Users can log in" }
          testing {
            in staging { passed 2025-12-08T10:00:00Z; took 12m10s; evidence "https://ci.example/1" }
            checklist { done "Tested"; todo "Trained" }
          }
        }
        """
    )
    assert checkboxes(section(text, "Rollback Test Checklist")) == [
        (True, "Tested"),
        (False, "Trained"),
    ]
    assert checkboxes(section(text, "Manual Verification Checklist")) == [
        (False, "Users can log in")
    ]
    words = shown(text, "Pre-Production Testing")
    assert "Staging Environment Test" in words
    assert "took 12 minutes 10 seconds (within the SLA)" in words
    assert "<https://ci.example/1>" in text


def test_requirements_name_the_element_that_proves_them(api: str) -> None:
    (table,) = tables(section(api, "Level 3 (Advanced Union)"))
    requirements = example(PLAN).analysis.requirements
    assert [row[1] for row in table[1:]] == [r.status.value for r in requirements]
    for row, requirement in zip(table[1:], requirements, strict=True):
        assert row[3] == f"api-v2-1.rbplan:{requirement.span.begin.line}"


def test_findings_are_listed_with_their_place() -> None:
    text = page(
        """rbplan 1
plan small "Small" {
  level 2
  phase a "A" { budget 12m; step one "One" { run `true` }; verify }
  phase b "B" { after a; budget 12m; step two "Two" { run `true` } }
  verification { check ok "OK" { expect `true` } }
  testing { in staging { passed 2025-12-08T10:00:00Z; took 12m10s } }
}
"""
    )
    (table, _) = tables(section(text, "Findings") + section(text, "Sources"))
    target = [row for row in table if row[0] == "RB302"]
    assert len(target) == 1
    assert target[0][1] == "warning"
    assert "24m" in target[0][2]
    assert target[0][3].startswith("test.rbplan:")
    assert "Target: 20 minutes (missed by 4 minutes)" in shown(text, "Rollback Time Estimate")


def test_the_escalation_ladder_is_the_seeds(api: str) -> None:
    words = shown(api, "If Rollback Fails")
    assert "Level 1: First attempt failed (0-5 minutes)" in words
    assert "Level 4: Critical incident (30+ minutes)" in words


def test_regions_are_shown_with_their_waves() -> None:
    text = documents_of(example("multi-region"))["PLAN.md"].text
    (table,) = tables(section(text, "Regions"))
    assert [row[1] for row in table[1:]] == ["1", "2", "2"]
    assert "per region" in shown(text, "Level 4 Operations")


def test_a_step_can_be_run_by_hand_with_the_variables_of_the_page() -> None:
    text = documents_of(example("multi-region"))["PLAN.md"].text
    variables = fences(section(text, "Rollback Procedure"), "bash")[0]
    shown_value = 'printf "%s" "$routing_backup|${counted_tables[1]}|$image"'
    done = subprocess.run(
        ["bash", "-euc", f"{variables}\n{shown_value}"], capture_output=True, text=True, check=True
    )
    assert done.stdout == (
        ".rbc/artifacts/multi-region/eu-west-1/routing.dump|certificates"
        "|registry.example.com/edge-gateway:v4.9.2"
    )


def test_the_seeds_own_budgets_leave_a_minute_and_miss_the_target() -> None:
    shown_totals = dict(totals(analysed(seed_phases())))
    assert shown_totals["Total Time"] == "14 minutes"
    assert shown_totals["SLA"] == "15 minutes (Level 3)"
    assert shown_totals["Buffer"] == "1 minute"
    assert shown_totals["Target"] == "10 minutes (missed by 4 minutes)"


def test_a_time_over_the_sla_is_said_first() -> None:
    analysis = analysed([phase("a", "20m"), phase("b", "12m", after="a")], level=2)
    assert summary(analysis, 3) == (
        "Takes 32 minutes on the SLA clock, 2 minutes over its SLA of 30 minutes; "
        "[3 findings](#findings)."
    )
    assert ("Buffer", "none: 2 minutes over the SLA") in totals(analysis)


def test_no_list_or_fence_is_broken_by_ten_or_more_entries(api: str) -> None:
    (numbered,) = [n for n in section(api, "Automated Verification") if n["type"] == "list"]
    verification = example(PLAN).analysis.plan.verification
    assert verification is not None
    assert len(numbered["children"]) == len(verification.checks) + len(verification.bounds) >= 10


def test_shell_with_backticks_has_a_longer_fence() -> None:
    text = page(
        """
        rbplan 1
        plan small "Small" {
          level 2
          phase work "Work" {
            budget 2m
            step one "One" { run ````
              cat <<'EOF'
              ```
              inside
              ```
              EOF
            ```` }
            verify
          }
          verification { check ok "OK" { expect `true` } }
          testing { in staging { passed 2025-12-08T10:00:00Z; took 1m } }
        }
        """
    )
    blocks = fences(section(text, "Phase 1: Work (2 minutes)"), "bash")
    assert blocks[0] == "cat <<'EOF'\n```\ninside\n```\nEOF\n"


def test_blank_lines_inside_of_fences_stay() -> None:
    assert single_spaced("a\n\n\n\nb\n```\nx\n\n\ny\n```\n\n\nc\n\n\n") == (
        "a\n\nb\n```\nx\n\n\ny\n```\n\nc\n"
    )
