"""`let`, `param`, `secret`, artifacts and the region as shell variables of a script."""

from __future__ import annotations

from collections.abc import Iterable

from rbdsl.backends.bash_pieces import mentions
from rbdsl.backends.bash_words import Call, list_words, text_word
from rbdsl.backends.quoting import comment_text, word
from rbdsl.model.plan import Plan, Variable, VariableKind
from rbdsl.model.steps import Artifact
from rbdsl.model.values import ValueType


def value_lines(plan: Plan, artifacts: Iterable[Artifact], shells: Iterable[str]) -> list[str]:
    """The body of `rbc_values`. `shells` are the texts of this script: a list variable that none
    of them mentions is left out, as only scalars can be exported to what the steps call.
    """
    everything = "\n".join(shells)
    lines: list[str] = []
    for variable in plan.variables:
        lines += _variable(variable, everything)
    fixed = [v.name.shell for v in plan.variables if v.kind is VariableKind.LET]
    shown = [name for name in fixed if any(f"{name}=" in line for line in lines)]
    if plan.regions:
        lines.append('export region="${RBC_REGION-}"')
    for artifact in artifacts:
        path = text_word(artifact.path)
        inner = path[1:-1] if path.startswith('"') else None
        joined = f'"$RBC_ARTIFACTS/{inner}"' if inner is not None else f'"$RBC_ARTIFACTS"/{path}'
        if path.startswith("'") and not set(path) & set('"$`\\'):
            joined = f'"$RBC_ARTIFACTS/{path[1:-1]}"'
        lines.append(f"export {artifact.name.shell}={joined}")
    if shown:
        lines += Call("let", *shown).lines()
    return lines or [":"]


def _variable(variable: Variable, everything: str) -> list[str]:
    name = variable.name.shell
    about = f" # {comment_text(variable.description)}" if variable.description else ""
    if variable.kind is VariableKind.SECRET:
        return [f'export {name}="${{{name}-}}"{about}', f"rbc_add secret {name}"]
    is_list = variable.type is ValueType.STRINGS
    if is_list and not mentions(everything, name):
        return []
    if variable.value is None:
        assigned = f"{name}=()" if is_list else f"export {name}=''"
    elif is_list:
        assigned = f"{name}={list_words(variable.value)}"
    else:
        text = variable.value.items[0]
        plain = variable.type not in {ValueType.STRING, ValueType.STRINGS} and not text.references
        assigned = f"export {name}={word(text.plain) if plain else text_word(text)}"
    if variable.kind is VariableKind.LET:
        return [assigned + about]
    call = Call("param", name, word(variable.type.value))
    call.flag("required", variable.value is None)
    return [assigned + about, *call.lines()]
