"""The plan's own shell as functions of a script.

A text is copied as it was written. Its lines are indented only where that can't change them: not
inside of strings and here-documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rbdsl.analysis.shell import fixed_lines, is_empty, problem_in
from rbdsl.backends.bash_words import text_word
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
    used = [b for b in bindings if mentions(text, b.name.shell)]
    names = {b.name.shell for b in used}
    lines = []
    for binding in used:
        clash = {
            r.shell for item in binding.value.items for r in item.references
        } & names
        if clash:
            # Its value mentions a name that a local hides: read it before that happens.
            lines.insert(0, f"  local rbc_{binding.name.shell}={_value(binding)}")
            lines.append(f'  local {binding.name.shell}="$rbc_{binding.name.shell}"')
        elif binding.value.type is ValueType.STRINGS:
            lines.append(f"  local -a {binding.name.shell}={_value(binding)}")
        else:
            lines.append(f"  local {binding.name.shell}={_value(binding)}")
    return lines


def _value(binding: Binding) -> str:
    items = binding.value.items
    if binding.value.type is ValueType.STRINGS:
        return f"({' '.join(text_word(item) for item in items)})"
    return text_word(items[0]) if items[0].references else word(items[0].plain or "")


def mentions(text: str, name: str) -> bool:
    """Whether a text may read a variable: the name as a whole word behind a `$` or in arithmetic."""
    return re.search(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])", text) is not None
