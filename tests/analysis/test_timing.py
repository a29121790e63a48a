from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from rbdsl.model.plan import Phase
from tests.analysis.building import (
    analysed,
    duration,
    ms,
    names,
    phase,
    plan,
    scenario,
    seed_phases,
    step,
)


def test_the_seed_plan_takes_fourteen_minutes() -> None:
    line = analysed(seed_phases()).timeline
    assert line.total_ms == ms("14m")
    assert line.clock_ms == ms("14m")
    assert line.critical_path == line.names
    assert [entry.slack_ms for entry in line] == [0] * 8
    assert line["database"].start_ms == ms("3m")
    assert line["database"].finish_ms == ms("6m")


def test_the_seeds_partial_scenarios_are_computed_and_not_believed() -> None:
    analysis = analysed(
        seed_phases(),
        scenarios=(
            scenario("application_only", "application..cleanup"),
            scenario("database_only", "database cache..cleanup"),
        ),
    )
    assert analysis.scenario("application_only").timeline.total_ms == ms("8m")
    assert analysis.scenario("database_only").timeline.total_ms == ms("9m")


def test_parallel_phases_share_the_time_and_the_shorter_one_has_slack() -> None:
    line = analysed(
        [
            phase("start", "1m"),
            phase("long", "5m", after="start"),
            phase("short", "2m", after="start"),
            phase("end", "1m", after="long short"),
        ]
    ).timeline
    assert line.total_ms == ms("7m")
    assert line.critical_path == ("start", "long", "end")
    assert line["short"].slack_ms == ms("3m")
    assert not line["short"].critical
    assert line["end"].predecessors == ("long", "short")


def test_cleanup_off_the_clock_is_reported_and_does_not_count() -> None:
    line = analysed(seed_phases(cleanup={"off_clock": True})).timeline
    assert line.total_ms == ms("14m")
    assert line.clock_ms == ms("12m")
    assert line.clock_path == line.names[:-1]
    assert not line["cleanup"].on_clock


def test_the_clock_does_not_stop_for_a_phase_that_verification_waits_for() -> None:
    line = analysed(seed_phases(cache={"off_clock": True})).timeline
    assert line["cache"].on_clock
    assert line.clock_ms == ms("14m")


def test_an_order_over_a_left_out_phase_still_holds() -> None:
    analysis = analysed(
        [phase("a", "1m"), phase("b", "1m", after="a"), phase("c", "1m", after="b")],
        scenarios=(scenario("ends", "a c"),),
    )
    line = analysis.scenario("ends").timeline
    assert line["c"].predecessors == ("a",)
    assert line.total_ms == ms("2m")


def test_an_only_scenario_counts_the_steps_that_it_runs_where_all_say_what_they_take() -> None:
    timed = [
        step("x", "auth", takes=duration("20s")),
        step("y", "api", takes=duration("50s")),
    ]
    untimed = [step("z", "auth"), step("w", "api", takes=duration("10s"))]
    analysis = analysed(
        [phase("a", "2m", items=timed), phase("b", "3m", items=untimed, after="a"), phase("c")],
        scenarios=(scenario("auth_only", only="auth"), scenario("both", run="a", only="auth")),
    )
    line = analysis.scenario("auth_only").timeline
    assert line.names == ("a", "b")
    assert [s.name.text for s in line["a"].steps] == ["x"]
    assert (line["a"].budget_ms, line["b"].budget_ms) == (ms("20s"), ms("3m"))
    both = analysis.scenario("both").timeline
    assert [s.name.text for s in both["a"].steps] == ["x", "y"]
    assert both["a"].budget_ms == ms("2m")


@st.composite
def graphs(draw: st.DrawFn) -> list[Phase]:
    size = draw(st.integers(1, 8))
    phases = []
    for number in range(size):
        before = draw(st.lists(st.integers(0, number - 1), unique=True)) if number else []
        wanted = " ".join(f"p{b}" for b in before)
        phases.append(phase(f"p{number}", draw(st.integers(0, 9)) * 1000, after=wanted))
    return draw(st.permutations(phases))


def longest_path(phases: list[Phase], chosen: set[str]) -> int:
    """By trying every path of the full graph, and counting only the chosen phases on it."""
    by_name = {p.name.text: p for p in phases}

    def until(p: Phase) -> int:
        own = p.budget.ms if p.name.text in chosen else 0
        return own + max((until(by_name[n.text]) for n in p.after), default=0)

    return max((until(p) for p in phases), default=0)


@settings(deadline=None)
@given(graphs())
def test_the_total_is_the_longest_of_all_paths(phases: list[Phase]) -> None:
    line = analysed(phases).timeline
    everything = {p.name.text for p in phases}
    assert line.total_ms == longest_path(phases, everything)
    assert sum(line[n].budget_ms for n in line.critical_path) == line.total_ms
    for before, later in zip(line.critical_path, line.critical_path[1:], strict=False):
        assert before in line[later].predecessors


@settings(deadline=None)
@given(graphs())
def test_slack_is_what_a_phase_may_grow_before_the_end_moves(phases: list[Phase]) -> None:
    line = analysed(phases).timeline
    for number, changed in enumerate(phases):
        slack = line[changed.name.text].slack_ms
        for more, moved in ((0, 0), (1, 1)):
            longer = phase(
                changed.name.text,
                changed.budget.ms + slack + more,
                after=" ".join(n.text for n in changed.after),
            )
            grown = [*phases[:number], longer, *phases[number + 1 :]]
            assert analysed(grown).timeline.total_ms == line.total_ms + moved


@settings(max_examples=50, deadline=None)
@given(graphs(), st.data())
def test_a_scenario_is_the_longest_path_through_its_phases(
    phases: list[Phase], data: st.DataObject
) -> None:
    chosen = data.draw(st.sets(st.sampled_from([p.name.text for p in phases])))
    analysis = analysed(phases, scenarios=(scenario("s", " ".join(sorted(chosen))),))
    line = analysis.scenario("s").timeline
    assert set(line.names) == chosen
    assert line.total_ms == longest_path(phases, chosen)
    for earlier, later in product(chosen, chosen):
        if analysis.ancestors.comes_after(later, earlier):
            assert line[later].start_ms >= line[earlier].finish_ms
            assert line.names.index(earlier) < line.names.index(later)


def test_a_long_chain_stays_cheap() -> None:
    chain = [phase("p0", 1)]
    chain += [phase(f"p{i}", 1, after=f"p{i - 1}") for i in range(1, 3000)]
    part = scenario("every_other", " ".join(f"p{i}" for i in range(0, 3000, 2)))
    analysis = analysed(chain, scenarios=(part,))
    assert analysis.timeline.total_ms == 3000
    assert analysis.scenario("every_other").timeline.total_ms == 1500
    assert len(analysis.ancestors["p2999"]) == 2999


def test_a_plan_without_phases_takes_no_time() -> None:
    line = analysed([], scenarios=(scenario("nothing"),)).timeline
    assert (line.total_ms, line.critical_path, line.phases) == (0, (), ())


def test_unknown_names_are_left_to_the_lowering() -> None:
    broken = plan([phase("a", after="ghost", needs="ghost")])
    assert [p.after for p in broken.phases] == [names("ghost")]
    assert analysed(broken.phases).timeline["a"].predecessors == ()
