from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rbdsl.review.graph_text import draw
from rbdsl.review.graph_text_marks import ASCII
from rbdsl.review.palette import Palette
from rbdsl.review.visible import width
from tests.analysis.building import analysed, phase, scenario, seed_phases, step, text
from tests.analysis.test_regions import THREE
from tests.analysis.test_regions import phases as regional_phases
from tests.analysis.test_scenarios import point


def seed_drawing(name: str | None = None) -> str:
    analysis = analysed(
        seed_phases(cleanup={"off_clock": True}),
        scenarios=(
            scenario("application_only", "application..cleanup"),
            scenario("database_only", "database cache..cleanup"),
        ),
        points_of_no_return=(point("migrations", "database"),),
    )
    return draw(analysis, name)


def row(drawing: str, title: str) -> str:
    return next(line for line in drawing.splitlines() if line[2:].startswith(title))


def test_the_seed_plan_as_a_timeline() -> None:
    assert (
        seed_drawing()
        == """\
P                                                           level 3 · whole plan

  phase         budget  slack  0s    2m     4m    6m     8m    10m   12m    14m
▶ preparation       2m      -  ██████                          ┊               │
▶ stop_traffic      1m      -        ████                      ┊               │
▶ database          3m      -            █████████             ┊               │
▶ application       2m      -                     ███████      ┊               │
▶ cache             1m      -                            ███   ┊               │
▶ traffic           1m      -                               ███┊               │
▶ verification      2m      -                                  ██████          │
▶ cleanup           2m      -                                  ┊     ░░░░░░░   │
                                                             target 10m  SLA 15m
  █ critical   ░ off the clock

critical path    preparation → stop_traffic → database → application → cache →
                 traffic → verification → cleanup
                 2m + 1m + 3m + 2m + 1m + 1m + 2m + 2m = 14m
on the clock     12m
SLA of level 3   15m, 3m of buffer
target           10m, missed by 2m
off the clock    cleanup (2m)
in all           14m
no return        migrations blocks database

scenario              in all  on the clock
  application_only        8m            6m
  database_only           9m            7m  blocked past migrations
"""
    )


def test_a_scenario_shows_what_it_leaves_out() -> None:
    drawing = seed_drawing("database_only")
    assert "level 3 · scenario database_only" in drawing
    assert "leaves out       preparation, stop_traffic, application\n" in drawing
    assert "3m + 1m + 1m + 2m + 2m = 9m" in drawing
    with pytest.raises(KeyError):
        seed_drawing("nothing")


def test_parallel_phases_show_their_slack_as_a_trail() -> None:
    drawing = draw(
        analysed([phase("long", "6m"), phase("short", "2m"), phase("end", "2m", after="long")]),
        None,
    )
    assert row(drawing, "long").startswith("▶ long")
    assert row(drawing, "short").startswith("  short")
    bar = row(drawing, "short").split("6m")[1].rstrip("│").strip(" ┊")
    assert set(bar) == {"▒", "·"}
    assert bar.count("·") in range(bar.count("▒") * 3 - 3, bar.count("▒") * 3 + 4)
    assert "· slack" in drawing


def test_a_part_of_a_phase_says_so() -> None:
    items = [step("x", "auth"), step("y", "api")]
    analysis = analysed([phase("a", items=items)], scenarios=(scenario("auth", only="auth"),))
    assert "runs in part     a (1 of 2 steps)" in draw(analysis, "auth")


def test_regions_stand_in_their_waves_with_the_gates_between() -> None:
    drawing = draw(analysed(regional_phases(), level=4, regions=THREE), None)
    assert drawing.endswith("""
regions          14m in all, worst case 15m with the gates
  wave 1         us-east-1 (1m to 7m, 4m on the clock)
  gate           Region healthy?, up to 5m
  wave 2         eu-west-1, ap-south-1 (7m to 13m, 4m on the clock)
""")
    assert "per region       4m\n" in drawing


def test_ascii_has_nothing_else_in_it() -> None:
    phases = [phase("数据库", "2m"), phase("b", "1m"), phase("c", "1m", off_clock=True)]
    drawing = draw(analysed(phases), None, marks=ASCII)
    assert drawing.isascii()
    assert "#" in row(drawing, "\\u6570")
    assert "=" in row(drawing, "b")


def test_colour_does_not_move_anything() -> None:
    analysis = analysed(seed_phases())
    painted = draw(analysis, None, palette=Palette(on=True))
    assert "\033[1m" in painted
    for code in ("0", "1", "2", "31", "1;32"):
        painted = painted.replace(f"\033[{code}m", "")
    assert painted == draw(analysis, None)


def test_a_plan_without_phases_is_drawn_without_bars() -> None:
    assert "no phases" in draw(analysed([]), None)


def drives_a_terminal(character: str) -> bool:
    harmless = "\u200c\u200d"
    return unicodedata.category(character) in DRIVING and character not in harmless


DRIVING = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.text(min_size=1, max_size=60), st.integers(0, 10**8)), min_size=1, max_size=20
    ),
    st.integers(60, 160),
    st.text(max_size=120),
)
def test_no_line_is_wider_than_asked_for(
    phases: list[tuple[str, int]], columns: int, title: str
) -> None:
    built = [phase(f"{n}{name}", budget) for n, (name, budget) in enumerate(phases)]
    analysis = analysed(
        built,
        scenarios=(scenario("s" * 50, built[0].name.text),) if len(title) % 2 else (),
        title=text(title),
        points_of_no_return=(point("p", "x"),),
    )
    drawing = draw(analysis, None, columns=columns)
    for line in drawing[:-1].split("\n"):
        assert width(line) <= columns, line
        assert not any(drives_a_terminal(c) for c in line)


def test_twenty_phases_with_long_titles_keep_their_numbers() -> None:
    long = "A phase with a title that goes on and on "
    chain = [phase(f"{long}{n}", "90s") for n in range(20)]
    drawing = draw(analysed(chain), None)
    assert drawing.count("A phase with a title that goe…   1m30s") == 20
