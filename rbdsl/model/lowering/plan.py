"""A whole plan, and a module checked for itself."""

from __future__ import annotations

from collections.abc import Mapping

from rbdsl.diagnostics import Diagnostic, Label
from rbdsl.model.errors import MISSING, WRONG_FILE
from rbdsl.model.lowering.arguments import argument_value, read_value
from rbdsl.model.lowering.metrics import lower_sources, lower_triggers, metric_names
from rbdsl.model.lowering.modules import (
    Module,
    check_variable,
    placeholder_call,
    read_parameter,
)
from rbdsl.model.lowering.people import (
    exported_block,
    read_communications,
    read_rungs,
    read_windows,
    used_block,
)
from rbdsl.model.lowering.phases import exported_phase, lower_phase, lower_point, lower_scenario
from rbdsl.model.lowering.proof import (
    exported_check,
    lower_capture,
    lower_regions,
    lower_testing,
    lower_verification,
)
from rbdsl.model.lowering.reader import Block, Reader, child, part, token, tokens
from rbdsl.model.lowering.resolve import resolve
from rbdsl.model.lowering.scope import Scope
from rbdsl.model.lowering.scope import Variable as InScope
from rbdsl.model.lowering.steps import exported_step
from rbdsl.model.plan import (
    Automation,
    Import,
    Level,
    Plan,
    Risk,
    Service,
    Variable,
    VariableKind,
)
from rbdsl.model.surroundings import Archive, Hook
from rbdsl.model.values import ValueType
from rbdsl.syntax.tree import Node, SyntaxTree


def lower(
    tree: SyntaxTree, modules: Mapping[str, Module], imports: tuple[Import, ...] = ()
) -> tuple[Plan | None, list[Diagnostic]]:
    """The plan of a tree, with all errors of name, type and unit; None where there are any.

    `modules` are the modules that the file uses, by alias.
    """
    report: list[Diagnostic] = []
    plans = [n for n in tree.root.nodes() if n.kind == "plan"]
    strangers = [
        n
        for n in tree.root.nodes()
        if n.kind == "module_statement" or n.kind.startswith("exported_")
    ]
    reader = Reader(tree.source, Scope(), report, modules)
    if not plans:
        reader.add(
            WRONG_FILE,
            reader.head(strangers[0] if strangers else next(tree.root.nodes())),
            "this file is a module, and a plan is needed" if strangers else "there is no plan here",
            hint='a plan is `plan name "Title" { … }`; modules are brought in with `use`',
        )
        return None, report
    for again in plans[1:]:
        reader.add(
            WRONG_FILE, reader.head(again), "a file holds one plan",
            labels=[Label(reader.head(plans[0]), "the first one")],
            hint="give it a file of its own",
        )  # fmt: skip
    for stranger in strangers:
        reader.add(
            WRONG_FILE, reader.head(stranger), "this belongs into a module, not beside a plan",
            hint="move it into a file that begins with `module`, and `use` it",
        )  # fmt: skip
    plan = _plan(reader, plans[0], imports)
    if plan is None or report:
        return None, report
    return plan, report


def check_module(module: Module) -> list[Diagnostic]:
    """What is wrong with the exports of a module, each looked at with its defaults."""
    report: list[Diagnostic] = []
    for export in module.exports.values():
        call = placeholder_call(export, report)
        if export.kind == "step":
            exported_step(call)
        elif export.kind == "phase":
            exported_phase(call)
        elif export.kind == "check":
            exported_check(call)
        elif export.kind == "escalation":
            read_rungs([exported_block(call)])
        elif export.kind == "validation":
            read_windows([exported_block(call)])
        else:
            read_communications(call.reader, [export.node], [exported_block(call)])
    return report


