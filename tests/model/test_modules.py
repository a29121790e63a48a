"""Modules: what calls become, and what is said of wrong ones."""

from __future__ import annotations

import pytest

from tests.checking import checked, found

MODULE = """rbplan 1
module "Tools"
step scale(deployment: string, replicas: int = 2 "How many", wait: duration = 90s, tags: list<string> = ["a", "b"]) "Scale ${deployment} within ${wait}" {
  timeout wait
  run `scale "$deployment" "$replicas"`
  undo `unscale "$deployment"`
}
phase restore(database: string) "Restore ${database}" {
  budget 3m
  step inner "Inner" scale(deployment: "${database}-x", wait: 5s)
  step own "Own ${database}" { run `own "$database"` }
  ensure step last "Last" { run `last` }
}
check healthy(url: string) "Healthy ${url}" warn { expect `curl "$url"` contains "${url}" }
escalation ladder { rung "First" 0m..5m { contact "lead"; do "Look", "Retry" } }
communications room(target: string = "#x") { channel slack "${target}" using HOOK; notify slack on start }
validation windows { window "Now" 0m..15m { group "G" { "one"; "two" } } }
"""


def plan(body: str, use: str = 'use "tools.rbplan" as t') -> str:
    return f'rbplan 1\n{use}\nplan x "X" {{\nlevel 2\nlet image = "v1"\nparam where: string = "here"\n{body}\n}}\n'


def phase(body: str) -> str:
    return plan(f'phase a "A" {{ budget 1m; {body} }}')


FILES = {"tools.rbplan": MODULE}


def test_a_call_binds_arguments_and_defaults_in_the_shells_spelling() -> None:
    text = phase('step s "S" t.scale(deployment: "${where}-${image}", wait: 1m30s) { takes 10s }')
    result = checked(text, FILES)
    assert result.plan is not None, result.diagnostics
    (step,) = result.plan.phases[0].steps
    assert [(b.name.text, b.value.plain) for b in step.bindings] == [
        ("deployment", "here-v1"),
        ("replicas", "2"),
        ("wait", "90"),
        ("tags", "a, b"),
    ]
    references = [r.shell for r in step.bindings[0].value.items[0].references]
    assert references == ["where", "image"]
    assert step.timeout is not None
    assert step.timeout.ms == 90_000
    assert step.takes is not None
    assert step.takes.ms == 10_000
    assert step.run is not None
    assert step.run.text == 'scale "$deployment" "$replicas"'
    assert step.run.span.source.path == "tools.rbplan"
    assert step.call is not None
    assert step.call.text.startswith("t.scale(")
    assert list(result.inputs) == ["a.rbplan", "tools.rbplan"]


def test_whole_blocks_come_from_modules() -> None:
    text = plan(
        'phase db "DB" t.restore(database: "shop") { budget 4m; step more "More" { run `more` } }\n'
        'verification { check up "Up" t.healthy(url: "http://x") }\n'
        'escalation t.ladder\ncommunications t.room(target: "#ops")\nvalidation t.windows'
    )
    result = checked(text, FILES)
    assert result.plan is not None, result.diagnostics
    (restored,) = result.plan.phases
    assert restored.budget.ms == 240_000
    assert [s.title.plain for s in restored.steps] == ["Inner", "Own shop", "More"]
    inner, own, more = restored.steps
    assert {b.name.text: b.value.plain for b in inner.bindings} == {
        "database": "shop", "deployment": "shop-x", "replicas": "2", "wait": "5", "tags": "a, b",
    }  # fmt: skip
    assert [b.name.text for b in own.bindings] == ["database"]
    assert more.bindings == ()
    assert [s.name.text for s in restored.ensure] == ["last"]
    assert result.plan.verification is not None
    (check,) = result.plan.verification.checks
    assert (check.title.plain, check.warn) == ("Up", True)
    assert result.plan.escalation[0].actions[1].plain == "Retry"
    assert result.plan.communications is not None
    assert result.plan.communications.channels[0].target.plain == "#ops"
    assert result.plan.validation[0].groups[0].points[1].plain == "two"


