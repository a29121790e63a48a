from __future__ import annotations

from rbdsl.model.plan import PointOfNoReturn
from rbdsl.model.proof import Check, Verification
from rbdsl.model.steps import Expectation, Gate, Manual, Retry, Verify
from rbdsl.model.values import Shell
from tests.analysis.building import (
    SPAN,
    analysed,
    duration,
    ms,
    name,
    names,
    phase,
    scenario,
    step,
    text,
)

TRUE = Shell("true", SPAN, (0,))


def asked(within: str | None = None) -> Expectation:
    return Expectation(None, TRUE, None, duration(within) if within else None, None, SPAN)


def test_the_worst_case_counts_timeouts_attempts_pauses_and_gates() -> None:
    work = step(
        "work", timeout=duration("90s"), retry=Retry(2, duration("10s"), SPAN), takes=duration("5s")
    )
    gate = Gate(name("g"), text("Go?"), SPAN, timeout=duration("2m"))
    by_hand = Manual(name("m"), text("Look"), SPAN, takes=duration("30s"))
    line = analysed([phase("a", "3m", items=[work, gate, by_hand])]).timeline
    assert line["a"].worst_ms == 3 * ms("90s") + 2 * ms("10s") + ms("2m") + ms("30s")
    assert line.worst_total_ms == line["a"].worst_ms


def test_steps_without_a_limit_share_the_budget_of_their_phase() -> None:
    free = [step("x"), step("y")]
    assert analysed([phase("a", "3m", items=free)]).timeline["a"].worst_ms == ms("3m")
    tight = [*free, step("z", timeout=duration("5m"))]
    assert analysed([phase("a", "3m", items=tight)]).timeline["a"].worst_ms == ms("5m")


def test_the_worst_case_ends_at_the_timeout_of_the_phase_and_then_come_its_ensure_steps() -> None:
    item = step("x", timeout=duration("2m"))
    ensure = (step("always", timeout=duration("1m")),)
    line = analysed([phase("a", "1m", items=[item], ensure=ensure)]).timeline
    assert line["a"].worst_ms == ms("3m")
    limited = [phase("a", "1m", items=[item], ensure=ensure, timeout=duration("90s"))]
    assert analysed(limited).timeline["a"].worst_ms == ms("150s")


def test_the_worst_case_counts_every_question_up_to_the_limit_of_its_step() -> None:
    once = step("x", timeout=duration("1s"), run=TRUE, done_when=TRUE, expectations=(asked(),))
    line = analysed([phase("a", "1m", items=[once])]).timeline
    assert line["a"].worst_ms == ms("3s")  # done_when, run, expect
    polling = step(
        "x",
        timeout=duration("2s"),
        retry=Retry(1, duration("3s"), SPAN),
        expectations=(asked(), asked("10s")),
    )
    line = analysed([phase("a", "1m", items=[polling])]).timeline
    assert line["a"].worst_ms == 2 * (ms("2s") + ms("2s") + ms("10s") + ms("2s")) + ms("3s")


def test_questions_take_no_longer_than_the_limit_of_the_phase_but_in_ensure_steps() -> None:
    item = step("x", timeout=duration("40s"), done_when=TRUE, expectations=(asked(),))
    assert analysed([phase("a", "1m", items=[item])]).timeline["a"].worst_ms == ms("1m")
    ensure = (step("always", expectations=(asked("5s"),)),)
    line = analysed([phase("a", "1m", items=[item], ensure=ensure)]).timeline
    assert line["a"].worst_ms == ms("1m") + ms("1m") + ms("5s") + ms("1m")


def test_what_a_step_takes_is_no_limit_of_it() -> None:
    item = step("x", takes=duration("10s"), run=TRUE)
    assert analysed([phase("a", "1m", items=[item])]).timeline["a"].worst_ms == ms("1m")


def test_a_probe_that_is_asked_before_a_phase_is_in_its_worst_case() -> None:
    point = PointOfNoReturn(name("p"), text("P"), None, TRUE, names("a"), (), SPAN)
    item = step("x", timeout=duration("10s"))
    phases = [phase("a", "1m", items=[item]), phase("b", "1m", items=[item])]
    line = analysed(phases, points_of_no_return=(point,)).timeline
    assert (line["a"].worst_ms, line["b"].worst_ms) == (ms("40s"), ms("10s"))


def test_verify_counts_how_long_its_checks_may_poll() -> None:
    polling = Expectation(None, Shell("true", SPAN, (0,)), None, duration("60s"), None, SPAN)
    checks = (
        Check(name("a"), text("A"), warn=False, span=SPAN, expectations=(polling,)),
        Check(name("b"), text("B"), warn=True, span=SPAN, timeout=duration("20s")),
    )
    block = Verification(checks, (), (), SPAN)
    line = analysed([phase("v", "30s", items=[Verify(SPAN)])], verification=block).timeline
    assert line["v"].worst_ms == ms("80s")


def test_a_check_has_a_minute_for_each_question_unless_it_says_otherwise() -> None:
    checks = (
        Check(name("a"), text("A"), warn=False, span=SPAN, expectations=(asked(), asked("10s"))),
        Check(
            name("b"),
            text("B"),
            warn=False,
            span=SPAN,
            timeout=duration("5s"),
            expectations=(asked(),),
        ),
    )
    block = Verification(checks, (), (), SPAN)
    line = analysed([phase("v", "5m", items=[Verify(SPAN)])], verification=block).timeline
    assert line["v"].worst_ms == ms("1m") + ms("10s") + ms("1m") + ms("5s")


def test_a_check_that_a_scenario_skips_does_not_count_there() -> None:
    checks = tuple(
        Check(name(n), text(n), warn=False, span=SPAN, subjects=names(n), timeout=duration("1m"))
        for n in ("api", "auth")
    )
    analysis = analysed(
        [
            phase("work", items=[step("x", "api"), step("y", "auth")]),
            phase("v", "10s", after="work", items=[Verify(SPAN)]),
        ],
        verification=Verification(checks, (), (), SPAN),
        scenarios=(scenario("auth", run="v", only="auth"),),
    )
    assert analysis.timeline["v"].worst_ms == ms("2m")
    assert analysis.scenario("auth").timeline["v"].worst_ms == ms("1m")
