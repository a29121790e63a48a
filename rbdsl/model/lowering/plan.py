"""A whole plan, and a module checked for itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rbdsl.diagnostics import Diagnostic, Label
from rbdsl.model.errors import EMPTY, MISSING, WRONG_FILE
from rbdsl.model.lowering.block import Block
from rbdsl.model.lowering.exports import Module
from rbdsl.model.lowering.header import (
    read_archive,
    read_automation,
    read_hook,
    read_level,
    read_risk,
    read_service,
    read_window,
)
from rbdsl.model.lowering.metrics import lower_sources, lower_triggers, metric_names
from rbdsl.model.lowering.modules import placeholder_call
from rbdsl.model.lowering.nodes import child, token
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
from rbdsl.model.lowering.reader import Reader
from rbdsl.model.lowering.resolve import resolve
from rbdsl.model.lowering.scope import Scope
from rbdsl.model.lowering.steps import exported_step
from rbdsl.model.lowering.variables import bring_artifacts_into_scope, read_variables
from rbdsl.model.plan import Automation, Import, Level, Phase, Plan
from rbdsl.model.proof import Check
from rbdsl.model.steps import Step
from rbdsl.model.values import Shell
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


class Contents(NamedTuple):
    """What a module exports, each with the defaults of its parameters."""

    steps: tuple[Step, ...]
    phases: tuple[Phase, ...]
    checks: tuple[Check, ...]

    @property
    def shells(self) -> tuple[Shell, ...]:
        """The shell in all of it."""
        steps = (*self.steps, *(step for phase in self.phases for step in phase.all_steps))
        return (
            *(shell for step in steps for shell in step.shells),
            *(e.shell for check in self.checks for e in check.expectations),
        )


def check_module(module: Module) -> tuple[Contents, list[Diagnostic]]:
    """What a module's exports hold, and what is wrong with them; each is looked at once."""
    report: list[Diagnostic] = []
    steps: list[Step] = []
    phases: list[Phase] = []
    checks: list[Check] = []
    for export in module.exports.values():
        call = placeholder_call(export, report)
        if export.kind == "step":
            steps.append(exported_step(call))
        elif export.kind == "phase":
            phases.append(exported_phase(call))
        elif export.kind == "check":
            checks.append(exported_check(call))
        elif export.kind == "escalation":
            read_rungs([exported_block(call)])
        elif export.kind == "validation":
            read_windows([exported_block(call)])
        else:
            read_communications(call.reader, [export.node], [exported_block(call)])
    return Contents(tuple(steps), tuple(phases), tuple(checks)), report


def _plan(reader: Reader, node: Node, imports: tuple[Import, ...]) -> Plan | None:
    block = Block(reader, child(node, "plan_block"))
    variables = read_variables(reader, block)
    bring_artifacts_into_scope(reader, block)
    sources = lower_sources(reader, block.all("metrics_statement"))
    metrics = metric_names(sources)
    level = read_level(reader, node, block)
    capture = block.one("capture_statement")
    triggers = block.one("triggers_statement")
    verification = block.one("verification_statement")
    testing = block.one("testing_statement")
    regions = block.one("regions_statement")
    automation = block.one("automation_statement")
    found = read_automation(reader, automation)
    phases = [lower_phase(reader, n) for n in block.all("phase")]
    if not block.all("phase"):
        reader.add(
            MISSING, reader.head(node), "the plan has no phases",
            hint='add `phase name "Title" { budget 2m; … }`',
        )  # fmt: skip
    title = reader.string(token(node, "STRING"))
    if not title.plain.strip():
        reader.add(EMPTY, title.span, "the title is empty", hint="say in a few words what it is")
    communications = block.all("communications_statement", "communications_use")
    plan = Plan(
        reader.name(token(node, "NAME")),
        title,
        reader.head(node),
        reader.source,
        level or Level(0, reader.head(node)),
        operation=block.text("operation_statement"),
        permit=block.text("permit_statement"),
        owner=block.text("owner_statement"),
        created=block.timestamp("created_statement"),
        updated=block.timestamp("updated_statement"),
        window=read_window(reader, block.one("change_window")),
        risk=read_risk(reader, block.one("risk_statement")),
        automation=found or Automation.FULL,
        automation_span=None if automation is None else reader.span(automation),
        change=block.text("change_statement"),
        note=block.text("note_statement"),
        claims=block.duration("claims_statement"),
        timeout=block.duration("timeout_statement"),
        imports=imports,
        services=reader.unique(
            [read_service(reader, n) for n in block.all("service_statement")],
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
        archive=read_archive(reader, block.one("archive_statement")),
        hooks=tuple(
            h for n in block.all("hook_statement") if (h := read_hook(reader, n)) is not None
        ),
    )
    resolve(plan, reader)
    return plan


def _parts(reader: Reader, nodes: list[Node], kind: str) -> list[tuple[Reader, Node]]:
    return [part for n in nodes if (part := used_block(reader, n, kind)) is not None]
