from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rbdsl.review.graph_dot import draw
from tests.analysis.building import analysed, phase, scenario, seed_phases, text
from tests.analysis.test_scenarios import point

DOT = shutil.which("dot")
STRING = r'"(?:[^"\\]|\\.)*"'


def statements(drawing: str) -> list[str]:
    """The lines of a drawing, whose strings must all be closed on their line."""
    first, *inner, last = drawing.splitlines()
    assert re.fullmatch(rf"digraph {STRING} \{{", first)
    assert last == "}"
    for line in inner:
        assert re.fullmatch(rf"  (?:[^\"]|{STRING})*;", line), line
    return [line.strip() for line in inner]


def edges(drawing: str) -> set[tuple[str, str]]:
    found = (re.match(rf"({STRING}) -> ({STRING})", line) for line in statements(drawing))
    return {(m[1].strip('"'), m[2].strip('"')) for m in found if m}


def test_edges_are_the_order_that_is_needed() -> None:
    chain = [phase("a"), phase("b", after="a"), phase("c", needs="b", after="a")]
    drawing = draw(analysed(chain, scenarios=(scenario("ends", "a c"),)), None)
    assert edges(drawing) == {("a", "b"), ("b", "c")}
    assert '"b" -> "c" [style=solid' in drawing
    assert '"a" -> "b" [style=dashed' in drawing
    ends = draw(analysed(chain, scenarios=(scenario("ends", "a c"),)), "ends")
    assert edges(ends) == {("a", "c")}


def test_nodes_tell_their_time() -> None:
    drawing = draw(analysed(seed_phases(cleanup={"off_clock": True})), None)
    assert 'label="database\\n3m, 3m to 6m\\ncritical"' in drawing
    assert "12m on the clock; SLA 15m, 3m of buffer; target 10m, missed by 2m" in drawing


def test_a_point_of_no_return_points_at_what_it_blocks() -> None:
    analysis = analysed(seed_phases(), points_of_no_return=(point("migrations", "database"),))
    assert ("point 1", "database") in edges(draw(analysis, None))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_no_title_can_break_out(hostile: str) -> None:
    hostile += '"];\nevil [label="\\'
    analysis = analysed([phase("a"), phase(hostile, after="a")], title=text(hostile))
    drawing = draw(analysis, None)
    assert len(edges(drawing)) == 1
    assert not any(line.startswith("evil") for line in statements(drawing))


@pytest.mark.needs("dot")
@pytest.mark.parametrize(
    "title", ["Plain", 'q"; evil [x=', "back\\", "\\N \\G", "&lt;<b>", "数据\n库"]
)
def test_graphviz_reads_it(title: str) -> None:
    chain = [phase("a"), phase("b", after="a")]
    drawing = draw(analysed([*chain, phase(title, "1m", after="b")], title=text(title)), None)
    done = subprocess.run(
        [DOT or "dot", "-Tjson"], input=drawing, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    graph = json.loads(done.stdout)
    assert len(graph["objects"]) == 3
    assert len(graph["edges"]) == 2
