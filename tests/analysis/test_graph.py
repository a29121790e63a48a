from __future__ import annotations

import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from rbdsl.analysis.analyse import analyse
from rbdsl.analysis.graph import PhaseGraph, build_graph, redundant_orders
from rbdsl.analysis.policy import shipped_policies
from rbdsl.diagnostics import Diagnostic
from rbdsl.model.plan import Phase
from tests.analysis.building import analysed, phase, plan


def findings(phases: list[Phase], level: int = 3) -> list[Diagnostic]:
    analysis, diagnostics = analyse(plan(phases, level), shipped_policies())
    assert analysis is None
    return diagnostics


def test_a_cycle_is_shown_as_a_whole_path() -> None:
    (found,) = findings(
        [phase("a", after="c"), phase("b", needs="a"), phase("c", after="b"), phase("d")]
    )
    assert found.code == "RB501"
    assert found.message == "phases wait for each other in a circle: `a` → `b` → `c` → `a`"
    assert [label.text for label in found.labels] == [
        "`b` waits for `a`",
        "`c` waits for `b`",
        "`a` waits for `c`",
    ]


def test_a_phase_that_waits_for_itself_is_a_cycle() -> None:
    (found,) = findings([phase("a", after="a")])
    assert found.message == "phase `a` waits for itself"
    assert found.hint == "remove `a` there: a phase comes after others, never after itself"


def test_each_knot_is_reported_once_and_by_its_shortest_circle() -> None:
    found = findings(
        [
            phase("a", after="b"),
            phase("b", after="a"),
            phase("c", after="b e"),
            phase("d", after="c"),
            phase("e", after="d c"),
            phase("behind", after="e"),
        ]
    )
    assert [d.message.split(": ")[1] for d in found] == ["`a` → `b` → `a`", "`c` → `e` → `c`"]


def test_a_long_cycle_keeps_its_path_out_of_the_message() -> None:
    ring = [phase(f"p{i}", after=f"p{(i - 1) % 40}") for i in range(40)]
    (found,) = findings(ring)
    assert found.message == "40 phases wait for each other in a circle"
    assert found.notes[0].count("→") == 40


def test_ties_in_the_order_follow_the_declaration() -> None:
    line = analysed(
        [phase("z"), phase("y", after="z"), phase("b"), phase("a"), phase("c", after="y a")]
    ).timeline
    assert line.names == ("z", "y", "b", "a", "c")


def test_an_after_that_another_one_implies_is_redundant() -> None:
    chain = [phase("a"), phase("b", after="a"), phase("c", after="a b"), phase("d", after="c c")]
    found = redundant_orders(plan(chain))
    assert [(f.phase.name.text, f.reference.text, f.via.text) for f in found] == [
        ("c", "a", "b"),
        ("d", "c", "c"),
    ]


def test_needs_is_never_redundant_but_an_after_beside_it_is() -> None:
    chain = [
        phase("a"),
        phase("b", needs="a"),
        phase("c", needs="a b"),
        phase("d", "1m", after="c"),
    ]
    assert redundant_orders(plan(chain)) == ()
    doubled = [phase("a"), phase("b", after="a", needs="a")]
    (found,) = redundant_orders(plan(doubled))
    assert found.reference is doubled[1].after[0]


@settings(deadline=None)
@given(st.data())
def test_ancestors_are_the_transitive_closure(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 10))
    edges = [(b, n) for n in range(size) for b in range(n) if data.draw(st.booleans())]
    phases = [
        phase(f"p{n}", after=" ".join(f"p{b}" for b, m in edges if m == n)) for n in range(size)
    ]
    graph = build_graph(plan(phases))
    assert isinstance(graph, PhaseGraph)
    closure = {n: {b for b, m in edges if m == n} for n in range(size)}
    for n in range(size):
        closure[n] |= {a for b in closure[n] for a in closure[b]}
    found = graph.ancestor_names()
    assert {n: found[f"p{n}"] for n in range(size)} == {
        n: {f"p{a}" for a in closure[n]} for n in range(size)
    }
    for n, waits_for in enumerate(graph.reduced(range(size)).items()):
        number, kept = waits_for
        assert n == number
        for one in kept:
            assert not any(one in closure[other] for other in kept)


def test_a_sound_plan_never_loads_networkx() -> None:
    code = (
        "import sys\n"
        "from tests.analysis.building import analysed, seed_phases\n"
        "analysed(seed_phases())\n"
        "sys.exit('networkx' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
