"""`rbc graph` from outside."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.cli.conftest import MODULE, PLAN, Rbc


def test_a_timeline_of_the_plan(rbc: Rbc, plan: Path) -> None:
    done = rbc("graph", plan)
    assert done.returncode == 0
    for words in ("Back to 3.1.4", "Verification", "Tidy up", "4m"):
        assert words in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_a_scenario_has_its_phases_only(rbc: Rbc, plan: Path) -> None:
    done = rbc("graph", plan, "--scenario", "quick")
    assert "Back to 3.1.4" in done.stdout
    assert "Tidy up" not in done.stdout


@pytest.mark.parametrize(
    ("drawing", "start"), [("mermaid", ("flowchart", "graph")), ("dot", ("digraph",))]
)
def test_graphs_for_other_tools(rbc: Rbc, plan: Path, drawing: str, start: tuple[str, ...]) -> None:
    done = rbc("graph", plan, "--format", drawing)
    assert done.returncode == 0
    assert any(line.startswith(start) for line in done.stdout.splitlines())


def test_svg_is_xml(rbc: Rbc, plan: Path) -> None:
    root = ET.fromstring(rbc("graph", plan, "--format", "svg").stdout)  # noqa: S314 - our own
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


@pytest.mark.parametrize("drawing", ["mermaid", "dot", "svg"])
def test_one_picture_shows_one_plan(rbc: Rbc, folder: Path, drawing: str) -> None:
    (folder / "shop.rbplan").write_text(PLAN)
    (folder / "things.rbplan").write_text(MODULE)
    assert rbc("graph", ".", "--format", drawing).returncode == 0
    (folder / "other.rbplan").write_text(PLAN.replace("plan shop", "plan other"))
    done = rbc("graph", ".", "--format", drawing)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "there are 2 plans, `other.rbplan` and `shop.rbplan` among them" in done.stderr
    assert rbc("graph", ".").stdout.count("whole plan") == 2


@pytest.mark.parametrize("drawing", ["text", "mermaid", "dot", "svg"])
def test_a_plan_that_makes_no_sense_is_not_drawn(rbc: Rbc, plan: Path, drawing: str) -> None:
    plan.write_text(PLAN.replace("after back", "after bakc"))
    done = rbc("graph", plan, "--format", drawing)
    assert (done.returncode, done.stdout) == (1, "")
    assert "did you mean `back`?" in done.stderr


def test_limits_tighter_than_the_budgets_are_no_worst_case(rbc: Rbc, plan: Path) -> None:
    health = 'check health "The shop answers" {'
    limited = PLAN.replace(health, health + " timeout 1m").replace("timeout 3m", "timeout 90s")
    plan.write_text(limited)
    assert (
        "in all           7m, limits end it after 4m50s (4m on the clock)"
        in rbc("graph", plan).stdout
    )
    svg = rbc("graph", plan, "--format", "svg").stdout
    assert "7m in all, limits end it after 4m50s" in svg
    assert "worst case" not in svg
    plan.write_text(limited.replace("timeout 90s", "timeout 3m; retry 2 every 10s"))
    assert (
        "in all           7m, worst case 11m10s (10m20s on the clock)" in rbc("graph", plan).stdout
    )


def test_an_unknown_scenario(rbc: Rbc, plan: Path) -> None:
    done = rbc("graph", plan, "--scenario", "quik")
    assert done.returncode == 2
    assert "plan `shop` has no scenario 'quik'; did you mean `quick`?" in done.stderr


def test_a_plan_with_errors_is_drawn_where_its_graph_makes_sense(rbc: Rbc, plan: Path) -> None:
    plan.write_text(PLAN.replace("run back..proof }", "run back..proof; claims 3m }"))
    done = rbc("graph", plan)
    assert done.returncode == 0
    assert "Tidy up" in done.stdout
    plan.write_text(PLAN.replace("after back", "after back, tidy"))
    done = rbc("graph", plan)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "error[RB5" in done.stderr


def test_modules_have_no_graph(rbc: Rbc, folder: Path, plan: Path) -> None:
    (folder / "things.rbplan").write_text(MODULE)
    done = rbc("graph", "things.rbplan")
    assert done.returncode == 2
    assert "only modules" in done.stderr
    assert rbc("graph", plan, "things.rbplan").returncode == 0


def test_ascii_and_colour_are_choices(rbc: Rbc, plan: Path) -> None:
    assert rbc("graph", plan, "--ascii").stdout.isascii()
    assert "\033[" not in rbc("graph", plan).stdout
    assert "\033[1m" in rbc("graph", plan, "--color", "always").stdout
