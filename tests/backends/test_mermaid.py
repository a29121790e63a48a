from __future__ import annotations

import re
from dataclasses import replace

from rbdsl.backends.markdown_times import totals
from rbdsl.backends.mermaid import flowchart, gantt, mermaid_text
from tests.backends.compiling import example, request_of

PLAN = """
rbplan 1
plan drawn "Drawn" {
  level 2
  phase a "A" { budget 90s; step one "One" { run `true` } }
  phase b "B" { needs a; budget 2m; step two "Two" { run `true` } }
  phase c "C" { after a; budget 1m; step three "Three" { run `true` } }
  phase d "D" { after b, c; off_clock; budget 1m; step four "Four" { run `true` } }
  point_of_no_return gone "Gone" {
    crossed when `false`
    blocks b
    forward_fix { manual "Fix it" }
  }
  scenario part "Part" { run c..d }
  verification { check ok "OK" { expect `true` } }
  testing { in staging { passed 2025-12-08T10:00:00Z; took 1m } }
}
"""


def arrows(drawing: str) -> list[str]:
    return re.findall(r"^ +(\w+ (?:-->|==>|-\. blocks \.-x) \w+)$", drawing, re.MULTILINE)


def test_bars_start_and_end_at_the_computed_times() -> None:
    lines = [line.strip() for line in gantt(request_of(PLAN).analysis).splitlines()]
    assert "Phase 1 – A (1m30s) :crit, p1, 2000-01-01T00:00:00.000, 90000ms" in lines
    assert "Phase 2 – B (2m) :crit, p2, 2000-01-01T00:01:30.000, 120000ms" in lines
    assert "Phase 3 – C (1m) :p3, 2000-01-01T00:01:30.000, 60000ms" in lines
    off = lines.index("section Off the clock")
    assert lines[off + 1].startswith("Phase 4 – D (1m) :crit, p4, 2000-01-01T00:03:30.000")
    assert "SLA 30m :milestone, sla, 2000-01-01T00:30:00.000, 0s" in lines


def test_arrows_tell_need_from_order_and_points_from_both() -> None:
    assert arrows(flowchart(request_of(PLAN).analysis)) == [
        "decision --> p1",
        "p1 ==> p2",
        "p1 --> p3",
        "p2 --> p4",
        "p3 --> p4",
        "p2 --> verified",
        "p3 --> verified",
        "n1 -. blocks .-x p2",
    ]


def test_a_scenario_is_drawn_without_what_it_leaves_out() -> None:
    analysis = request_of(PLAN).analysis
    line = analysis.scenario("part").timeline
    assert arrows(flowchart(analysis, line)) == [
        "decision --> p3",
        "p3 --> p4",
        "p3 --> verified",
    ]
    assert "Phase 1" not in gantt(analysis, line)


def test_a_policy_without_a_target_has_none_in_the_documents() -> None:
    analysis = request_of(PLAN).analysis
    assert "Target " in gantt(analysis)
    policy = replace(analysis.policy, target_ms=analysis.policy.sla_ms)
    without = replace(analysis, policy=policy)
    assert "Target" not in gantt(without)
    assert "Target" not in dict(totals(without))
    assert "Target" in dict(totals(analysis))


def test_limits_per_region_start_with_the_regions_clock() -> None:
    analysis = example("multi-region").analysis
    start = analysis.regions[0].start_ms // 60_000
    assert f"SLA 10m per region :milestone, sla, 2000-01-01T00:{10 + start}:00.000" in gantt(
        analysis
    )


def test_labels_hold_nothing_that_mermaid_reads() -> None:
    assert mermaid_text('a"b') == "a#34;b"
    assert mermaid_text("x: y; #z\n%%") == "x#58; y#59; #35;z #37;#37;"
    assert mermaid_text("Größe (1), 2.0") == "Größe (1), 2.0"
