from __future__ import annotations

import pytest

from rbdsl.diagnostics import Code, Severity
from rbdsl.review.changes.change import Change, Effect
from rbdsl.review.changes.compare import PlanChange, State, compare, compare_all
from rbdsl.rules.registry import destroys
from tests.checking import checked

PLAN = """\
rbplan 1
plan shop "Shop 3.2" {
  level 2
  change "Shop 3.2 goes live."
  service shop in production { version "3.1" -> "3.2" }
  let image = "shop:3.1"
  metrics from prometheus "http://prometheus:9090" {
    error_rate ratio `rate(errors[1m])`
    free_space ratio `free`
  }
  capture {
    step dump "Dump" { creates dump "shop.dump" checksum sha256; timeout 9m; run `pg_dump -Fc shop > "$dump"` }
    step extra "Settings" { creates settings "settings.yaml"; timeout 9m; run `kubectl get cm shop -o yaml > "$settings"` }
  }
  triggers {
    automatic {
      error_rate > 1% for 2m
      free_space < 10% for 5m -> quick
    }
    manual { "Orders get lost" }
    every 15s
    cooldown 30m
    no_data breach
  }
  point_of_no_return migrated "Data is migrated" {
    crossed when `psql -Atc "select 1 from new"`
    blocks data
    forward_fix { manual "Repair"; manual "Check" }
  }
  phase stop "Stop" {
    budget 1m
    step drain "Drain" { timeout 30s; run `kubectl drain shop`; undo `kubectl uncordon shop` }
    step tell "Tell" { timeout 5s; run `tell "stopping"` }
    ensure step open "Open" { timeout 5s; run `kubectl uncordon shop` }
  }
  phase data "Data" {
    after stop
    budget 3m
    gate sure "Restore?" { approvers "dba", "sre"; timeout 1m; otherwise abort }
    step restore "Restore" {
      uses dump
      timeout 1m
      retry 1 every 5s
      run `pg_restore --exit-on-error -d shop "$dump"`
      expect "rows" `psql -Atc "select count(*) from shop"` equals "12"
    }
    step settings "Settings" { uses settings; timeout 20s; run `kubectl apply -f "$settings" --image "$image"` }
  }
  phase proof "Proof" { after data; budget 2m; verify }
  phase tidy "Tidy" { after proof; budget 1m; step rest "Rest" { timeout 50s; run `kubectl delete cm rest` } }
  scenario quick "Quick" { run stop..proof }
  scenario front "Front only" { run stop, proof }
  verification {
    check health "Health" { expect `curl -fsS --max-time 5 http://shop/health` equals "ok" within 30s }
    check rows "Rows" { expect `psql -Atc "select count(*) from shop"` equals "12" }
    metric error_rate < 1%
    confirm "An order goes through"
  }
  testing {
    in staging { passed 2025-12-08T10:00:00Z; took 5m; evidence "https://ci.example/1" }
    rehearsal { held 2025-12-08T16:00:00Z; participants "SRE", "DBA" }
    checklist { done "Tested" }
  }
  communications {
    channel slack "#shop" using SLACK_URL
    notify slack on start, failure
  }
  escalation { rung "First" 0m..5m { contact "sre" } }
  hook failure `page-sre`
}
"""


def changes(*edits: tuple[str, str], old: str = PLAN) -> PlanChange:
    """What `PLAN` becomes by these replacements of its text."""
    new = old
    for before, after in edits:
        assert before in new, before
        new = new.replace(before, after)
    return compare(checked(old), checked(new), "a.rbplan", "a.rbplan")


def told(result: PlanChange) -> dict[str, Change]:
    return {change.kind: change for change in result.changes}


def test_the_plan_of_these_tests_has_no_error() -> None:
    assert [d.message for d in checked(PLAN).diagnostics if d.severity is Severity.ERROR] == []


def test_moved_lines_comments_and_indentation_change_nothing() -> None:
    result = changes(
        ("  phase data", "\n\n  # the data\n  phase data"),
        (
            "`kubectl drain shop`",
            "```\n      # drains it\n      kubectl   drain \\\n        shop\n    ```",
        ),
    )
    assert (result.state, result.changes) == (State.SAME, ())


