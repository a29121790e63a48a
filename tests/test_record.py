"""Records behave like the dataclasses that type checkers take them for."""

from __future__ import annotations

import pickle
from dataclasses import fields, replace

import pytest

from rbdsl.record import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """A point."""

    x: int
    y: int = 2

    @property
    def sum(self) -> int:
        return self.x + self.y


def test_defaults_keywords_equality_hash_and_repr() -> None:
    assert Point(1) == Point(x=1, y=2) != Point(1, 3)
    assert hash(Point(1)) == hash(Point(1, 2))
    assert repr(Point(1)) == "Point(x=1, y=2)"
    assert Point(1).sum == 3
    assert len({Point(1), Point(1, 2), (1, 2)}) == 2


def test_replace_and_fields_work() -> None:
    assert replace(Point(1), y=5) == Point(1, 5)
    assert [f.name for f in fields(Point)] == ["x", "y"]


def test_wrong_arguments_are_errors() -> None:
    with pytest.raises(TypeError):
        Point()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Point(1, 2, 3)  # type: ignore[call-arg]


def test_there_are_no_other_attributes() -> None:
    with pytest.raises(AttributeError):
        Point(1).z = 3  # type: ignore[attr-defined]


def test_records_cross_processes() -> None:
    assert pickle.loads(pickle.dumps(Point(4))) == Point(4)  # noqa: S301