def _plan(reader: Reader, node: Node, imports: tuple[Import, ...]) -> Plan | None:
    block = Block(reader, child(node, "plan_block"))
    variables = _variables(reader, block)
    _artifacts_in_scope(reader, block)
    sources = lower_sources(reader, block.all("metrics_statement"))
    metrics = metric_names(sources)
    level = _level(reader, node, block)
    capture = block.one("capture_statement")
    triggers = block.one("triggers_statement")
    verification = block.one("verification_statement")
    testing = block.one("testing_statement")
    regions = block.one("regions_statement")
    automation = block.one("automation_statement")
    found = _automation(reader, automation)
    phases = [p for n in block.all("phase") if (p := lower_phase(reader, n)) is not None]
    if not block.all("phase"):
        reader.add(
            MISSING, reader.head(node), "the plan has no phases",
            hint='add `phase name "Title" { budget 2m; … }`',
        )  # fmt: skip
    communications = block.all("communications_statement", "communications_use")
    plan = Plan(
        reader.name(token(node, "NAME")),
        reader.string(token(node, "STRING")),
        reader.head(node),
        reader.source,
        level or Level(0, reader.head(node)),
        operation=block.text("operation_statement"),
        permit=block.text("permit_statement"),
        owner=block.text("owner_statement"),
        created=block.timestamp("created_statement"),
        updated=block.timestamp("updated_statement"),
        risk=_risk(reader, block.one("risk_statement")),
        automation=found or Automation.FULL,
        automation_span=None if automation is None else reader.span(automation),
        change=block.text("change_statement"),
        note=block.text("note_statement"),
        claims=block.duration("claims_statement"),
        timeout=block.duration("timeout_statement"),
        imports=imports,
        services=reader.unique(
            [_service(reader, n) for n in block.all("service_statement")],
            "service",
            lambda s: s.name,
        ),
        variables=variables,
        metric_sources=sources,
        capture=None if capture is None else lower_capture(reader, capture),
        triggers=None if triggers is None else lower_triggers(reader, triggers, metrics),
        points_of_no_return=reader.unique(
            [lower_point(reader, n) for n in block.all("point_of_no_return")],
            "point of no return",
            lambda p: p.name,
        ),
        phases=reader.unique(phases, "phase", lambda p: p.name),
        scenarios=reader.unique(
            [lower_scenario(reader, n) for n in block.all("scenario")],
            "scenario",
            lambda s: s.name,
        ),
        verification=None
        if verification is None
        else lower_verification(reader, verification, metrics),
        testing=None if testing is None else lower_testing(reader, testing),
        communications=None
        if not communications
        else read_communications(
            reader, communications, _parts(reader, communications, "communications")
        ),
        escalation=read_rungs(
            _parts(reader, block.all("escalation_statement", "escalation_use"), "escalation")
        ),
        validation=read_windows(
            _parts(reader, block.all("validation_statement", "validation_use"), "validation")
        ),
        regions=None if regions is None else lower_regions(reader, regions),
        archive=_archive(reader, block.one("archive_statement")),
        hooks=tuple(h for n in block.all("hook_statement") if (h := _hook(reader, n)) is not None),
    )
    resolve(plan, reader)
    return plan


def _parts(reader: Reader, nodes: list[Node], kind: str) -> list[tuple[Reader, Node]]:
    return [part for n in nodes if (part := used_block(reader, n, kind)) is not None]


def _level(reader: Reader, node: Node, block: Block) -> Level | None:
    found = block.needed(
        "level_statement",
        "the level",
        reader.head(node),
        "say which one the plan has to reach: `level 2`",
    )
    if found is None:
        return None
    number = reader.integer(token(found, "VALUE"), least=1, most=99)
    return None if number is None else Level(number, reader.span(found))


def _automation(reader: Reader, node: Node | None) -> Automation | None:
    if node is None:
        return None
    word = reader.choice(token(node, "NAME"), "automation", [a.value for a in Automation])
    return None if word is None else Automation(word)


def _risk(reader: Reader, node: Node | None) -> Risk | None:
    if node is None:
        return None
    word = token(node, "NAME")
    reader.choice(word, "risk", ("low", "medium", "high", "critical"))
    reasons = reader.texts(node)
    return Risk(reader.name(word), reasons[0] if reasons else None, reader.span(node))


def _service(reader: Reader, node: Node) -> Service:
    names = [reader.name(t) for t in tokens(node, "NAME")]
    block = Block(reader, child(node, "service_block"))
    version = block.one("service_version")
    texts = () if version is None else reader.texts(version)
    return Service(
        names[0],
        names[1],
        texts[0] if texts else None,
        texts[1] if len(texts) > 1 else None,
        reader.span(node),
    )


def _archive(reader: Reader, node: Node | None) -> Archive | None:
    if node is None:
        return None
    word = token(node, "NAME")
    reader.choice(word, "archive", ("folder", "s3"))
    return Archive(reader.name(word), reader.text(node), reader.span(node))


def _hook(reader: Reader, node: Node) -> Hook | None:
    from rbdsl.model.surroundings import Event

    event = token(node, "NAME")
    shell = reader.shell(node)
    if reader.choice(event, "event", [e.value for e in Event]) is None or shell is None:
        return None
    return Hook(reader.name(event), shell, reader.span(node))


def _variables(reader: Reader, block: Block) -> tuple[Variable, ...]:
    """The variables in order of declaration; each sees the ones before it."""
    found = []
    for node in block.all("let_statement", "param_statement", "secret_statement"):
        variable = _variable(reader, node)
        if variable is None:
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


def _artifacts_in_scope(reader: Reader, block: Block) -> None:
    """Lets texts mention artifacts: `${db_backup}` is the path, known when the script runs."""
    for statement in block.all("capture_statement", "phase"):
        for node in _creates(statement):
            name = str(token(node, "NAME"))
            if name not in reader.scope:
                reader.scope.add(InScope(name, ValueType.STRING, None, inline=False))


def _creates(node: Node) -> list[Node]:
    found = []
    stack = [node]
    while stack:
        top = stack.pop()
        if top.kind == "creates_statement":
            found.append(top)
        elif not top.kind.startswith(("shell", "text", "names")):
            stack.extend(top.nodes())
    return found