WEAKER = [
    ("budget 3m", "budget 4m", "budget-raised", "budget raised from 3m to 4m"),
    ("timeout 30s; run `kubectl drain", "timeout 40s; run `kubectl drain", "timeout-raised", "from 30s to 40s"),
    ("timeout 30s; run `kubectl drain", "run `kubectl drain", "timeout-removed", "it was 30s"),
    ("; undo `kubectl uncordon shop`", "", "undo-removed", "`undo` removed"),
    ('    step tell "Tell" { timeout 5s; run `tell "stopping"` }\n', "", "step-removed", "step `tell` “Tell” removed"),
    ('    ensure step open "Open" { timeout 5s; run `kubectl uncordon shop` }\n', "", "step-removed", "`ensure` step `open`"),
    ('run `tell "stopping"`', 'run `tell "stopping"`; on_failure continue', "failure-ignored", "no longer ends the run"),
    ('      expect "rows" `psql -Atc "select count(*) from shop"` equals "12"\n', "", "expectation-removed", "no longer expects “rows”"),
    ('from shop"` equals "12"\n    }', 'from shop"` contains "12"\n    }', "expectation-weakened", "contains “12” instead of equals “12”"),
    (" checksum sha256", "", "checksum-removed", "`dump` has no checksum any more"),
    ('    gate sure "Restore?" { approvers "dba", "sre"; timeout 1m; otherwise abort }\n', "", "gate-removed", "gate “Restore?” removed"),
    ('approvers "dba", "sre"; ', "", "approvers-removed", "it was dba, sre"),
    ("otherwise abort", "otherwise continue", "gate-opened", "goes on when nobody decides"),
    ("error_rate > 1% for 2m", "error_rate > 2% for 2m", "trigger-loosened", "threshold `> 2%`, was `> 1%`"),
    ("free_space < 10%", "free_space < 5%", "trigger-loosened", "threshold `< 5%`, was `< 10%`"),
    ("error_rate > 1% for 2m", "error_rate > 1% for 9m", "trigger-hold-raised", "`for` raised from 2m to 9m"),
    ("      error_rate > 1% for 2m\n", "", "trigger-removed", "`error_rate > 1% for 2m` removed"),
    ("no_data breach", "no_data hold", "no-data-changed", "missing data: `hold`, was `breach`"),
    ("every 15s", "every 60s", "sampling-changed", "looks every 1m, was 15s"),
    ('    manual { "Orders get lost" }\n', "", "manual-trigger-removed", "“Orders get lost”"),
    ("    blocks data\n", "", "point-moved", "no longer blocks `data`"),
    ('    crossed when `psql -Atc "select 1 from new"`\n', "", "probe-removed", "is not tested any more"),
    ('; manual "Check"', "", "forward-fix-shortened", "has 1 step, was 2"),
    ('  scenario front "Front only" { run stop, proof }\n', "", "scenario-lost", "`front` “Front only” removed"),
    ('check rows "Rows" {', 'check rows "Rows" warn {', "check-weakened", "only warns now"),
    ('    check rows "Rows" { expect `psql -Atc "select count(*) from shop"` equals "12" }\n', "", "check-removed", "check `rows` “Rows” removed"),
    ("within 30s", "within 90s", "expectation-wait-raised", "from 30s to 1m30s"),
    ("metric error_rate < 1%", "metric error_rate < 2%", "bound-loosened", "`error_rate < 2%`, was `error_rate < 1%`"),
    ("    metric error_rate < 1%\n", "", "bound-removed", "`error_rate < 1%` is not demanded"),
    ('    confirm "An order goes through"\n', "", "confirmation-removed", "“An order goes through”"),
    ("passed 2025-12-08T10:00:00Z; took", "took", "evidence-gone", "no longer passed"),
    ('; evidence "https://ci.example/1"', "", "evidence-gone", "no longer says where the result is"),
    ("passed 2025-12-08T10:00:00Z; took", "passed 2025-12-08T10:00:00Z; failed 2025-12-09T10:00:00Z; took", "test-failed", "failed 2025-12-09T10:00:00Z"),
    ("held 2025-12-08T16:00:00Z; ", "planned 2025-12-08T16:00:00Z; ", "evidence-gone", "no longer held"),
    ('"SRE", "DBA"', '"SRE"', "participants-fewer", "without DBA"),
    ('done "Tested"', 'todo "Tested"', "checklist-undone", "“Tested” is to be done again"),
    ("    notify slack on start, failure\n", "    notify slack on start\n", "notice-removed", "slack on failure"),
    ('  escalation { rung "First" 0m..5m { contact "sre" } }\n', "", "rung-removed", "“First” removed"),
    ("  hook failure `page-sre`\n", "", "hook-removed", "page-sre"),
    ("    budget 3m\n", "    budget 3m\n    off_clock\n", "off-clock", "is off the clock now"),
    ("budget 2m; verify }", 'budget 2m; step x "X" { timeout 9s; run `true` } }', "verify-removed", "no longer runs the verification"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "kind", "words"), WEAKER)
