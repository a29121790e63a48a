"""Every error of name, type and unit: its code, what it underlines, what it says, its hint."""

from __future__ import annotations

import pytest

from tests.checking import checked, in_plan

PHASE = 'phase a "A" {{ budget 1m; {} }}'
STEP = 'phase a "A" {{ budget 1m; step s "S" {{ run `true`; {} }} }}'
METRICS = (
    'metrics from http "http://m/${metric}" json ".value" '
    "{ errors ratio; p99 duration in s; failed rate in /h; stuck count }\n"
)


SOONER, LATER = "2025-12-10T22:00:00Z", "2025-12-11T00:00:00Z"


def trigger(text: str) -> str:
    return in_plan(METRICS + f"triggers {{ automatic {{ {text} }} }}")


def phase(text: str) -> str:
    return in_plan("", phases=PHASE.format(text))


def step(text: str) -> str:
    return in_plan("", phases=STEP.format(text))


def bound(text: str) -> str:
    return in_plan(METRICS + f"verification {{ metric {text} }}")


CASES = [
    # names
    (phase("after b"), "RB201", "b", "`b` is not a phase", "known are `a`"),
    (in_plan('scenario q "Q" { run a..databse }'), "RB201", "databse", "not a phase", None),
    (step("for api"), "RB201", "api", "`api` is not a service", "the plan declares no service"),
    (trigger("error > 1%"), "RB201", "error", "unknown metric `error`", "`errors`"),
    (trigger("errors > 1% -> q"), "RB201", "q", "`q` is not a scenario", None),
    (in_plan('change "${nmae}"\nlet name = "x"'), "RB201", "${nmae}", "`nmae`", "`name`"),
    (in_plan('let b = "${a}"\nlet a = "x"'), "RB201", "${a}", "unknown variable `a`", None),
    (step("notify slack"), "RB201", "slack", "not a channel", None),
    (
        in_plan('verification { check "C" { for api; expect `true` } }'),
        "RB201", "api", "not a service or phase", None,
    ),
    (step("timeout limit"), "RB201", "limit", "unknown variable `limit`", None),
    (in_plan("", phases='phase a "A" { budget 1m } phase a "B" { budget 1m }'),
     "RB101", "phase", "a new line or `;`", None),
    (in_plan("", phases='phase a "A" { budget 1m }; phase a "B" { budget 1m }'),
     "RB202", "a", "two phases named `a`", "another name"),
    (step('run `x` }; step s "T" { run `true`'), "RB202", "s", "two items named `s`", None),
    (phase("after a, a"), "RB202", "a", "twice", None),
    (in_plan("let a = 1; param a: int = 2"), "RB202", "a", "two variables named `a`", None),
    (in_plan("let a-b = 1; let a_b = 2"), "RB208", "a_b", "same shell variable", "another name"),
    (in_plan('let baseline = "x"; capture { baseline `true` }'), "RB208", "baseline", "`baseline`", None),
    (in_plan("capture { baseline `a`; baseline `b` }"), "RB206", "baseline `b`", "once only", None),
    (in_plan("let x = 1", phases=STEP.format('creates x "f"')), "RB208", "x", "`x`", None),
    (in_plan('let PATH = "/x"'), "RB212", "PATH", "`PATH` is a variable of the shell", None),
    (in_plan('param rbc_run: string = "x"'), "RB212", "rbc_run", "generated script", None),
    (step('creates region "f"'), "RB212", "region", "`region`", None),
    (in_plan("regions { wave regions }"), "RB212", "regions", "script's own", None),
    # types and units
    (phase("").replace("1m", "2min"), "RB204", "2min", "`min` is no unit of time", "`2m`"),
    (phase("").replace("1m", "90"), "RB204", "90", "without a unit", "`90s`"),
    (phase("").replace("1m", "1x"), "RB204", "1x", "no duration", "`90s` or `1h30m`"),
    (phase("").replace("1m", "0s"), "RB216", "0s", "more than nothing", None),
    (phase("").replace("1m", "99999h"), "RB216", "99999h", "longer than a year", None),
    (phase("").replace("1m", "9" * 40 + "m"), "RB216", "9" * 40 + "m", "longer than a year", None),
    (trigger("errors > 500ms"), "RB204", "500ms", "is a duration, and `errors` is a ratio", "`1%`"),
    (trigger("p99 > 500"), "RB204", "500", "has no unit", "`500ms`"),
    (trigger("failed > 3%"), "RB204", "3%", "is a ratio, and `failed` is a rate", "`10/min`"),
    (trigger("stuck > 3s"), "RB204", "3s", "is a duration, and `stuck` is a count", "`3`"),
    (trigger("errors < 3 consecutive"), "RB203", "errors < 3 consecutive", "goes with `>`", "for 3"),
    (trigger("errors > 1% for 0 consecutive"), "RB216", "0", "not between 1 and", None),
    (bound("p9 <= baseline"), "RB201", "p9", "unknown metric `p9`", "`p99`"),
    (bound("p9 within 5% of baseline"), "RB201", "p9", "unknown metric `p9`", "`p99`"),
    (bound("p99 <= baseline + 10"), "RB204", "10", "has no unit", "`500ms`"),
    (bound("p99 <= baseline + 10/h"), "RB204", "10/h", "is a rate", "`500ms`"),
    (bound("stuck <= baseline + 1pp"), "RB204", "1pp", "no quantity", "`3`"),
    (bound("errors <= baseline + 0.01"), "RB204", "0.01", "no margin of the ratio", "`0.5pp`"),
    (bound("errors <= baseline + pp"), "RB101", "pp", "a number", None),
    (bound("p99 within 0% of baseline"), "RB216", "0%", "no margin", "`<= baseline`"),
    (bound("p99 >= baseline - -5%"), "RB216", "-5%", "no margin", None),
    (trigger("p99 > baseline"), "RB101", "baseline", "a number", None),
    (in_plan('metrics from http "x" { a ratio in s }'), "RB204", "s", "no unit of a ratio", "percent"),
    (in_plan('metrics from graphite "x" { a ratio }'), "RB207", "graphite", "metric source", None),
    (in_plan('metrics from http "x" { a gauge }'), "RB207", "gauge", "kind of metric", None),
    (in_plan("triggers { no_data alert }"), "RB203", "no_data alert", "needs the time", "after 1m"),
    (in_plan("triggers { no_data hold after 1m }"), "RB203", "no_data hold after 1m", "no time", None),
    (in_plan("created 2025-12-09"), "RB203", "2025-12-09", "no point in time", "RFC 3339"),
    (in_plan("created 2025-12-09T10:00:00"), "RB203", "2025-12-09T10:00:00", "no time zone", "Z"),
    (in_plan("created 2025-02-30T10:00:00Z"), "RB203", "2025-02-30T10:00:00Z", "not exist", None),
    (in_plan("automation sometimes"), "RB207", "sometimes", "unknown automation", "`full`"),
    (in_plan("automation gatd"), "RB207", "gatd", "unknown automation", "did you mean `gated`?"),
    (in_plan('param a: int = "x"'), "RB203", '"x"', "an int is needed", None),
    (in_plan("param a: integer = 1"), "RB207", "integer", "unknown type", "`int`"),
    (in_plan("param a: bool = maybe"), "RB201", "maybe", "unknown variable", None),
    (in_plan("").replace("level 2", "level two"), "RB101", "two", "a number", None),
    (in_plan("").replace("level 2", "level 2.5"), "RB203", "2.5", "no whole number", None),
    (step("retry 0"), "RB216", "0", "between 1 and 100", None),
    # what is missing, repeated, empty, in the wrong order
    (in_plan("").replace("level 2", ""), "RB205", 'plan x "X"', "the level is missing", "`level 2`"),
    (in_plan("", phases=""), "RB205", 'plan x "X"', "no phases", None),
    (phase("").replace("budget 1m;", ""), "RB205", 'phase a "A"', "no budget", "`budget 2m`"),
    (in_plan('scenario q "Q" { use_when "x" }'), "RB205", 'scenario q "Q"', "what it runs", None),
    (phase("budget 2m"), "RB206", "budget 2m", "`budget` may stand here once", "remove one"),
    (in_plan('owner "a"; owner "b"'), "RB206", 'owner "b"', "once only", None),
    (phase('step e "E"'), "RB214", 'step e "E"', "does nothing", "`manual`"),
    (phase('step e "E" { run ` ` }'), "RB214", "` `", "no shell between", None),
    (in_plan('change ""'), "RB214", '""', "`change` is empty", None),
    (in_plan("").replace('"X"', '" "'), "RB214", '" "', "the title is empty", None),
    (phase('step "" { run `true` }'), "RB214", '""', "title is empty", None),
    (in_plan('verification { check "C" { } }'), "RB214", 'check "C"', "expects nothing", "expect"),
    (in_plan("regions { }"), "RB214", "regions", "no regions", None),
    (
        in_plan('scenario q "Q" { run b..a }',
                phases='phase a "A" { budget 1m }; phase b "B" { budget 1m }'),
        "RB215", "b..a", "declared before", "write `a..b`",
    ),
    (in_plan(f"window {LATER}..{SOONER}"), "RB215", SOONER, "before it begins", f"`window {SOONER}.."),
    (in_plan(f"window {SOONER}..{SOONER}"), "RB215", SOONER, "before it begins", "some time"),
    (in_plan(f"window {SOONER}"), "RB101", "", "`..`", None),
    (in_plan(f"window {SOONER}..2h"), "RB203", "2h", "no point in time", "RFC 3339"),
    (in_plan('window "Immediate" 0m..5m { }'), "RB101", '"Immediate"', "a number, duration", None),
    (in_plan('escalation { rung "R" 5m..1m { do "x" } }'), "RB215", "5m..1m", "before", None),
    (in_plan("regions { wave a; wave b, a }"), "RB202", "a", "in two waves", None),
    (step('creates x "../up"'), "RB216", '"../up"', "below the artifacts folder", None),
    (step('creates x "./"'), "RB216", '"./"', "below the artifacts folder", None),
    (step('creates x "Manifest.txt"'), "RB216", '"Manifest.txt"', "its own records", None),
    (step('creates x ".//baseline/x"'), "RB216", '".//baseline/x"', "its own records", None),
    (step('creates x ".capture"'), "RB216", '".capture"', "its own records", None),
    (step('creates x "/abs"'), "RB216", '"/abs"', "below the artifacts folder", None),
    # texts
    (in_plan('owner "a\\q"'), "RB105", "\\q", "unknown escape `\\q`", "`\\\\`"),
    (in_plan('owner "a${b"'), "RB105", "${b", "begins a reference", "`\\${`"),
    (in_plan('owner "a${}"'), "RB105", "${}", "begins a reference", None),
    (in_plan('owner "\\u{0}"'), "RB105", "\\u{0}", "U+0000", None),
    (in_plan('owner "\\u{d800}"'), "RB105", "\\u{d800}", "U+D800", None),
    (in_plan('owner "\x1b[31m"'), "RB106", "\x1b", "invisible character U+001B", None),
    (in_plan('owner "\u202e"'), "RB106", "\u202e", "U+202E", None),
    (step("").replace("`true`", "`a\u202eb`"), "RB106", "\u202e", "can't stand in shell", None),
    # files
    ('rbplan 1\nmodule "M"\nplan x "X" { level 2 }', "RB213", 'module "M"', "belongs into a", None),
    ("rbplan 1\n", "RB213", "rbplan 1", "there is no plan here", None),
    (in_plan("") + 'plan y "Y" { level 2 }', "RB213", 'plan y "Y"', "a file holds one plan", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code", "underlined", "message", "hint"),
    CASES,
    ids=[f"{case[1]}-{case[3]}" for case in CASES],
)
def test_an_error_names_its_place_the_fact_and_the_mend(
    text: str, code: str, underlined: str, message: str, hint: str | None
) -> None:
    found = [d for d in checked(text).diagnostics if d.code == code]
    assert found, checked(text).diagnostics
    assert underlined in [d.span.text for d in found]
    (first, *_) = [d for d in found if d.span.text == underlined]
    assert message in first.message
    if hint is not None:
        assert first.hint is not None
        assert hint in first.hint


def test_all_errors_of_a_file_come_in_one_run() -> None:
    text = in_plan(
        "created yesterday\nautomation no".replace("yesterday", "1x"),
        phases='phase a "A" { budget 2min; after z; step s "S" { for q; timeout 5 ; run `true` } }',
    )
    codes = sorted({(d.code, d.span.text) for d in checked(text).diagnostics})
    assert codes == [
        ("RB201", "q"),
        ("RB201", "z"),
        ("RB203", "1x"),
        ("RB204", "2min"),
        ("RB204", "5"),
        ("RB207", "no"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        in_plan('let v = 3x\nparam w: text = "y"\nchange "${v} ${w}"'),
        trigger("queue > 3 for 1m").replace("stuck count", "queue kount"),
        in_plan("", phases='phase a "A" t.gone(x: 1); phase b "B" { after a; budget 1m }'),
    ],
)
def test_what_follows_from_a_reported_mistake_is_not_reported(text: str) -> None:
    said = [d.code for d in checked(text).diagnostics]
    assert len(said) == text.count("3x") + text.count("text =") + text.count("kount") + text.count(
        "t.gone"
    )


def test_a_module_that_cannot_be_loaded_hides_nothing_else() -> None:
    text = in_plan("risk hgh", phases='phase a "A" n.x(); phase b "B" { after a; budget 1m }')
    text = text.replace("plan x", "use std/nowhere as n\nplan x")
    assert [d.code for d in checked(text).diagnostics] == ["RB209", "RB207"]
