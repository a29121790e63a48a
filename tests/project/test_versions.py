"""What a configuration may demand of a version."""

from __future__ import annotations

import pytest

from rbdsl.project.versions import parse_demand

ORDER = ["0.9", "1.0.dev1", "1.0a1", "1.0b2", "1.0rc1", "1.0", "1.0.post1", "1.0.1", "1.1", "2"]


def holds(demand: str, version: str) -> bool:
    parsed = parse_demand(demand)
    assert parsed is not None, demand
    return parsed.holds(version)


@pytest.mark.parametrize("index", range(len(ORDER) - 1))
def test_versions_are_ordered_as_python_orders_them(index: int) -> None:
    lower, higher = ORDER[index], ORDER[index + 1]
    assert holds(f">{lower}", higher)
    assert holds(f"<{higher}", lower)
    assert not holds(f">={higher}", lower)
    assert holds(f"!={lower}", higher)


@pytest.mark.parametrize(
    ("demand", "fits", "does_not"),
    [
        ("0.3", ["0.3", "0.3.0", "0.10", "1"], ["0.2.9", "0.3rc1"]),
        (">=0.3, <1", ["0.3", "0.99"], ["1", "1.0", "0.2"]),
        ("==0.3.*", ["0.3", "0.3.7"], ["0.4", "0.30"]),
        ("!=0.3.*", ["0.4"], ["0.3.1"]),
        ("~=0.3.1", ["0.3.1", "0.3.9"], ["0.4", "0.3.0"]),
        ("~=0.3", ["0.3", "0.9"], ["1.0"]),
        ("==1.0", ["1", "1.0.0", "1.0+local"], ["1.0.1", "1.0rc1"]),
    ],
)
def test_demands(demand: str, fits: list[str], does_not: list[str]) -> None:
    assert [version for version in fits if not holds(demand, version)] == []
    assert [version for version in does_not if holds(demand, version)] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "recent",
        ">=",
        ">=1,",
        "1..2",
        ">=1.*",
        "~=1",
        "=>1",
        "^1",
        "9" * 5000,
        "1.2rc" + "9" * 5000,
    ],
)
def test_what_is_no_demand(text: str) -> None:
    assert parse_demand(text) is None
