"""What one configuration says, key by key, each with the place where it stands.

`ConfigFile` is one `rbc.toml` or one `[tool.rbc]`; `Layer` are its choices of rules, for all
plans below its folder or for those of one pattern.
"""

from __future__ import annotations

from pathlib import Path
from typing import Generic, TypeVar

from rbdsl.project.path_patterns import PathPattern
from rbdsl.project.selectors import Selector
from rbdsl.record import dataclass
from rbdsl.source import Span

Value = TypeVar("Value")

OFF = "off"
SEVERITIES = ("error", "warning", "info", "pedantic", OFF)
"""What `severity` may say; `off` is as good as `ignore`."""

NAME = "rbc.toml"
PYPROJECT = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a setting comes from: a place in a file, or in words where there is none."""

    span: Span | None = None
    word: str = "default"

    def __str__(self) -> str:
        """`plans/rbc.toml:3`, `command line` or `default`."""
        return f"{self.span.source.path}:{self.span.begin.line}" if self.span else self.word


DEFAULT = Origin()
COMMAND_LINE = Origin(None, "command line")


@dataclass(frozen=True, slots=True)
class Setting(Generic[Value]):
    """A value and where it comes from."""

    value: Value
    origin: Origin


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why a plan is not taken where a folder is searched: the place of the setting.

    `not_included` where no `include` means it, and no `exclude` does either.
    """

    place: str
    not_included: bool = False


@dataclass(frozen=True, slots=True)
class Graded:
    """`RB803 = "error"`: the severity that findings get, or `off`."""

    selector: Selector
    severity: str


@dataclass(frozen=True, slots=True)
class Layer:
    """The rules that are chosen, not wanted, or judged differently; for all paths, or a pattern.

    `origin` is where the pattern stands.
    """

    pattern: PathPattern | None = None
    select: tuple[Setting[Selector], ...] = ()
    ignore: tuple[Setting[Selector], ...] = ()
    severity: tuple[Setting[Graded], ...] = ()
    origin: Origin = DEFAULT

    def chooses(self) -> bool:
        """Whether it says which rules are the ones to report."""
        return bool(self.select)

    def keeps(self, code: str) -> int:
        """How exactly it wants a code: 0 where it says nothing of it."""
        graded = (g.value for g in self.severity if g.value.severity != OFF)
        wanted = (*(s.value for s in self.select), *(g.selector for g in graded))
        return max((s.weight for s in wanted if s.matches(code)), default=0)

    def drops(self, code: str) -> int:
        """How exactly it does not want a code."""
        graded = (g.value for g in self.severity if g.value.severity == OFF)
        unwanted = (*(s.value for s in self.ignore), *(g.selector for g in graded))
        return max((s.weight for s in unwanted if s.matches(code)), default=0)

    def severity_of(self, code: str) -> Setting[Graded] | None:
        """The severity that it gives a code, by the selector that is the most exact."""
        fitting = [
            g for g in self.severity if g.value.severity != OFF and g.value.selector.matches(code)
        ]
        return max(fitting, key=lambda g: g.value.selector.weight, default=None)


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """One configuration; `layers` are the one for all paths, then one for each pattern."""

    path: Path
    shown: str
    layers: tuple[Layer, ...] = ()
    policy: Setting[Path] | None = None
    baseline: Setting[Path] | None = None
    required_version: Setting[str] | None = None
    include: tuple[Setting[PathPattern], ...] = ()
    exclude: tuple[Setting[PathPattern], ...] = ()
    pedantic: Setting[bool] | None = None
    strict: Setting[bool] | None = None
    root: Setting[bool] | None = None