@pytest.mark.parametrize(
    ("text", "code", "underlined", "message"),
    [
        (phase('step s "S" t.scale()'), "RB211", "t.scale()", "needs `deployment: string`"),
        (phase('step s "S" t.scale(deploymet: "x")'), "RB211", "deploymet", "is no parameter of"),
        (
            phase('step s "S" t.scale(deployment: "x", deployment: "y")'),
            "RB211", "deployment", "given twice",
        ),
        (phase('step s "S" t.scale(deployment: 3)'), "RB203", "3", "a string is needed"),
        (phase('step s "S" t.scale(deployment: "x", wait: 3)'), "RB204", "3", "without a unit"),
        (phase('step s "S" t.scale(deployment: "x", replicas: image)'), "RB203", "image", "an int"),
        (phase('step s "S" t.scal(deployment: "x")'), "RB201", "t.scal", "exports no step `scal`"),
        (phase('step s "S" k.scale(deployment: "x")'), "RB201", "k.scale", "used as `k`"),
        (phase('step s "S" t.restore(database: "x")'), "RB211", "t.restore", "is a phase"),
        (phase('step s "S" scale(deployment: "x")'), "RB201", "scale", "not exported"),
        (
            phase('step s "S" t.scale(deployment: "x") { run `true` }'),
            "RB211", "run `true`", "can't have a `run` too",
        ),
        (plan("", use='use "nowhere.rbplan" as t'), "RB209", '"nowhere.rbplan"', "no file"),
        (plan("", use="use std/nowhere"), "RB209", "std/nowhere", "no module"),
        (plan("", use='use "tools.rbplan" as t\nuse std/redis as t'), "RB202", "t", "two modules"),
        (plan("", use='use "plan.rbplan" as t'), "RB213", '"plan.rbplan"', "is no module"),
        (plan("", use='use "bad.rbplan" as t'), "RB209", '"bad.rbplan"', "errors of its own"),
        (plan("", use='use "bad.rbplan" as t'), "RB201", "${nobody}", "unknown variable `nobody`"),
    ],
)  # fmt: skip
def test_wrong_uses_and_calls(text: str, code: str, underlined: str, message: str) -> None:
    files = {
        **FILES,
        "plan.rbplan": 'rbplan 1\nplan p "P" { level 2 }\n',
        "bad.rbplan": 'rbplan 1\nmodule "B"\nstep s(a: int) "S ${nobody}" { run `true` }\n',
    }
    assert any((code, underlined) == (c, u) and message in m for c, u, m in found(text, files)), (
        found(text, files)
    )


def test_a_circle_of_modules_shows_its_whole_way() -> None:
    files = {
        "tools.rbplan": 'rbplan 1\nuse "b.rbplan" as b\nmodule "A"\n',
        "b.rbplan": 'rbplan 1\nuse "c.rbplan" as c\nmodule "B"\n',
        "c.rbplan": 'rbplan 1\nuse "b.rbplan" as b\nmodule "C"\n',
    }
    cycles = [d for d in checked(plan(""), files).diagnostics if d.code == "RB210"]
    assert [d.notes for d in cycles] == [("b.rbplan → c.rbplan → b.rbplan",)]


def test_a_module_is_checked_for_itself() -> None:
    result = checked(MODULE.replace("timeout wait", "timeout tags"))
    assert result.is_module
    assert [(d.code, d.span.text) for d in result.diagnostics] == [("RB203", "tags")]
    assert [d.code for d in checked(MODULE).diagnostics] == ["RB827"]  # `curl` without a limit


EXPORTS = """rbplan 1
module "Things"
step restart(unit: string) "Restart" {
  timeout 1m
  run `sudo systemctl restart "$unit"; rm -rf "/srv/$unit/cache"; echo "$nobody"`
}
check up(host: string) "Up" { expect `curl -s --max-time 5 "https://$host/"` }
phase gone(ns: string) "Gone" {
  budget 1m
  step go "Go" { run `kubectl -n "$ns" exec -it deploy/x -- true` }
}
"""


def test_the_rules_that_need_no_plan_look_at_a_module_by_itself() -> None:
    found = [(d.code, d.span.begin.line) for d in checked(EXPORTS).diagnostics]
    # That a parameter may be empty, that nothing checks the restart: the plans that use it know.
    assert found == [("RB822", 5), ("RB835", 7), ("RB820", 10)]
    allowed = EXPORTS.replace("  run `sudo", '  # rbc: allow RB822 "root"\n  run `sudo')
    assert [d.code for d in checked(allowed).diagnostics] == ["RB835", "RB820"]
    other = EXPORTS.replace("  run `sudo", '  # rbc: allow RB848 "a plan checks it"\n  run `sudo')
    assert "RB911" not in {d.code for d in checked(other).diagnostics}


def test_the_shell_of_a_module_is_looked_at_without_a_plan() -> None:
    result = checked(MODULE.replace("`last`", "`if last`"))
    assert [(d.code, d.span.source.path) for d in result.diagnostics] == [("RB810", "a.rbplan")]


def test_one_module_for_two_aliases_is_read_once() -> None:
    text = plan(
        'phase a "A" t.restore(database: "x")',
        use='use "tools.rbplan" as t\nuse "tools.rbplan" as u',
    )
    assert list(checked(text, FILES).inputs) == ["a.rbplan", "tools.rbplan"]
