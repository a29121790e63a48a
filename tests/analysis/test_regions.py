from __future__ import annotations

from rbdsl.analysis.analyse import analyse
from rbdsl.analysis.policy import shipped_policies
from rbdsl.model.plan import Phase
from rbdsl.model.regions import Regions, Wave
from rbdsl.model.steps import Gate
from tests.analysis.building import (
    SPAN,
    analysed,
    duration,
    ms,
    name,
    names,
    phase,
    plan,
    step,
    text,
)


def gate(title: str, timeout: str) -> Gate:
    return Gate(name("g"), text(title), SPAN, timeout=duration(timeout))


def regions(*entries: str | Gate) -> Regions:
    return Regions(tuple(e if isinstance(e, Gate) else Wave(names(e), SPAN) for e in entries), SPAN)


def phases() -> list[Phase]:
    return [
        phase("freeze", "1m", run_once=True),
        phase("app", "3m", after="freeze", items=[step("x", timeout=duration("5m"))]),
        phase("check", "1m", after="app"),
        phase("tidy", "2m", after="check", off_clock=True),
        phase("thaw", "1m", after="check", run_once=True),
    ]


THREE = regions("us-east-1", gate("Region healthy?", "5m"), "eu-west-1 ap-south-1")


def test_waves_run_one_after_another_and_regions_of_a_wave_together() -> None:
    analysis = analysed(phases(), level=4, regions=THREE)
    assert [(r.region, r.wave, r.start_ms, r.finish_ms) for r in analysis.regions] == [
        ("us-east-1", 0, ms("1m"), ms("7m")),
        ("eu-west-1", 1, ms("7m"), ms("13m")),
        ("ap-south-1", 1, ms("7m"), ms("13m")),
    ]
    assert analysis.whole_ms == ms("14m")
    assert analysis.worst_whole_ms == 2 * ms("5m") + ms("5m")


def test_a_level_four_sla_looks_at_one_region_and_another_level_at_the_whole_run() -> None:
    assert analysed(phases(), level=4, regions=THREE).slowest_clock_ms == ms("4m")
    assert analysed(phases(), level=3, regions=THREE).slowest_clock_ms == ms("14m")
    assert analysed(phases(), level=3).slowest_clock_ms == ms("6m")
    assert analysed(phases(), level=4, regions=THREE).slowest_worst_ms == ms("5m")
    assert analysed(phases(), level=3, regions=THREE).slowest_worst_ms == ms("15m")
    assert analysed(phases(), level=3).slowest_worst_ms == ms("5m")


def test_the_clock_of_the_whole_run_ends_in_the_last_region() -> None:
    analysis = analysed(phases()[:-1], level=4, regions=THREE)
    assert analysis.whole_ms == ms("13m")
    assert analysis.whole_clock_ms == ms("11m")


def test_a_plan_that_is_all_global_is_judged_as_a_whole() -> None:
    analysis = analysed([phase("a", "9m", run_once=True)], level=4, regions=THREE)
    assert analysis.slowest_clock_ms == ms("9m")


def test_a_global_phase_between_regional_ones_is_an_error() -> None:
    between = [
        phase("app", "3m"),
        phase("switch", "1m", after="app", run_once=True),
        phase("check", "1m", after="switch"),
    ]
    analysis, found = analyse(plan(between, 4, regions=THREE), shipped_policies())
    assert analysis is None
    assert [d.code for d in found] == ["RB510"]
    assert "`switch` stands between the per-region phases `app` and `check`" in found[0].message
    assert analyse(plan(between, 4), shipped_policies())[1] == []
