"""A shorter time is a gain where a limit was cut, and none where something was left out."""

from __future__ import annotations

import pytest

from rbdsl.review.changes.change import Change, Effect
from rbdsl.review.changes.compare import compare
from tests.checking import checked

PLAN = """\
rbplan 1
plan shop "Shop 3.2" {
  level 2
  change "Shop 3.2 goes live."
  service shop in production { version "3.1" -> "3.2" }
  phase stop "Stop" {
    budget 3m
    step drain "Drain" { timeout 30s; run `./drain.sh` }
    step halt "Halt" { timeout 20s; retry 2 every 5s; run `./halt.sh` }
  }
  phase back "Back" {
    after stop
    budget 4m
    gate sure "Sure?" { approvers "dba"; timeout 1m; otherwise abort }
    step undo "Go back" { for shop; timeout 60s; run `./back.sh`; expect `./asked.sh` }
  }
  phase proof "Proof" { after back; budget 2m; verify }
  verification {
    check health "Health" { timeout 30s; expect `./health.sh` }
    check orders "Orders" { timeout 30s; expect `./orders.sh` }
  }
}
"""
LEFT_OUT = [
    ("    after stop\n", "", "phase `back` no longer waits for `stop`"),
    ("after back; budget", "after back; off_clock; budget", "phase `proof` is no longer counted"),
    ("after back;", "", "phase `proof` no longer waits for `back`"),
    ("after back;", "after stop;", "phase `proof` no longer waits for `back`"),
]
LEFT_UNDONE = [
    ('    step drain "Drain" { timeout 30s; run `./drain.sh` }\n', "", "there is 1 step less"),
    (" retry 2 every 5s;", "", "there are 2 attempts less"),
    ("; expect `./asked.sh`", "", "there is 1 expectation less"),
    (
        '    check orders "Orders" { timeout 30s; expect `./orders.sh` }\n',
        "",
        "there is 1 check less",
    ),
    (
        '    gate sure "Sure?" { approvers "dba"; timeout 1m; otherwise abort }\n',
        "",
        "there is 1 gate less",
    ),
]  # fmt: skip
CUT = [
    ("budget 4m", "budget 3m", "time-shorter"),
    ("timeout 60s;", "timeout 40s;", "worst-case-shorter"),
    ("every 5s", "every 2s", "worst-case-shorter"),
    ("timeout 30s; expect `./health.sh`", "timeout 10s; expect `./health.sh`", "worst-case-shorter"),
]  # fmt: skip


def told(before: str, after: str) -> dict[str, Change]:
    assert before in PLAN
    new = PLAN.replace(before, after)
    found = compare(checked(PLAN), checked(new), "a.rbplan", "a.rbplan").changes
    return {change.kind: change for change in found}


@pytest.mark.parametrize(("before", "after", "why"), LEFT_OUT)
def test_what_is_left_off_the_clock_is_no_gain(before: str, after: str, why: str) -> None:
    change = told(before, after)["time-shorter"]
    assert (change.effect, change.why.partition(";")[0]) == (Effect.NEUTRAL, why)


@pytest.mark.parametrize(("before", "after", "why"), LEFT_UNDONE)
def test_what_is_not_done_any_more_is_no_gain(before: str, after: str, why: str) -> None:
    change = told(before, after)["worst-case-shorter"]
    assert (change.effect, change.why) == (Effect.NEUTRAL, why)


@pytest.mark.parametrize(("before", "after", "kind"), CUT)
def test_a_limit_that_is_cut_is_a_gain(before: str, after: str, kind: str) -> None:
    assert told(before, after)[kind].effect is Effect.STRONGER


def test_a_phase_that_is_gone_is_no_gain_and_no_way_to_hold_the_sla() -> None:
    start, end = PLAN.index("  phase stop"), PLAN.index("  phase back")
    long = PLAN.replace("budget 3m", "budget 29m")
    new = PLAN[:start] + PLAN[end:].replace("    after stop\n", "")
    found = {c.kind: c for c in compare(checked(long), checked(new), "a", "a").changes}
    for kind in ("time-shorter", "sla-held", "worst-case-shorter"):
        assert (found[kind].effect, "phase `stop` is gone" in found[kind].why) == (
            Effect.NEUTRAL,
            True,
        )


def test_an_order_that_holds_all_the_same_is_not_lost() -> None:
    both = PLAN.replace("after back;", "after back, stop;").replace("budget 2m", "budget 2m30s")
    found = {c.kind: c for c in compare(checked(both), checked(PLAN), "a", "a").changes}
    assert found["time-shorter"].effect is Effect.STRONGER


def test_renamed_phases_are_not_left_out() -> None:
    new = PLAN.replace("phase stop", "phase halted").replace("after stop", "after halted")
    new = new.replace("budget 3m", "budget 2m")
    found = {c.kind: c for c in compare(checked(PLAN), checked(new), "a", "a").changes}
    assert found["time-shorter"].effect is Effect.STRONGER
