"""One line for each finding, whatever stands in it."""

from __future__ import annotations

from rbdsl.review.concise import render
from rbdsl.review.findings import Findings
from tests.review.reporting import hostile, mixed


def test_one_line_each_with_what_can_be_mended() -> None:
    assert render(mixed()).splitlines() == [
        (
            "./plans/ä b.rbplan:2:37: error[RB304] the plan claims 8m and takes 9m: 3m + 6m = 9m"
            " [unsafe fix]"
        ),
        "./plans/ä b.rbplan:2:41: warning[RB910] `RB306` is allowed [fix]",
        "./plans/ä b.rbplan:3:9: pedantic[RB502] `one` comes before anyway",
        "./plans/ä b.rbplan:4:11: info[SC2086] Double quote [fix]",
    ]


def test_nothing_is_nothing_and_anything_is_one_line() -> None:
    assert render(Findings(())) == ""
    assert render(hostile()).count("\n") == 1
    assert "\x1b" not in render(hostile())
