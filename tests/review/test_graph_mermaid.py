from __future__ import annotations

import re

from rbdsl.review.graph_mermaid import draw
from tests.analysis.building import analysed, phase, scenario, seed_phases, text


def diagrams(drawing: str) -> list[list[str]]:
    found = re.findall(r"^```mermaid\n(.*?)\n```$", drawing, re.MULTILINE | re.DOTALL)
    return [diagram.splitlines() for diagram in found]


def test_both_diagrams_are_fenced_for_a_code_host() -> None:
    order, time = diagrams(draw(analysed(seed_phases()), None))
    assert order[0].startswith("flowchart ")
    assert time[0] == "gantt"
    assert sum(" :crit, " in line for line in time) == 8


def test_a_scenario_draws_only_its_phases() -> None:
    analysis = analysed(
        seed_phases(), scenarios=(scenario("database_only", "database cache..cleanup"),)
    )
    _, time = diagrams(draw(analysis, "database_only"))
    assert sum(" :crit, " in line for line in time) == 5
    assert not any("preparation" in line for line in time)


def test_no_title_can_end_a_label_or_the_fence() -> None:
    hostile = 'x"]\n```\nend; click p1 "javascript:alert(1)" %% <script> :crit'
    drawing = draw(analysed([phase(hostile)], title=text(hostile)), None)
    assert len(diagrams(drawing)) == 2
    assert drawing.count("```") == 4
    assert "<script>" not in drawing
    assert '"javascript' not in drawing
