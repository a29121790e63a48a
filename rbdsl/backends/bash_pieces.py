"""The plan's own shell as functions of a script.

A text is copied as it was written. Its lines are indented only where that can't change them: not
inside of strings and here-documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rbdsl.analysis.shell import fixed_lines, is_empty, problem_in
from rbdsl.backends.bash_words import Call, list_words, text_word
from rbdsl.backends.quoting import word
from rbdsl.model.values import Binding, Shell, ValueType


@dataclass(frozen=True, slots=True)
class Piece:
    """A function: its name, the comment above it, the lines of its body."""

    name: str
    comment: tuple[str, ...]
    lines: tuple[str, ...]


def piece(
    name: str, shell: Shell, bindings: Sequence[Binding] = (), comment: Iterable[str] = ()
) -> Piece:
    """The function of a shell text. Raises ValueError for one that is no complete bash: rule
    RB801 reports these before anything is generated.
    """
    if problem_in(shell.text) is not None:
        raise ValueError(f"{shell.span}: this shell can't stand in a function")
    lines = [*_locals(shell.text, bindings), *body(shell.text)]
    return Piece(name, tuple(comment), tuple(lines))


def body(text: str) -> list[str]:
    """The lines of a text, two blanks further in where that is safe."""
    if is_empty(text):
        text = f"{text}\n:" if text.strip() else ":"
    fixed = fixed_lines(text)
    return [
        line if number in fixed or not line else f"  {line}"
        for number, line in enumerate(text.split("\n"))
    ]


def _locals(text: str, bindings: Sequence[Binding]) -> list[str]:
    """Parameters of a module as local variables, those that the text mentions."""
    used = [b for b in bindings if mentions(text, b.name.shell) and not _is_itself(b)]
    names = {b.name.shell for b in used}
    lines: list[str] = []
    call = Call("local", function="")
    for binding in used:
        name = binding.name.shell
        others = {r.shell for item in binding.value.items for r in item.references} & names
        if others - {name}:
            # Its value mentions a name that a local hides: read it before that happens.
            lines.append(f"local rbc_{name}={_value(binding)}")
            call.set(name, f'"$rbc_{name}"')
        elif binding.value.type is ValueType.STRINGS:
            lines.append(f"local -a {name}={_value(binding)}")
        else:
            call.set(name, _value(binding))
    if len(call.words) > 1:
        lines += call.lines()
    return [f"  {line}" for line in lines]


def _is_itself(binding: Binding) -> bool:
    """Whether a parameter is given the variable of the plan that has its name already."""
    items = binding.value.items
    references = items[0].references if len(items) == 1 else ()
    return len(references) == len(items[0].parts) == 1 and references[0].shell == binding.name.shell


def _value(binding: Binding) -> str:
    if binding.value.type is ValueType.STRINGS:
        return list_words(binding.value)
    text = binding.value.items[0]
    return text_word(text) if text.references else word(text.plain)


def mentions(text: str, name: str) -> bool:
    """Whether a text may read a variable: by `$name`, `${name`, in arithmetic, or `-v name`."""
    whole = rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])"
    return (
        re.search(rf"\$\{{?[#!]?{whole}|-v\s+{whole}|\(\((?:(?!\)\)).)*{whole}", text) is not None
    )
