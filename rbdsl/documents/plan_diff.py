"""What `rbc diff --output-format json` writes: the changes of plans, each with its effect."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict

from rbdsl.documents.shape import Count, Number, Shape

Effect = Literal["weaker", "stronger", "neutral"]


class Position(Shape):
    """A place in a plan."""

    path: str
    """The file, as the command was given it or within the revision."""
    line: int
    """From 1."""
    column: int
    """From 1, in characters."""


class Change(Shape):
    """One change."""

    kind: str
    """A stable word, such as `budget-raised`."""
    effect: Effect
    """Whether the plan promises, checks or proves less by it, or more."""
    where: str
    """The part of the plan, for people."""
    what: str
    """What has changed, for people."""
    why: str | None
    """Why it has that effect."""
    before: str | None
    """The value before, where there is one."""
    after: str | None
    """The value now."""
    lines: list[str]
    """What differs in commands, each line with `+ ` or `- ` in front."""
    position: Position | None
    """Where it stands: in the new version, or in the old one where it is gone."""


class Figure(Shape):
    """A time."""

    name: str
    """What it is the time of."""
    before_seconds: Number | None
    """In the old version, null where it is not there."""
    after_seconds: Number | None
    """In the new version."""


class Problem(Shape):
    """Why a version of a plan could not be compared."""

    version: Literal["before", "now"]
    """Which one."""
    code: str
    """The rule."""
    message: str
    """The fact."""
    position: Position
    """Where."""


class PlanChange(Shape):
    """One plan."""

    state: Literal["changed", "same", "added", "removed", "unreadable"]
    """What became of it."""
    name: str
    """The name of the plan; empty where it could not be read."""
    title: str
    """Its title."""
    old_path: str | None
    """Where it stood, null where it was not there."""
    new_path: str | None
    """Where it stands."""
    changes: list[Change]
    """In the order of the parts of a plan."""
    times: list[Figure]
    """All times of which there are two versions, or one."""
    problems: list[Problem]
    """Why it is unreadable."""


class PlanDiffDocument(Shape):
    """What changed between two versions of plans, and what got weaker."""

    model_config = ConfigDict(title="Changes of rollback plans")

    format: Literal[1]
    """The version of this shape."""
    old: str
    """The old side, as it was asked for."""
    new: str
    """The new side."""
    weaker: Count
    """How many changes make a plan weaker."""
    stronger: Count
    """How many make one stronger."""
    neutral: Count
    """How many do neither, as far as can be told."""
    plans: list[PlanChange]
    """Each plan of either side."""