def test_what_makes_a_plan_weaker(before: str, after: str, kind: str, words: str) -> None:
    result = changes((before, after))
    change = told(result)[kind]
    assert change.effect is Effect.WEAKER
    assert words in change.what
    assert change.why
    back = compare(
        checked(PLAN.replace(before, after)), checked(PLAN), "a.rbplan", "a.rbplan"
    ).changes
    assert Effect.STRONGER in {c.effect for c in back} or kind == "step-removed", "the way back"


def test_a_part_of_the_text_that_was_asked_for_is_less() -> None:
    old = PLAN.replace('from shop"` equals "12"', 'from shop"` contains "4.9.2"')
    new = old.replace('contains "4.9.2"', 'contains "4"')
    assert old != PLAN
    there = told(compare(checked(old), checked(new), "a.rbplan", "a.rbplan"))
    assert there["expectation-weakened"].effect is Effect.WEAKER
    back = told(compare(checked(new), checked(old), "a.rbplan", "a.rbplan"))
    assert back["expectation-tightened"].what.endswith("contains “4.9.2” instead of contains “4”")


LONG = "curl -fsS --max-time 5 --retry 3 https://shop.example.com/api/v1/internal/health"


@pytest.mark.parametrize(
    "behind", [" || true", " || echo no", " >/dev/null && echo ok || echo bad", " || exit 0"]
)
def test_a_check_that_cannot_fail_any_more(behind: str) -> None:
    old = PLAN.replace('`curl -fsS --max-time 5 http://shop/health` equals "ok"', f"`{LONG}`")
    assert old != PLAN
    new = old.replace(LONG, LONG + behind)
    there = told(compare(checked(old), checked(new), "a.rbplan", "a.rbplan"))
    change = there["expectation-weakened"]
    assert change.effect is Effect.WEAKER
    words = change.what.split("`")
    assert words[0] == "cannot fail any more: expects "
    assert behind.rsplit(maxsplit=1)[-1] in words[1]
    assert words[2] == " instead of "
    assert words[1] != words[3]
    back = told(compare(checked(new), checked(old), "a.rbplan", "a.rbplan"))
    assert back["expectation-tightened"].what.startswith("can fail now: expects ")


@pytest.mark.parametrize("now", ['contains ""', 'matches "[0-9]*"', 'matches "ok|"'])
def test_a_matcher_that_takes_every_answer(now: str) -> None:
    old = PLAN.replace("curl -fsS --max-time 5 http://shop/health", "kubectl get pods")
    new = old.replace('`kubectl get pods` equals "ok"', f"`kubectl get pods` {now}")
    assert old != new
    there = told(compare(checked(old), checked(new), "a.rbplan", "a.rbplan"))
    assert there["expectation-weakened"].what.startswith("cannot fail any more: expects ")
    back = told(compare(checked(new), checked(old), "a.rbplan", "a.rbplan"))
    assert back["expectation-tightened"].what.startswith("can fail now: expects ")


def test_a_check_that_becomes_its_own_answer() -> None:
    change = told(changes(("`curl -fsS --max-time 5 http://shop/health`", "`echo ok`")))
    what = change["expectation-weakened"].what
    assert what.startswith("cannot fail any more: expects `echo ok` equals “ok”")


