"""What people do or decide in a phase: gates and manual steps."""

from __future__ import annotations

from rbdsl.model.lowering.block import Block
from rbdsl.model.lowering.nodes import child, token
from rbdsl.model.lowering.reader import Reader
from rbdsl.model.lowering.steps import read_title
from rbdsl.model.steps import Gate, Manual
from rbdsl.syntax.tree import Node


def lower_gate(reader: Reader, node: Node) -> Gate:
    """A `gate`."""
    name, title = read_title(reader, node)
    block = Block(reader, child(node, "gate_block"))
    approvers = block.one("approvers_statement")
    otherwise = block.one("otherwise_statement")
    policy = None
    if otherwise is not None:
        policy = reader.choice(token(otherwise, "NAME"), "policy", ("abort", "continue"))
    return Gate(
        name,
        title,
        reader.head(node),
        approvers=() if approvers is None else reader.texts(approvers),
        timeout=block.duration("timeout_statement"),
        continue_otherwise=policy == "continue",
        note=block.text("note_statement"),
        otherwise=None if otherwise is None else reader.span(otherwise),
    )


def lower_manual(reader: Reader, node: Node) -> Manual:
    """A `manual` step."""
    name, title = read_title(reader, node)
    block = Block(reader, child(node, "manual_block"))
    return Manual(
        name,
        title,
        reader.head(node),
        by=block.text("by_statement"),
        takes=block.duration("takes_statement"),
        timeout=block.duration("timeout_statement"),
        note=block.text("note_statement"),
    )
