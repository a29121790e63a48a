"""The bash that PLAN.md adds to the plan's own: assignments, so that a step can be run by hand."""

from __future__ import annotations

from collections.abc import Iterable

from rbdsl.backends.plan_index import PlanIndex
from rbdsl.backends.quoting import word
from rbdsl.model.plan import VariableKind
from rbdsl.model.values import Binding, Text, Value, ValueType


def with_assignments(given: list[str], text: str) -> str:
    """Shell with the assignments that it needs in front."""
    return "\n".join([*given, "", text]) if given else text


def assignments(index: PlanIndex, bindings: Iterable[Binding]) -> list[str]:
    """The parameters of a module's element, as bash sets them."""
    return [_assignment(index, b.name.shell, b.value) for b in bindings]


def _assignment(index: PlanIndex, name: str, value: Value) -> str:
    if value.type is ValueType.STRINGS:
        words = [_list_words(index, item) for item in value.items]
        return f"{name}=({' '.join(words)})"
    words = [_shell_word(item) for item in value.items]
    return f"{name}={words[0] if words else ''}"


def _list_words(index: PlanIndex, text: Text) -> str:
    """One item of a list, or all items of the list variable that stands for them."""
    if len(text.parts) == 1 and text.references:
        value = index.lists.get(text.references[0].name)
        if value:
            return " ".join(_shell_word(item) for item in value.items)
    return _shell_word(text)


def _shell_word(text: Text) -> str:
    """A text as one word of shell; what only the run knows stays a variable."""
    parts = [
        word(part)
        if isinstance(part, str)
        else (word(part.value) if part.value is not None else f'"${part.shell}"')
        for part in text.parts
    ]
    return "".join(parts) or "''"


def variables_block(index: PlanIndex) -> str:
    """Bash that sets what the steps read, so that one can be run by hand."""
    plan = index.plan
    regions = [name.text for name in plan.regions.names] if plan.regions else []
    lines = ["set -a # what is set from here on is handed to the commands"]
    lines += [f"region={word(regions[0])} # {', '.join(regions)}"] if regions else []
    for variable in plan.variables:
        name = variable.name.shell
        if variable.kind is VariableKind.SECRET or variable.value is None:
            lines.append(f': "${{{name}:?set it in the environment}}"')
        else:
            lines.append(_assignment(index, name, variable.value))
    folder = f".rbc/artifacts/{plan.name.text}"
    for artifact in plan.artifacts:
        path = f"{word(folder + '/')}{_shell_word(artifact.path)}"
        lines.append(f"{artifact.name.shell}={path}")
    return "\n".join(lines)