def test_a_probe_and_a_done_when_that_cannot_fail_any_more() -> None:
    step = 'run `tell "stopping"`'
    old = PLAN.replace(step, f"done_when `test -e told`; {step}")
    new = old.replace("test -e told", "test -e told || true")
    there = told(compare(checked(old), checked(new), "a.rbplan", "a.rbplan"))
    assert there["done-when-changed"].effect is Effect.WEAKER
    assert there["done-when-changed"].what == "`done_when` always holds now"
    probe = changes(('"select 1 from new"`', '"select 1 from new" || true`'))
    assert told(probe)["probe-changed"].effect is Effect.WEAKER


@pytest.mark.parametrize(
    "probe",
    ['`psql -Atc "select 1 from new" || exit 1`', "`false`", "`exit 1`", "`./crossed || false`"],
)
def test_a_probe_that_takes_a_failure_for_a_no(probe: str) -> None:
    change = told(changes(('`psql -Atc "select 1 from new"`', probe)))["probe-changed"]
    assert (change.effect, change.what) == (Effect.WEAKER, "its probe takes a failure for a no")


def test_missing_data_that_is_told_later() -> None:
    old = PLAN.replace("no_data breach", "no_data alert after 1m")
    new = old.replace("alert after 1m", "alert after 30m")
    change = told(compare(checked(old), checked(new), "a.rbplan", "a.rbplan"))["no-data-changed"]
    assert change.effect is Effect.WEAKER
    assert change.what == "missing data: `alert` after 30m, was `alert` after 1m"
    back = told(compare(checked(new), checked(old), "a.rbplan", "a.rbplan"))["no-data-changed"]
    assert back.effect is Effect.STRONGER


def test_long_texts_are_cut_where_they_differ() -> None:
    first, last = "a" * 80 + " first end", "a" * 80 + " other end"
    old = PLAN.replace('equals "12"', f'equals "{first}"')
    new = old.replace(first, last)
    there = told(compare(checked(old), checked(new), "a.rbplan", "a.rbplan"))
    what = there["expectation-changed"].what
    assert " other end”" in what
    assert " first end”" in what


def test_a_backup_that_is_gone() -> None:
    step = PLAN[PLAN.index("    step extra") : PLAN.index("  triggers {") - len("  }\n")]
    result = changes((step, ""))
    gone = told(result)["backup-removed"]
    assert gone.effect is Effect.WEAKER
    assert gone.what == "step `extra` removed, and with it `settings`"


def test_times_and_slack_before_and_now() -> None:
    result = changes(("budget 3m", "budget 5m"))
    rows = {row.name: (row.before, row.after) for row in result.times}
    assert rows["on the clock"] == (7 * 60_000, 9 * 60_000)
    assert rows["buffer to the SLA"] == (23 * 60_000, 21 * 60_000)
    assert rows["phase `data`"] == (3 * 60_000, 5 * 60_000)
    assert rows["scenario `quick`"] == (6 * 60_000, 8 * 60_000)
    assert told(result)["time-longer"].what == "9m on the clock, was 7m"


def test_the_sla_is_exceeded() -> None:
    change = told(changes(("budget 3m", "budget 30m")))["sla-exceeded"]
    assert (change.effect, change.what) == (Effect.WEAKER, "over the SLA of 30m by 4m")


def test_a_renamed_phase_is_the_same_one_and_so_are_its_steps() -> None:
    result = changes(
        ('phase data "Data"', 'phase database "Data"'),
        ("after data", "after database"),
        ("blocks data", "blocks database"),
        ("step restore", "step bring_back"),
    )
    assert [(c.kind, c.where, c.effect) for c in result.changes] == [
        ("phase-renamed", "phase `database`", Effect.NEUTRAL),
        ("step-renamed", "phase `database`, step `bring_back`", Effect.NEUTRAL),
    ]


