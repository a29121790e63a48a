"""What proves a plan: capture, verification, testing evidence, regions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from rbdsl.diagnostics import Label
from rbdsl.model.errors import DUPLICATE_NAME, EMPTY
from rbdsl.model.keeping import Baseline, Capture, Fact
from rbdsl.model.lowering.block import Block
from rbdsl.model.lowering.bounds import lower_bound
from rbdsl.model.lowering.decisions import lower_gate
from rbdsl.model.lowering.modules import Call, check_variable, resolve_call
from rbdsl.model.lowering.nodes import child, has_word, part, token, tokens
from rbdsl.model.lowering.reader import Reader
from rbdsl.model.lowering.steps import (
    distinct,
    lower_step,
    read_expectations,
    read_title,
)
from rbdsl.model.metrics import Metric
from rbdsl.model.proof import Check, ChecklistItem, Rehearsal, Testing, TestRun, Verification
from rbdsl.model.regions import Regions, Wave
from rbdsl.model.steps import Artifact, Gate
from rbdsl.model.values import Name, Reference, Text
from rbdsl.syntax.tree import Node


def lower_capture(reader: Reader, node: Node) -> Capture:
    """The `capture` block."""
    block = Block(reader, child(node, "capture_block"))
    facts = []
    for fact in block.all("fact_statement"):
        label, value = reader.texts(fact)
        facts.append(Fact(label, value, reader.span(fact)))
    steps = distinct([s for n in block.all("step") if (s := lower_step(reader, n)) is not None])
    return Capture(
        tuple(facts),
        reader.unique(steps, "step", lambda s: s.name),
        _baseline(reader, block.one("baseline_statement")),
        reader.head(node),
    )


def _baseline(reader: Reader, node: Node | None) -> Baseline | None:
    """`baseline` and a command; where it looks at the region, each region has its own file."""
    shell = None if node is None else reader.shell(node)
    if node is None or shell is None:
        return None
    word = next(node.tokens())
    span = reader.span(word)
    name = reader.name(word)
    check_variable(reader, name)
    folder: tuple[str | Reference, ...] = ("baseline/",)
    if "region" in reader.scope and re.search(r"\$\{?region\b", shell.text):
        folder = ("baseline/", Reference("region", None, span), "/")
    path = Text((*folder, "snapshot.txt"), span)
    return Baseline(shell, Artifact(name, path, Name("sha256", span), span), reader.head(node))


def lower_verification(reader: Reader, node: Node, metrics: Mapping[str, Metric]) -> Verification:
    """The `verification` block."""
    block = Block(reader, child(node, "verification_block"))
    checks = [c for n in block.all("check") if (c := _check(reader, n)) is not None]
    bounds = [b for n in block.all("metric_bound") if (b := lower_bound(reader, n, metrics))]
    return Verification(
        reader.unique(distinct(checks), "check", lambda c: c.name),
        tuple(bounds),
        tuple(reader.text(n) for n in block.all("confirm_statement")),
        reader.head(node),
    )


def _check(reader: Reader, node: Node) -> Check | None:
    name, title = read_title(reader, node)
    base = Check(name, title, has_word(node, "WARN"), reader.head(node))
    call_node = child(node, "call")
    if call_node is not None:
        call = resolve_call(reader, call_node, "check")
        if call is None:
            return None
        exported = exported_check(call)
        base = replace(
            exported, name=name, title=title, warn=base.warn or exported.warn, span=base.span
        )
    return _read_check(reader, Block(reader, child(node, "check_block")), base)


def exported_check(call: Call) -> Check:
    """The check that a module exports, with the arguments of a call."""
    node = call.export.node
    title = call.reader.string(token(node, "STRING"))
    name = call.export.name
    base = Check(name, title, has_word(node, "WARN"), name.span, bindings=call.bindings)
    return _read_check(call.reader, Block(call.reader, child(node, "check_block")), base)


def _read_check(reader: Reader, block: Block, base: Check) -> Check:
    check = replace(
        base,
        subjects=(*base.subjects, *block.names("for_statement")),
        expectations=(*base.expectations, *read_expectations(reader, block)),
        uses=(*base.uses, *block.names("uses_statement")),
        requires=(*base.requires, *block.names("requires_statement")),
        timeout=block.duration("timeout_statement") or base.timeout,
        note=block.text("note_statement") or base.note,
    )
    if not check.expectations and not block.all("expect_statement"):
        reader.add(
            EMPTY,
            check.span,
            f"check `{check.name}` expects nothing",
            hint='say what has to hold: ``expect `command` equals "…"``',
        )
    return check


def lower_testing(reader: Reader, node: Node) -> Testing:
    """The `testing` block."""
    block = Block(reader, child(node, "testing_block"))
    rehearsal = block.one("rehearsal")
    items = [
        ChecklistItem(n.kind == "done_statement", reader.text(n), reader.span(n))
        for part in block.all("checklist")
        for n in Block(reader, child(part, "checklist_block")).statements
    ]
    return Testing(
        tuple(_test_run(reader, n) for n in block.all("test_run")),
        None if rehearsal is None else _rehearsal(reader, rehearsal),
        tuple(items),
        reader.head(node),
    )


def _test_run(reader: Reader, node: Node) -> TestRun:
    names = [reader.name(t) for t in tokens(node, "NAME")]
    block = Block(reader, child(node, "test_run_block"))
    return TestRun(
        names[0],
        names[1] if len(names) > 1 else None,
        deploy=block.shell("deploy_statement"),
        passed=block.timestamp("passed_statement"),
        failed=block.timestamp("failed_statement"),
        took=block.duration("took_statement"),
        evidence=block.text("evidence_statement"),
        note=block.text("note_statement"),
        span=reader.head(node),
    )


def _rehearsal(reader: Reader, node: Node) -> Rehearsal:
    block = Block(reader, child(node, "rehearsal_block"))
    return Rehearsal(
        planned=block.timestamp("planned_statement"),
        held=block.timestamp("held_statement"),
        duration=block.duration("duration_statement"),
        participants=tuple(t for n in block.all("participants_statement") for t in reader.texts(n)),
        evidence=block.text("evidence_statement"),
        note=block.text("note_statement"),
        span=reader.head(node),
    )


def lower_regions(reader: Reader, node: Node) -> Regions:
    """The `regions` block: waves in order, with the gates between them."""
    block = Block(reader, child(node, "regions_block"))
    seen: dict[str, Name] = {}
    entries: list[Wave | Gate] = []
    gates = iter(distinct([lower_gate(reader, n) for n in block.all("gate")]))
    for statement in block.statements:
        if statement.kind == "gate":
            entries.append(next(gates))
            continue
        listed = part(statement, "names")
        names = reader.names(listed)
        for name in names:
            if name.text in seen:
                reader.add(
                    DUPLICATE_NAME,
                    name.span,
                    f"region `{name}` is in two waves",
                    labels=[Label(seen[name.text].span, "first here")],
                )
        entries.append(Wave(tuple(n for n in names if n.text not in seen), reader.span(statement)))
        seen.update({n.text: n for n in names})
    if not seen:
        reader.add(EMPTY, reader.head(node), "there are no regions", hint="add `wave region-name`")
    return Regions(tuple(entries), reader.head(node))
