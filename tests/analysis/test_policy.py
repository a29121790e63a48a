from __future__ import annotations

import pytest

from rbdsl.analysis.analyse import analyse
from rbdsl.analysis.catalogue import BY_ID, KINDS
from rbdsl.analysis.policy import parse_policies, shipped_policies
from rbdsl.analysis.requirements import _PROOFS
from rbdsl.source import Source
from tests.analysis.building import ms, phase, plan


def complaints(toml: str) -> list[str]:
    policies, diagnostics = parse_policies(Source("levels.toml", toml))
    assert policies is None
    assert {d.code for d in diagnostics} == {"RB299"}
    return [f"{d.span.begin.line}:{d.span.begin.column} {d.message}" for d in diagnostics]


def test_the_shipped_levels_have_the_times_of_the_certification() -> None:
    times = {n: (p.sla_ms, p.target_ms, p.per_region) for n, p in shipped_policies().items()}
    assert times == {
        2: (ms("30m"), ms("20m"), False),
        3: (ms("15m"), ms("10m"), False),
        4: (ms("10m"), ms("5m"), True),
    }


def test_the_shipped_levels_want_the_rehearsal_a_day_before_the_change() -> None:
    before = {n: p.rehearsal_before_ms for n, p in shipped_policies().items()}
    assert before == {2: 0, 3: ms("24h"), 4: ms("24h")}


def test_each_level_keeps_what_the_one_below_demands() -> None:
    two, three, four = shipped_policies().values()
    assert set(two.requires) < set(three.requires) < set(four.requires)
    assert two.recommends == ("automation",)
    assert "automation" in three.requires
    assert three.recommends == ()
    assert set(four.requires) == set(BY_ID)


def test_every_requirement_has_a_proof_and_a_code_of_its_own() -> None:
    assert set(_PROOFS) == set(BY_ID)
    assert [kind.code for kind in KINDS] == [f"RB{401 + i}" for i in range(len(KINDS))]


def test_an_organisation_brings_its_own_levels() -> None:
    toml = """
        format = 1
        [level.1]
        sla = "1h"
        requires = ["staging-test"]
        [level.7]
        title = "Payments"
        sla = "90s"
        per_region = true
        recommends = ["staging-test", "rehearsal"]
        [level.8]
        sla = "1m30s"
        inherits = false
        [titles]
        rehearsal = "Fire drill"
    """
    policies, diagnostics = parse_policies(Source("levels.toml", toml))
    assert diagnostics == []
    assert policies is not None
    seven = policies[7]
    assert (seven.sla_ms, seven.target_ms) == (ms("90s"), ms("90s"))
    assert seven.requires == ("staging-test",)
    assert seven.recommends == ("rehearsal",)
    assert seven.title_of("rehearsal") == "Fire drill"
    assert seven.title_of("staging-test") == "Rollback tested in staging"
    assert policies[8].requires == ()
    assert policies[1].title == "Level 1"


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        ("format = 1\n[level.2\n", ["2:9 the policy file is not valid TOML"]),
        ("", ["1:1 the policy file has no `format`", "1:1 the policy file has no levels"]),
        ("format = 1\na = " + "[" * 9000, ["1:1 the policy file is not valid TOML"]),
        ('format = 2\n[level.1]\nsla = "1m"', ["1:1 the format of the policy file is `2`"]),
        ("format = 1\n[level.2]", ["2:2 level 2 has no `sla`"]),
        ("format = 1\n[level.two]", ["2:2 `two` is not a level"]),
        ("format = 1\nlevel = 3", ["2:1 the policy file has no levels"]),
        ("format = 1\n[level]\n2 = 3", ["3:1 level 2 is not a table"]),
        ('format = 1\n[level.2]\nsla = "15"', ["3:1 `sla` is `15`"]),
        ("format = 1\n[level.2]\nsla = 15", ["3:1 `sla` is `15`"]),
        (
            'format = 1\n[level.2]\nsla = "15m"\nrehearsal_before = "1 day"',
            ["4:1 `rehearsal_before` is `1 day`"],
        ),
        (
            'format = 1\n[level.2]\nsla = "5m"\ntarget = "6m"',
            ["4:1 the target of level 2, 6m, is longer than its SLA, 5m"],
        ),
        (
            'format = 1\n[level.2]\nsla = "5m"\nbreech = ""\ninherits = 1',
            ["4:1 level 2 has no `breech`", "5:1 level 2 inherits from `1`"],
        ),
        (
            'format = 1\n[level.2]\nsla = "5m"\ninherits = 3\n[level.3]\nsla = "5m"',
            ["4:1 level 2 inherits from itself", "5:2 level 3 inherits from itself"],
        ),
        (
            'format = 1\n[level.2]\nsla = "5m"\nrequires = [\n  "rehearsal",\n  "rehersal",\n]',
            ["6:3 there is no requirement `rehersal`"],
        ),
        (
            'format = 1\n[level.2]\nsla = "5m"\nper_region = 1\ntitle = 2\nrequires = "a"',
            ["4:1 `per_region` is", "5:1 `title` is not a text", "6:1 `requires` is not a list"],
        ),
    ],
)
def test_mistakes_are_shown_where_they_are(toml: str, expected: list[str]) -> None:
    found = complaints(toml)
    assert len(found) == len(expected)
    for text, start in zip(found, expected, strict=True):
        assert text.startswith(start)


def test_an_unknown_requirement_gets_a_suggestion() -> None:
    toml = 'format = 1\n[level.2]\nsla = "5m"\nrecommends = ["stagin-test"]'
    _, (found,) = parse_policies(Source("levels.toml", toml))
    assert found.span.text == '"stagin-test"'
    assert found.hint == "did you mean `staging-test`?"


def test_a_level_without_a_policy_names_the_known_ones() -> None:
    analysis, (found,) = analyse(plan([phase("a")], level=5), shipped_policies())
    assert analysis is None
    assert found.code == "RB400"
    assert found.message == "no policy knows level 5"
    assert found.hint == "known levels are 2, 3, 4"


def test_of_a_number_that_nobody_reads_the_beginning_is_shown() -> None:
    toml = f'format = 1\n[level.2]\nsla = "{"9" * 5000}m"\n[level.{"9" * 5000}]\nsla = "5m"'
    policies, found = parse_policies(Source("levels.toml", toml))
    assert policies is None
    shown = "9" * 20 + "…"
    assert [(d.span.begin.line, d.message) for d in found] == [
        (3, f"`sla` is `{shown}m`, longer than a year"),
        (4, f"`{shown}` is not a level"),
    ]