def test_a_step_that_moved_to_another_phase() -> None:
    step = '    step tell "Tell" { timeout 5s; run `tell "stopping"` }\n'
    result = changes((step, ""), ("    budget 3m\n", f"    budget 3m\n{step}"))
    moved = told(result)["step-moved"]
    assert (moved.where, moved.what) == ("phase `data`", "step `tell` came from phase `stop`")
    assert "step-removed" not in told(result)
    assert "step-added" not in told(result)


def test_a_phase_that_is_gone_is_told_once() -> None:
    phase = PLAN[PLAN.index("  phase tidy") : PLAN.index("  scenario quick")]
    result = changes((phase, ""))
    gone = told(result)["phase-removed"]
    assert (gone.effect, gone.where) == (Effect.WEAKER, "phase `tidy`")
    assert "step-removed" not in told(result)


def test_the_order_of_steps_and_of_phases() -> None:
    drain = PLAN[PLAN.index("    step drain") : PLAN.index("    step tell")]
    tell = PLAN[PLAN.index("    step tell") : PLAN.index("    ensure step")]
    result = changes(
        (drain + tell, tell + drain), ("after data; budget 2m", "after stop; budget 2m")
    )
    assert told(result)["steps-reordered"].what == "other order: `tell` and `drain`"
    order = told(result)["order-changed"]
    assert (order.where, order.what) == ("phase `proof`", "comes after `stop`, was `data`")


def test_commands_are_compared_without_what_does_not_matter() -> None:
    change = told(changes(("kubectl drain shop", "kubectl drain shop --force")))["commands-changed"]
    assert change.effect is Effect.NEUTRAL
    assert change.lines == ("- kubectl drain shop", "+ kubectl drain shop --force")


def test_a_value_that_steps_use() -> None:
    change = told(changes(('let image = "shop:3.1"', 'let image = "shop:3.0"')))["variable-changed"]
    assert (change.before, change.after) == ("shop:3.1", "shop:3.0")


def test_an_argument_of_a_module() -> None:
    module = 'rbplan 1\nmodule "M"\nstep wait(seconds: int) "Wait" { timeout 9s; run `sleep "$seconds"` }\n'
    text = PLAN.replace("rbplan 1\n", 'rbplan 1\nuse "m.rbplan" as m\n').replace(
        '    step tell "Tell" { timeout 5s; run `tell "stopping"` }\n',
        '    step tell "Tell" m.wait(seconds: 5)\n',
    )
    files = {"m.rbplan": module}
    result = compare(
        checked(text, files), checked(text.replace("5)", "7)"), files), "a.rbplan", "a.rbplan"
    )
    assert told(result)["commands-changed"].lines == ("- seconds=5", "+ seconds=7")
    result = compare(
        checked(text, files),
        checked(text, {"m.rbplan": module.replace("sleep", "sleep 1; sleep")}),
        "a.rbplan",
        "a.rbplan",
    )
    assert told(result)["commands-changed"].where == "phase `stop`, step `tell`"


def test_the_level_is_lowered_and_what_it_no_longer_asks_for() -> None:
    old = PLAN.replace("level 2", "level 3")
    result = changes(("level 3", "level 2"), old=old)
    assert told(result)["level-lowered"].what == "lowered from 3 to 2"
    dropped = [c.what for c in result.changes if c.kind == "requirement-dropped"]
    assert "“Partial rollback capability” is not asked for any more (RB407)" in dropped


def test_a_requirement_that_is_lost() -> None:
    result = changes(("passed 2025-12-08T10:00:00Z; took", "took"))
    lost = told(result)["requirement-lost"]
    assert lost.what == "“Rollback tested in staging” is missing (RB402), was proven"
    assert "finding-new" not in told(result), "the same is not told twice"


def test_findings_that_came_and_went_by_rule_step_and_not_by_line() -> None:
    bad = PLAN.replace("uses dump\n", "\n")
    result = changes(("  phase stop", "\n\n\n  phase stop"), old=bad)
    assert result.state is State.SAME
    result = changes(("uses dump\n", "\n"))
    new = told(result)["finding-new"]
    assert new.what.startswith("RB806: ")
    assert (new.effect, new.where) == (Effect.WEAKER, "phase `data`, step `restore`")
    back = compare(checked(bad), checked(PLAN), "a.rbplan", "a.rbplan")
    assert told(back)["finding-gone"].effect is Effect.STRONGER


