"""Modules: what a file exports, and how a call of it becomes bindings."""

from __future__ import annotations

from collections.abc import Mapping

from rbdsl.diagnostics import Diagnostic, Label, did_you_mean
from rbdsl.model.errors import RESERVED_NAME, UNKNOWN_NAME, WRONG_ARGUMENTS
from rbdsl.model.lowering.arguments import argument_value, read_type, read_value
from rbdsl.model.lowering.exports import Export, Module, Parameter
from rbdsl.model.lowering.nodes import child, part, token
from rbdsl.model.lowering.reader import Reader
from rbdsl.model.lowering.scope import Scope, Variable, is_reserved
from rbdsl.model.values import Binding, Name, Value
from rbdsl.record import dataclass
from rbdsl.source import Span
from rbdsl.syntax.tree import Node, SyntaxTree


@dataclass(frozen=True, slots=True)
class Call:
    """A call resolved: the export, its arguments, and a reader that knows them."""

    export: Export
    bindings: tuple[Binding, ...]
    reader: Reader
    span: Span


_EXPORTS = {
    "exported_step": "step",
    "exported_phase": "phase",
    "exported_check": "check",
    "exported_escalation": "escalation",
    "exported_communications": "communications",
    "exported_validation": "validation",
}


def read_module(
    tree: SyntaxTree, modules: Mapping[str, Module], report: list[Diagnostic]
) -> Module:
    """What a module's tree exports; `modules` are the ones that it uses itself."""
    own: dict[str, Module] = dict(modules)
    reader = Reader(tree.source, Scope(), report, own)
    titles = [reader.texts(n)[0] for n in tree.root.nodes() if n.kind == "module_statement"]
    title = titles[0].plain if titles else ""
    found: list[Export] = []
    for node in tree.root.nodes():
        kind = _EXPORTS.get(node.kind)
        if kind is None:
            continue
        listed = child(node, "parameters")
        parameters = () if listed is None else read_parameters(reader, listed)
        name = reader.name(token(node, "NAME"))
        found.append(Export(kind, name, node, parameters, tree.source, own))
    exports = {e.name.text: e for e in reader.unique(found, "export", lambda e: e.name)}
    module = Module(title, tree.source, exports)
    own[""] = module
    return module


def read_parameters(reader: Reader, node: Node) -> tuple[Parameter, ...]:
    """The parameters between parentheses."""
    found = [p for n in node.nodes() if (p := read_parameter(reader, n)) is not None]
    return reader.unique(found, "parameter", lambda p: p.name)


def read_parameter(reader: Reader, node: Node) -> Parameter | None:
    """`name: type = default "description"`."""
    name = reader.name(token(node, "NAME"))
    type_node = part(node, "type")
    kind = read_type(reader, type_node)
    default_node = child(node, "argument_value")
    default = None
    if kind is not None and default_node is not None:
        default = read_value(reader, default_node, kind)
    described = reader.texts(node)
    check_variable(reader, name)
    if kind is None or (default_node is not None and default is None):
        return None
    return Parameter(name, kind, default, described[0] if described else None, reader.span(node))


def check_variable(reader: Reader, name: Name) -> None:
    """Reports a name that may not become a shell variable."""
    if is_reserved(name.shell):
        reader.add(
            RESERVED_NAME,
            name.span,
            f"`{name.shell}` is a variable of the shell or of the generated script",
            hint=f"call it `my_{name.shell.lower().strip('_') or 'value'}`, say",
        )


def resolve_call(reader: Reader, node: Node, kind: str) -> Call | None:
    """The export that a `call` node (or a bare name of one) means, with its arguments."""
    target = token(node, "NAME", "QNAME")
    export = _find(reader, str(target), reader.span(target), kind)
    if export is None:
        return None
    values = _arguments(reader, node, export)
    if values is None:
        return None
    bindings = tuple(Binding(p.name, values[p.name.text]) for p in export.parameters)
    variables = {
        b.name.text: Variable(b.name.text, b.value.type, b.value, inline=True) for b in bindings
    }
    return Call(export, bindings, _inside(export, variables, reader.report), reader.span(node))


def placeholder_call(export: Export, report: list[Diagnostic]) -> Call:
    """A call with the defaults alone, to check an export that nobody calls."""
    bindings = tuple(Binding(p.name, p.default) for p in export.parameters if p.default)
    variables = {
        p.name.text: Variable(p.name.text, p.type, p.default, inline=True)
        for p in export.parameters
    }
    return Call(export, bindings, _inside(export, variables, report), export.name.span)


def _inside(export: Export, variables: dict[str, Variable], report: list[Diagnostic]) -> Reader:
    """A reader of an export, in which its parameters alone are known."""
    return Reader(export.source, Scope(variables), report, export.modules)


def _find(reader: Reader, target: str, span: Span, kind: str) -> Export | None:
    alias, _, member = target.rpartition(".")
    module = reader.modules.get(alias)
    if module is not None and module.broken:
        return None
    if module is None:
        if alias:
            hint = did_you_mean(alias, reader.modules) or f"add `use … as {alias}`"
            message = f"no module is used as `{alias}`"
        else:
            hint = "a plan calls what a module exports: `alias.name(…)`"
            message = f"`{member}` is not exported by any module here"
        reader.add(UNKNOWN_NAME, span, message, hint=hint)
        return None
    export = module.exports.get(member)
    if export is None:
        same = [e.name.text for e in module.exports.values() if e.kind == kind]
        names = ", ".join(f"`{n}`" for n in sorted(same))
        reader.add(
            UNKNOWN_NAME,
            span,
            f"module `{alias or module.title}` exports no {kind} `{member}`",
            hint=did_you_mean(member, same) or (f"it exports {names}" if names else None),
        )
        return None
    if export.kind != kind:
        reader.add(
            WRONG_ARGUMENTS,
            span,
            f"`{target}` is a {export.kind}, and a {kind} is needed here",
            labels=[Label(export.name.span, "declared here")],
        )
        return None
    return export


def _arguments(reader: Reader, node: Node, export: Export) -> dict[str, Value] | None:
    """The value of every parameter, or None once what is wrong has been reported."""
    parameters = {p.name.text: p for p in export.parameters}
    values: dict[str, Value] = {}
    seen: set[str] = set()
    good = True
    for argument in (n for n in node.nodes() if n.kind == "argument"):
        name = reader.name(token(argument, "NAME"))
        parameter = parameters.get(name.text)
        if parameter is None or name.text in seen:
            what = "is given twice" if parameter else f"is no parameter of `{export.name}`"
            names = ", ".join(f"`{p}`" for p in parameters)
            hint = did_you_mean(name.text, parameters) or (
                f"it has {names}" if names else "it has no parameters"
            )
            reader.add(
                WRONG_ARGUMENTS,
                name.span,
                f"`{name}` {what}",
                labels=[Label(export.name.span, "declared here")],
                hint="remove one of them" if parameter else hint,
            )
            good = False
            continue
        seen.add(name.text)
        value = read_value(reader, argument_value(argument), parameter.type)
        if value is None:
            good = False
        else:
            values[name.text] = value
    missing = [p for p in export.parameters if p.default is None and p.name.text not in seen]
    if missing:
        listed = ", ".join(f"`{p.name}: {p.type}`" for p in missing)
        reader.add(
            WRONG_ARGUMENTS,
            reader.span(node),
            f"`{export.name}` needs {listed}",
            labels=[Label(missing[0].span, "declared here")],
        )
        return None
    for parameter in export.parameters:
        if parameter.default is not None:
            values.setdefault(parameter.name.text, parameter.default)
    return values if good else None
