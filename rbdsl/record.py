"""`dataclass` that costs almost nothing at import time.

A cold start makes over a hundred records; compiling their methods took a third of it. For type
checkers this *is* `dataclasses.dataclass`, so a frozen record is frozen there, and
`dataclasses.replace` works. When running, `__init__` is compiled on first use, and equality, hash
and repr are shared by all records.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - exported
else:

    def dataclass(*, frozen=False, slots=False, eq=True):  # noqa: ANN001, ANN201
        """As `dataclasses.dataclass`, see the module; other arguments are not supported."""

        def make(cls: type) -> type:
            names = tuple(vars(cls).get("__annotations__", ()))
            defaults = {name: vars(cls)[name] for name in names if name in vars(cls)}
            if any(isinstance(value, dataclasses.Field) for value in defaults.values()):
                made = dataclasses.dataclass(repr=False, eq=False, slots=slots)(cls)
            else:
                made = _slotted(cls, names) if slots else cls
                made.__init__ = _compiled_on_first_use(made, names, defaults)
                made.__dataclass_fields__ = _Fields(names)
            made.__match_args__ = names
            if "__repr__" not in vars(made):
                made.__repr__ = _repr
            if eq:
                made.__eq__ = _eq
                made.__hash__ = _hash if frozen else None
            return made

        return make


def _slotted(cls: type, names: tuple[str, ...]) -> type:
    """The class again, with slots for its fields."""
    members = {k: v for k, v in vars(cls).items() if k not in (*names, "__dict__", "__weakref__")}
    return type(cls)(cls.__name__, cls.__bases__, {**members, "__slots__": names})


def _compiled_on_first_use(cls: Any, names: tuple[str, ...], defaults: dict[str, Any]) -> Any:  # noqa: ANN401
    def first(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        parameters = "".join(f", {n}=_{n}" if n in defaults else f", {n}" for n in names)
        body = "".join(f"\n    self.{n} = {n}" for n in names) or "\n    pass"
        scope = {f"_{name}": value for name, value in defaults.items()}
        exec(f"def __init__(self{parameters}):{body}", scope)  # noqa: S102 - as dataclasses does
        cls.__init__ = scope["__init__"]
        cls.__init__(self, *args, **kwargs)

    return first


class _Fields:
    """`__dataclass_fields__`, made when `dataclasses.replace` or `fields` first asks for it."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names

    def __get__(self, instance: object, owner: type) -> dict[str, Any]:
        # Without a text of its own `dataclasses` would write one, from a signature it inspects.
        made: Any = dataclasses.make_dataclass(
            owner.__name__, self._names, namespace={"__doc__": "Fields."}, init=False, repr=False,
            eq=False, match_args=False,
        )  # fmt: skip
        fields: dict[str, Any] = made.__dataclass_fields__
        owner.__dataclass_fields__ = fields  # type: ignore[attr-defined]
        return fields


def _names(record: Any) -> tuple[str, ...]:  # noqa: ANN401 - any record
    return type(record).__match_args__  # type: ignore[no-any-return]


def _repr(self: Any) -> str:  # noqa: ANN401 - any record
    values = ", ".join(f"{name}={getattr(self, name)!r}" for name in _names(self))
    return f"{type(self).__qualname__}({values})"


def _eq(self: Any, other: object) -> bool:  # noqa: ANN401 - any record
    if self is other:
        return True
    if type(other) is not type(self):
        return NotImplemented  # type: ignore[no-any-return]
    return all(bool(getattr(self, n) == getattr(other, n)) for n in _names(self))


def _hash(self: Any) -> int:  # noqa: ANN401 - any record
    return hash(tuple(getattr(self, name) for name in _names(self)))
