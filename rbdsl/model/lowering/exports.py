"""What a module holds out to plans, still as syntax: a call of it is read with its arguments."""

from __future__ import annotations

from collections.abc import Mapping

from rbdsl.model.values import Name, Text, Value, ValueType
from rbdsl.record import dataclass
from rbdsl.source import Source, Span
from rbdsl.syntax.tree import Node


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an export (or a `param` of a plan); without a default it must be given."""

    name: Name
    type: ValueType
    default: Value | None
    description: Text | None
    span: Span


@dataclass(frozen=True, slots=True)
class Export:
    """A step, phase, check, ladder, communication block or window list that can be used.

    `modules` are what its file uses, by alias, the file itself under `""`.
    """

    kind: str
    name: Name
    node: Node
    parameters: tuple[Parameter, ...]
    source: Source
    modules: Mapping[str, Module]


@dataclass(frozen=True, slots=True)
class Module:
    """A module file: its title and what it exports by name."""

    title: str
    source: Source
    exports: Mapping[str, Export]
    broken: bool = False
    """Whether it could not be read, which has been reported: nothing is said of calls of it."""
