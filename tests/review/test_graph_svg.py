from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from rbdsl.model.steps import Gate
from rbdsl.review.graph_svg import draw
from rbdsl.review.graph_svg_parts import STYLE
from tests.analysis.building import SPAN, analysed, duration, name, phase, seed_phases, text
from tests.analysis.test_regions import THREE, regions
from tests.analysis.test_regions import phases as regional_phases
from tests.analysis.test_scenarios import point

SVG = "{http://www.w3.org/2000/svg}"


def elements(drawing: str, tag: str, style: str = "") -> list[ET.Element]:
    root = ET.fromstring(drawing)  # noqa: S314 - made by the function under test
    return [e for e in root.iter(SVG + tag) if style in (e.get("class") or "").split() or not style]


def words(drawing: str) -> list[str]:
    return ["".join(e.itertext()) for e in elements(drawing, "text")]


def bars(drawing: str) -> list[ET.Element]:
    styles = ("critical", "other", "off")
    return [e for s in styles for e in elements(drawing, "rect", s) if e.get("height") == "20"]


def test_bars_are_as_long_as_their_budgets_and_start_after_each_other() -> None:
    drawing = draw(analysed(seed_phases(cleanup={"off_clock": True})), None)
    found = bars(drawing)
    widths = [float(e.get("width", "")) for e in found]
    minute = widths[0] / 2
    for width, budget in zip(widths, (2, 1, 3, 2, 1, 1, 2, 2), strict=True):
        assert abs(width - budget * minute) < 4
    starts = [float(e.get("x", "")) for e in found]
    assert starts == sorted(starts)
    assert len(elements(drawing, "rect", "off")) == 2  # the bar and the legend


def test_the_limits_stand_at_their_time() -> None:
    drawing = draw(analysed(seed_phases()), None)
    (sla,) = elements(drawing, "path", "sla")
    found = re.match(r"M([\d.]+)", sla.get("d", ""))
    assert found
    verification = bars(drawing)[-1]
    end = float(verification.get("x", "")) + float(verification.get("width", ""))
    assert end < float(found[1]) < end + 60
    assert {"SLA 15m", "target 10m"} < set(words(drawing))
    assert "14m on the clockSLA 15m, 1m of buffertarget 10m, missed by 4m" in words(drawing)


def test_every_order_is_an_arrow() -> None:
    chain = [phase("a"), phase("b", after="a"), phase("c", needs="a"), phase("d", after="b c")]
    drawing = draw(analysed(chain), None)
    assert len(elements(drawing, "path", "after")) == 3
    assert len(elements(drawing, "path", "needs")) == 1


def test_it_tells_its_content_to_those_who_do_not_see_it() -> None:
    analysis = analysed(seed_phases(), points_of_no_return=(point("migrations", "database"),))
    drawing = draw(analysis, None)
    root = ET.fromstring(drawing)  # noqa: S314 - made by the function under test
    assert root.get("role") == "img"
    title, desc = root.find(SVG + "title"), root.find(SVG + "desc")
    assert title is not None
    assert desc is not None
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert title.text == "P, level 3 · whole plan"
    assert "database: 3m, from 3m to 6m, critical" in (desc.text or "")
    assert "Past the point of no return migrations: not database." in (desc.text or "")


def test_regions_and_gates_are_drawn_below() -> None:
    drawing = draw(analysed(regional_phases(), level=4, regions=THREE), None)
    assert {"wave 1: us-east-1", "wave 2: eu-west-1", "wave 2: ap-south-1"} < set(words(drawing))
    assert len(elements(drawing, "path", "gate")) == 1


def test_it_stands_alone() -> None:
    drawing = draw(analysed(seed_phases()), None)
    assert drawing.count("http") == 1  # the name of the format
    assert not re.search(r"<(script|image|foreignObject|a)\b|url\(|@import|var\(", drawing)


def test_both_schemes_have_a_colour_for_everything_on_the_ground() -> None:
    light, dark = STYLE.split("@media (prefers-color-scheme:dark)")
    for style in ("text", ".ground", ".grid", ".row", ".on"):
        assert f"\n{style}{{" in f"\n{light}"
        assert f"\n{style}{{" in dark


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_no_title_can_break_out(hostile: str) -> None:
    hostile += "</title><script>alert(1)</script>&\"'"
    gate = Gate(name("g"), text(hostile), SPAN, timeout=duration("1m"))
    analysis = analysed(
        [phase("a"), phase(hostile, "2m", after="a", run_once=True)],
        level=4,
        title=text(hostile),
        regions=regions("one", gate, "two"),
        points_of_no_return=(point("p", "a"),),
    )
    drawing = draw(analysis, None)
    root = ET.fromstring(drawing)  # noqa: S314 - made by the function under test
    tags = {e.tag.removeprefix(SVG) for e in root.iter()}
    assert tags <= {"svg", "title", "desc", "style", "rect", "path", "text", "tspan", "g"}