def test_new_destructive_commands_are_named_so() -> None:
    from dataclasses import replace

    old = checked(PLAN)
    at = PLAN.index("pg_restore")
    found = Code("RB866", "drops-a-database", Severity.WARNING).at(
        old.source.span(at, at + 10), "`dropdb shop` destroys a database"
    )
    new = replace(old, diagnostics=(*old.diagnostics, found), inputs={})
    (change,) = compare(old, new, "a.rbplan", "a.rbplan").changes
    assert (change.effect, change.where) == (Effect.WEAKER, "phase `data`, step `restore`")
    assert change.what == ("new destructive command (RB866): `dropdb shop` destroys a database")


@pytest.mark.parametrize(
    ("command", "code", "kind"),
    [
        ("git push --force origin main", "RB876", "destructive-command"),
        ("kubectl -n shop delete pvc data-shop-0", "RB871", "destructive-command"),
        (
            "kubectl -n shop set image deployment/shop shop=shop:3.1 --record",
            "RB884",
            "finding-new",
        ),
        ("curl -fsS --max-time 9 http://get.example/tool.sh | bash", "RB885", "finding-new"),
        ("ln -sf /srv/releases/3.1 /srv/current", "RB982", "finding-new"),
    ],
)
def test_what_destroys_is_told_by_the_rule(command: str, code: str, kind: str) -> None:
    result = changes(('run `tell "stopping"`', f"run `{command}`"))
    assert [c.kind for c in result.changes if code in c.what] == [kind]
    assert [code for code in ("RB864", "RB883", "RB981", "SC2086") if destroys(code)] == ["RB981"]


def test_a_suppression_that_was_added_names_its_reason() -> None:
    allow = '    # rbc: allow RB806 "the dump is known"\n    step restore "Restore"'
    bad = PLAN.replace("uses dump\n", "\n")
    result = changes(('    step restore "Restore"', allow), old=bad)
    added = told(result)["suppression-added"]
    assert (added.effect, added.what) == (Effect.WEAKER, "RB806 is allowed here")
    assert added.why == "the plan says: “the dump is known”"


def test_a_manual_trigger_that_a_machine_watches_now() -> None:
    old = PLAN.replace('"Orders get lost"', '"Error rate > 1% for 2 minutes"')
    result = changes(('manual { "Error rate > 1% for 2 minutes" }', ""), old=old)
    change = told(result)["manual-trigger-automated"]
    assert (change.effect, "`error_rate > 1% for 2m`" in change.what) == (Effect.NEUTRAL, True)


def test_plans_that_are_new_gone_moved_or_broken() -> None:
    other = PLAN.replace("plan shop", "plan other")
    module = 'rbplan 1\nmodule "M"\nstep s() "S" { run `true` }\n'
    before = {"a": checked(PLAN), "gone": checked(other), "m": checked(module)}
    now = {
        "sub/a": checked(PLAN.replace("  phase data", "  # the data\n  phase data")),
        "new": checked(PLAN.replace("plan shop", "plan new")),
        "broken": checked("rbplan 1\nplan broken\n"),
        "m": checked(module),
    }
    found = compare_all(before, now)
    assert [(p.state, p.name, p.old_path, p.new_path) for p in found] == [
        (State.SAME, "shop", "a", "sub/a"),
        (State.ADDED, "new", None, "new"),
        (State.UNREADABLE, "", None, "broken"),
        (State.REMOVED, "other", "gone", None),
    ]
    assert found[0].moved
    assert [p.changes[0].effect for p in found if p.changes] == [Effect.NEUTRAL, Effect.WEAKER]


def test_the_same_broken_text_on_both_sides_is_no_change() -> None:
    broken = "rbplan 1\nplan broken\n"
    assert compare(checked(broken), checked(broken), "a", "a").state is State.SAME
    result = compare(checked(PLAN), checked(broken), "a", "a")
    assert (result.state, result.changes, result.errors[0][0]) == (State.UNREADABLE, (), "now")
