"""The variables of a plan: `let`, `param`, `secret`, and what steps create."""

from __future__ import annotations

from rbdsl.model.lowering.arguments import argument_value, read_value
from rbdsl.model.lowering.block import Block
from rbdsl.model.lowering.modules import check_variable, read_parameter
from rbdsl.model.lowering.nodes import part, token
from rbdsl.model.lowering.reader import Reader
from rbdsl.model.lowering.scope import Variable as InScope
from rbdsl.model.plan import Variable, VariableKind
from rbdsl.model.values import ValueType
from rbdsl.syntax.tree import Node


def read_variables(reader: Reader, block: Block) -> tuple[Variable, ...]:
    """The variables in order of declaration; each sees the ones before it."""
    found = []
    for node in block.all("let_statement", "param_statement", "secret_statement"):
        variable = _variable(reader, node)
        if variable is None:
            name = str(next(t for t in node.tokens() if t.type == "NAME"))
            if name not in reader.scope:
                reader.scope.add(InScope(name, ValueType.STRING, None, inline=False, broken=True))
            continue
        found.append(variable)
        if variable.name.text not in reader.scope:
            reader.scope.add(
                InScope(
                    variable.name.text,
                    variable.type,
                    variable.value,
                    inline=False,
                    fixed=variable.kind is VariableKind.LET,
                )
            )
    if block.all("regions_statement"):
        reader.scope.add(InScope("region", ValueType.STRING, None, inline=False))
    return reader.unique(found, "variable", lambda v: v.name)


def _variable(reader: Reader, node: Node) -> Variable | None:
    span = reader.span(node)
    if node.kind == "param_statement":
        inner = part(node, "parameter")
        parameter = read_parameter(reader, inner)
        if parameter is None:
            return None
        return Variable(
            VariableKind.PARAM,
            parameter.name,
            parameter.type,
            parameter.default,
            parameter.description,
            span,
        )
    name = reader.name(token(node, "NAME"))
    if node.kind == "secret_statement":
        described = reader.texts(node)
        return Variable(
            VariableKind.SECRET,
            name,
            ValueType.STRING,
            None,
            described[0] if described else None,
            span,
        )
    check_variable(reader, name)
    value = read_value(reader, argument_value(node), None)
    if value is None:
        return None
    return Variable(VariableKind.LET, name, value.type, value, None, span)


def bring_artifacts_into_scope(reader: Reader, block: Block) -> None:
    """Lets texts mention artifacts: `${db_backup}` is the path, known when the script runs."""
    for statement in block.all("capture_statement", "phase"):
        for node in _creates(statement):
            name = "baseline" if node.kind == "baseline_statement" else str(token(node, "NAME"))
            if name not in reader.scope:
                reader.scope.add(InScope(name, ValueType.STRING, None, inline=False))


def _creates(node: Node) -> list[Node]:
    found = []
    stack = [node]
    while stack:
        top = stack.pop()
        if top.kind in ("creates_statement", "baseline_statement"):
            found.append(top)
        elif not top.kind.startswith(("shell", "text", "names")):
            stack.extend(top.nodes())
    return found
