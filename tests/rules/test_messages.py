"""What stands around the messages: severities, hints, notes and labels, where they tell the most."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rbdsl.compiler import check
from rbdsl.diagnostics import Diagnostic, Severity
from rbdsl.source import Source
from tests.checking import MemoryLoader, checked, shipped_policies

SEED = Path(__file__).parents[1] / "seed" / "api-v2-1-as-written.rbplan"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
VERIFICATION = 'verification { check health "Healthy" { expect `./health.sh` } }'


def reported(code: str, body: str, level: int = 2) -> list[Diagnostic]:
    """The findings of a code in a plan around some statements."""
    plan = f'rbplan 1\nplan x "X" {{\nlevel {level}\n{body}\n}}\n'
    return [d for d in checked(plan).diagnostics if d.code == code]


def phase(name: str, rest: str) -> str:
    """A phase with a step."""
    return f'phase {name} "{name}" {{ {rest}; step s "S" {{ run `./{name}.sh` }} }}\n'


def seed(code: str) -> list[Diagnostic]:
    """The findings of a code in the plan of the original document as it stands there."""
    source = Source("seed.rbplan", SEED.read_text("utf-8"))
    found = check(source, MemoryLoader({}), shipped_policies(), NOW)
    return [d for d in found.diagnostics if d.code == code]


def test_the_scenario_that_claims_8_minutes_and_takes_9() -> None:
    found = next(d for d in seed("RB304") if "database_only" in d.message)
    assert found.severity is Severity.ERROR
    assert found.message == (
        "scenario `database_only` claims 8m and takes 9m: 3m + 1m + 1m + 2m + 2m = 9m"
    )
    assert found.notes == (
        "critical path: database 3m + cache 1m + traffic 1m + verification 2m + cleanup 2m = 9m",
    )
    assert (found.span.text, found.hint) == ("8m", "write `claims 9m`")


def test_the_scenario_that_rightly_claims_8_minutes() -> None:
    assert not [d for d in seed("RB304") if "application_only" in d.message]


def test_the_total_of_14_minutes_meets_the_sla_and_misses_the_target() -> None:
    (found,) = seed("RB302")
    assert found.severity is Severity.WARNING
    assert found.message == (
        "the rollback takes 14m: it meets the SLA of 15m with 1m of buffer, and misses the target "
        "of 10m by 4m"
    )
    assert "its 2m would not count" in (found.hint or "")
    (thin,) = seed("RB303")
    assert thin.message == "the buffer is thin: 14m of an SLA of 15m leaves 1m, 6.7 %"


def test_the_triggers_that_stand_only_in_prose() -> None:
    hints = {d.hint for d in seed("RB605")}
    assert hints == {
        "write it under `automatic`: `db_connection_errors > 10/min for 1m`",
        "write it under `automatic`: `cpu_usage > 90% for 3m`",
    }


def test_the_artifacts_that_are_used_and_never_made() -> None:
    found = seed("RB801")
    made = {d.span.text: [label.text for label in d.labels] for d in found}
    assert {"backup_checksum", "config_snapshot"} <= made.keys()
    assert made["config_snapshot"] == ["this says that there is one, and nothing makes it"]


def test_the_scenario_that_deletes_what_it_keeps_serving() -> None:
    messages = [d.message for d in seed("RB517")]
    assert len(messages) == 2
    assert all("`database_only` keeps" in m and "`delete` of `cleanup`" in m for m in messages)


@pytest.mark.parametrize(
    ("claim", "severity", "label"),
    [("3m", Severity.ERROR, "1m short"), ("5m", Severity.WARNING, "1m more than needed")],
)
def test_a_claim_that_is_too_short_is_worse(claim: str, severity: Severity, label: str) -> None:
    (found,) = reported("RB304", f"claims {claim}\n" + phase("a", "budget 4m"))
    assert found.severity is severity
    assert found.message == f"the plan claims {claim} and takes 4m"
    assert [entry.text for entry in found.labels] == [label]
    assert found.notes == ()


def test_a_claim_of_the_time_on_the_clock_is_explained() -> None:
    body = "claims 4m\n" + phase("a", "budget 4m") + phase("b", "after a; budget 2m; off_clock")
    (found,) = reported("RB304", body)
    assert found.notes[-1] == "4m is the time on the SLA's clock, without `off_clock` phases"


def test_a_claim_about_parallel_regions_is_about_the_whole_run() -> None:
    body = (
        "claims 4m\nregions { wave us-east-1; wave eu-west-1, ap-south-1 }\n"
        'phase a "A" { budget 2m; step s "S" { run `./a.sh "$region"` } }'
    )
    assert reported("RB304", body, level=4) == []
    (found,) = reported("RB304", body.replace("4m", "2m", 1), level=4)
    assert found.message == "the plan claims 2m and takes 4m"


def test_past_the_sla_the_path_and_its_sum_are_spelled_out() -> None:
    body = phase("stop", "budget 4m") + phase("load", "after stop; budget 12m")
    (found,) = reported("RB301", body, level=3)
    assert found.notes == ("critical path: stop 4m + load 12m = 16m",)
    assert [entry.text for entry in found.labels] == [
        "level 3 allows 15m",
        "the longest of 4m + 12m = 16m",
    ]
    assert "off_clock" not in (found.hint or "")


def test_a_path_of_very_many_phases_is_shortened_in_the_middle() -> None:
    body = phase("p0", "budget 1m")
    body += "".join(phase(f"p{n}", f"after p{n - 1}; budget 1m") for n in range(1, 1500))
    (found,) = reported("RB301", body, level=3)
    (note,) = found.notes
    assert note == (
        "critical path: p0 1m + p1 1m + p2 1m + p3 1m + (1492 more) + p1496 1m + p1497 1m + "
        "p1498 1m + p1499 1m = 25h"
    )
    assert found.labels[1].text == (
        "the longest of 1m + 1m + 1m + 1m + (1492 more) + 1m + 1m + 1m + 1m = 25h"
    )


def test_a_poll_too_short_for_its_pause_is_told_a_pause_that_fits() -> None:
    step = 'phase a "A" {{ budget 1m; step s "S" {{ timeout 9s; run `x`; expect `y` {} }} }}'
    (found,) = reported("RB313", step.format("within 3s every 5s"))
    assert found.hint == "ask more often, e.g. `every 1s`"
    assert reported("RB313", step.format("within 3s every 1s")) == []
    (found,) = reported("RB313", step.format("within 100ms every 5s"))
    assert found.hint == "wait for longer than 5s"
    assert reported("RB313", step.format("within 40s every 1s")) == []


def test_past_the_sla_because_of_a_cleanup_the_hint_says_so() -> None:
    body = (
        phase("load", "budget 13m")
        + 'phase verification "V" { after load; budget 1m; verify }\n'
        + phase("clean", "after verification; budget 1m")
        + phase("mail", "after clean; budget 1m")
        + VERIFICATION
    )
    (found,) = reported("RB301", body, level=3)
    assert found.hint == (
        "say `off_clock` in `clean` and `mail`: they run after verification, where the SLA's clock "
        "has stopped, and their 2m would not count"
    )


def test_past_the_sla_by_waves_the_waves_are_counted() -> None:
    body = "regions { wave us-east-1; wave eu-west-1; wave ap-south-1 }\n" + phase("a", "budget 6m")
    (found,) = reported("RB301", body, level=3)
    assert found.message.startswith("the rollback takes 18m, 3m more")
    assert found.notes == (
        "critical path of one region: a 6m",
        "3 waves of regions run one after another",
    )


def test_at_level_4_only_the_phases_of_the_region_are_on_its_clock() -> None:
    body = (
        "regions { wave us-east-1; wave eu-west-1 }\n"
        + phase("freeze", "global; budget 9m")
        + phase("a", "after freeze; budget 6m")
        + phase("b", "after a; budget 5m")
    )
    (found,) = reported("RB301", body, level=4)
    assert found.message == (
        "the rollback takes 11m in region `us-east-1`, 1m more than the SLA of 10m"
    )
    assert found.notes == ("critical path: a 6m + b 5m = 11m",)


def test_a_worst_case_shows_attempts_and_pauses() -> None:
    body = (
        'phase a "A" { budget 3m; step load "Load" { timeout 2m; retry 2 every 10s; run `./l.sh` }; '
        'gate dba "DBA" { approvers "x"; timeout 30s; otherwise abort } }'
    )
    (found,) = reported("RB306", body)
    assert found.notes == ("at worst: load (2m × 3 + 10s × 2 = 6m20s) + dba 30s",)


def test_the_same_phase_named_twice_is_worse_than_an_order_that_follows() -> None:
    phases = phase("a", "budget 1m") + phase("b", "after a; budget 1m")
    (follows,) = reported("RB502", phases + phase("c", "after a, b; budget 1m"))
    assert follows.severity is Severity.PEDANTIC
    (again,) = reported("RB502", phases + phase("c", "after b; after b; budget 1m"))
    assert again.severity is Severity.WARNING


def test_an_order_beside_a_need_of_the_same_phase_is_only_pedantic() -> None:
    phases = phase("a", "budget 1m")
    (beside,) = reported("RB502", phases + phase("b", "needs a; after a; budget 1m"))
    assert beside.severity is Severity.PEDANTIC


def test_nothing_left_past_the_point_is_worse_than_a_scenario_left() -> None:
    point = 'point_of_no_return p "P" { crossed when `./p.sh`; blocks a }\n'
    phases = phase("a", "budget 1m") + phase("b", "after a; budget 1m")
    (nothing,) = reported("RB703", point + phases)
    assert nothing.severity is Severity.ERROR
    (something,) = reported("RB703", point + phases + 'scenario rest "Rest" { run b }')
    assert something.severity is Severity.WARNING


def test_a_misspelt_artifact_is_guessed() -> None:
    capture = 'capture {{ step d "D" {{ creates {0} "f"; run `./d.sh "${0}"` }} }}\n'
    use = 'phase a "A" { budget 1m; step s "S" { uses db_backp; run `./a.sh` } }'
    (near,) = reported("RB801", capture.format("db_backup") + use)
    assert near.hint == "did you mean `db_backup`?"
    (far,) = reported("RB801", capture.format("manifest") + use)
    assert far.hint == 'let a step of `capture` make it: `creates db_backp "FILE"`'


def test_secrets_are_often_read_by_programs_alone() -> None:
    body = 'let a = "1"\nsecret TOKEN "Token"\n' + phase("p", "budget 1m")
    assert [d.severity for d in reported("RB808", body)] == [Severity.WARNING, Severity.PEDANTIC]


def test_a_recommendation_is_a_warning_and_a_demand_an_error() -> None:
    body = "automation manual\n" + phase("p", "budget 1m")
    assert [d.severity for d in reported("RB403", body)] == [Severity.WARNING]
    assert [d.severity for d in reported("RB403", body, level=3)] == [Severity.ERROR]


@pytest.mark.parametrize(
    ("text", "trigger"),
    [
        ("Latency p99 over 1.5 seconds for 10 minutes", "latency_p99 > 1.5s for 10m"),
        ("P99 latency ≥ 500 ms", "latency_p99 > 500ms for 1m"),
        ("Logins per second < 3/s for 2 h", "logins < 3/s for 2h"),
        ("Login rate below 100/hour", "logins < 100/h for 1m"),
        ("Error rate > 5 percent, 3 in a row", "error_rate > 5% for 3 consecutive"),
    ],
)
def test_prose_is_turned_into_the_trigger_that_it_means(text: str, trigger: str) -> None:
    body = (
        'metrics from http "http://m/${metric}" json ".v" '
        "{ latency_p99 duration; logins rate; error_rate ratio }\n"
        f'triggers {{ manual {{ "{text}" }} }}\n' + phase("p", "budget 1m")
    )
    (found,) = reported("RB605", body)
    assert found.hint == f"write it under `automatic`: `{trigger}`"
    written = body.replace("manual {", f"automatic {{ {trigger} }}; manual {{")
    assert reported("RB605", written) == []
    assert reported("RB204", written) == []


def test_every_finding_about_switches_points_at_the_words() -> None:
    (found,) = seed("RB521")
    assert [entry.span.text for entry in found.labels] == ["on", "off"]
    before = [entry.span.source.line(entry.span.begin.line) for entry in found.labels]
    columns = [entry.span.begin.column for entry in found.labels]
    assert all(
        line[: column - 1].endswith("read_only = ")
        for line, column in zip(before, columns, strict=True)
    )
    (unset,) = seed("RB520")
    assert [entry.span.text for entry in unset.labels][:2] == ["disable", "enable"]


def test_of_many_steps_the_longest_are_pointed_at() -> None:
    steps = "; ".join(
        f'step s{i} "S{i}" {{ timeout {9 if i == 70 else 5}s; run `./s.sh` }}' for i in range(100)
    )
    (found,) = reported("RB306", f'phase p "P" {{ budget 5m; {steps} }}')
    assert len(found.labels) == 8
    assert [label.text for label in found.labels][-1] == "at worst 9s"
    assert found.notes == (
        "at worst: s0 5s + s1 5s + s2 5s + s3 5s + (92 more) + s96 5s + s97 5s + s98 5s + s99 5s",
    )


def test_what_is_turned_off_is_pointed_at_in_its_own_command() -> None:
    off = 'kubectl -n shop patch cronjob report -p \'{"spec":{"suspend":true}}\''
    body = (
        'phase back "Back" { budget 5m; step off "Off" { run ```\n'
        f"initctl stop reports || true\n{off}\nkubectl rollout resume deploy/api\n``` }} }}"
    )
    (found,) = reported("RB524", body)
    (label,) = found.labels
    line = label.span.begin.line
    assert label.span.source.text.split("\n")[line - 1] == off
