"""Phases, scenarios and points of no return."""

from __future__ import annotations

from dataclasses import replace

from rbdsl.model.errors import EMPTY, MISSING
from rbdsl.model.lowering.block import Block
from rbdsl.model.lowering.decisions import lower_gate, lower_manual
from rbdsl.model.lowering.modules import Call, resolve_call
from rbdsl.model.lowering.nodes import child, token, tokens
from rbdsl.model.lowering.reader import Reader
from rbdsl.model.lowering.steps import distinct, lower_step, read_title
from rbdsl.model.plan import Phase, PhaseRange, PointOfNoReturn, Scenario
from rbdsl.model.steps import Gate, Item, Manual, Step, Verify
from rbdsl.model.values import Duration
from rbdsl.syntax.tree import Node

_ITEMS = ("step", "gate", "manual", "verify_statement")


def lower_phase(reader: Reader, node: Node) -> Phase:
    """A `phase`, its own or a module's; of one whose call is wrong, what the plan itself says."""
    name, title = read_title(reader, node)
    span = reader.head(node)
    block = Block(reader, child(node, "phase_block"))
    call_node = child(node, "call")
    base = Phase(name, title, span, budget=Duration(0, span))
    if call_node is not None:
        call = resolve_call(reader, call_node, "phase")
        if call is None:
            return read_phase(reader, block, base)
        base = replace(exported_phase(call), name=name, title=title, span=span)
    phase = read_phase(reader, block, base)
    if phase.budget.ms == 0 and not block.all("budget_statement"):
        reader.add(
            MISSING,
            span,
            f"phase `{name}` has no budget",
            hint="say how long it may take: `budget 2m`",
        )
    return phase


def exported_phase(call: Call) -> Phase:
    """The phase that a module exports, with the arguments of a call."""
    node = call.export.node
    title = call.reader.string(token(node, "STRING"))
    span = call.export.name.span
    base = Phase(call.export.name, title, span, Duration(0, span), bindings=call.bindings)
    block = Block(call.reader, child(node, "phase_block"))
    return _with_bindings(read_phase(call.reader, block, base), call)


def _with_bindings(phase: Phase, call: Call) -> Phase:
    """Gives the parameters of the phase to each of its steps, whose own ones come last."""

    def bound(step: Step) -> Step:
        own = {b.name.text for b in step.bindings}
        outer = tuple(b for b in call.bindings if b.name.text not in own)
        return replace(step, bindings=(*outer, *step.bindings))

    return replace(
        phase,
        items=tuple(bound(i) if isinstance(i, Step) else i for i in phase.items),
        ensure=tuple(bound(s) for s in phase.ensure),
    )


def read_phase(reader: Reader, block: Block, base: Phase) -> Phase:
    """The phase that a block makes of a base: what it states replaces, items add."""
    off_clock = block.one("off_clock_statement")
    irreversible = block.one("irreversible_statement")
    run_once = block.one("global_statement")
    items = [i for n in block.all(*_ITEMS) if (i := _item(reader, n)) is not None]
    ensure = [
        step
        for n in block.all("ensure_step")
        if (inner := child(n, "step")) is not None
        and (step := lower_step(reader, inner)) is not None
    ]
    named = distinct([i for i in (*items, *ensure) if not isinstance(i, Verify)])
    reader.unique((*_own(base), *named), "item", lambda i: i.name)
    renamed = iter(named)
    items = [i if isinstance(i, Verify) else next(renamed) for i in items]
    return replace(
        base,
        after=(*base.after, *block.names("after_statement")),
        needs=(*base.needs, *block.names("needs_statement")),
        budget=block.duration("budget_statement") or base.budget,
        timeout=block.duration("timeout_statement") or base.timeout,
        objective=block.text("objective_statement") or base.objective,
        critical=block.text("critical_statement") or base.critical,
        note=block.text("note_statement") or base.note,
        off_clock=base.off_clock if off_clock is None else reader.span(off_clock),
        irreversible=base.irreversible if irreversible is None else reader.span(irreversible),
        run_once=base.run_once if run_once is None else reader.span(run_once),
        items=(*base.items, *items),
        ensure=(*base.ensure, *(s for s in renamed if isinstance(s, Step))),
    )


def _own(phase: Phase) -> tuple[Step | Gate | Manual, ...]:
    return (*(i for i in phase.items if not isinstance(i, Verify)), *phase.ensure)


def _item(reader: Reader, node: Node) -> Item | None:
    if node.kind == "step":
        return lower_step(reader, node)
    if node.kind == "gate":
        return lower_gate(reader, node)
    if node.kind == "manual":
        return lower_manual(reader, node)
    return Verify(reader.span(node))


def lower_scenario(reader: Reader, node: Node) -> Scenario:
    """A `scenario`."""
    name, title = read_title(reader, node)
    block = Block(reader, child(node, "scenario_block"))
    run = tuple(
        _range(reader, n)
        for statement in block.all("run_phases")
        for n in statement.nodes()
        if n.kind == "phase_range"
    )
    only = block.names("only_statement")
    if not run and not only:
        reader.add(
            MISSING,
            reader.head(node),
            f"scenario `{name}` does not say what it runs",
            hint="name its phases (`run database, cleanup`) or a service (`only api`)",
        )
    return Scenario(
        name,
        title,
        reader.head(node),
        run=run,
        only=only,
        use_when=block.text("use_when_statement"),
        claims=block.duration("claims_statement"),
        note=block.text("note_statement"),
    )


def _range(reader: Reader, node: Node) -> PhaseRange:
    names = [reader.name(t) for t in tokens(node, "NAME")]
    return PhaseRange(names[0], names[1] if len(names) > 1 else None, reader.span(node))


def lower_point(reader: Reader, node: Node) -> PointOfNoReturn:
    """A `point_of_no_return`."""
    name, title = read_title(reader, node)
    block = Block(reader, child(node, "point_block"))
    crossed = block.one("crossed_statement")
    fix = block.one("forward_fix_statement")
    fixes: tuple[Step | Manual, ...] = ()
    if fix is not None:
        inner = Block(reader, child(fix, "forward_fix_block"))
        found = [_item(reader, n) for n in inner.statements]
        fixes = tuple(distinct([i for i in found if isinstance(i, Step | Manual)]))
        reader.unique(fixes, "item", lambda i: i.name)
        if not inner.statements:
            reader.add(EMPTY, reader.span(fix), "this forward fix holds nothing")
    return PointOfNoReturn(
        name,
        title,
        because=block.text("because_statement"),
        crossed_when=None if crossed is None else reader.shell(crossed),
        blocks=block.names("blocks_statement"),
        forward_fix=fixes,
        span=reader.head(node),
    )
