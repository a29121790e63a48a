"""What concerns people: communication, escalation, validation; each may come from a module."""

from __future__ import annotations

from rbdsl.model.errors import WRONG_ORDER
from rbdsl.model.lowering.block import Block
from rbdsl.model.lowering.modules import Call, resolve_call
from rbdsl.model.lowering.nodes import child, part, token, tokens
from rbdsl.model.lowering.reader import Reader
from rbdsl.model.people import Audience, Channel, Communications, Event, Group, Notice, Rung, Window
from rbdsl.model.values import Duration
from rbdsl.syntax.tree import Node

_CHANNELS = ("slack", "pagerduty", "email", "webhook")


def used_block(reader: Reader, node: Node, kind: str) -> tuple[Reader, Node] | None:
    """The block of a statement, or the one that the module it names exports, with its reader."""
    block = child(node, f"{kind}_block")
    if block is not None:
        return reader, block
    inner = child(node, "call") or node
    call = resolve_call(reader, inner, kind)
    return None if call is None else exported_block(call)


def exported_block(call: Call) -> tuple[Reader, Node]:
    """The block that a module exports, and a reader that knows the arguments."""
    block = part(call.export.node, f"{call.export.kind}_block")
    return call.reader, block


def read_communications(
    reader: Reader, nodes: list[Node], parts: list[tuple[Reader, Node]]
) -> Communications:
    """The communications of one or more blocks, taken together."""
    channels: list[Channel] = []
    notices: list[Notice] = []
    audiences: list[Audience] = []
    for inner, block in parts:
        for node in block.nodes():
            if node.kind == "channel":
                channels.append(_channel(inner, node))
            elif node.kind == "notice":
                notices.append(_notice(inner, node))
            else:
                audiences.append(_audience(inner, node))
    return Communications(
        reader.unique(channels, "channel", lambda c: c.name),
        tuple(notices),
        tuple(audiences),
        reader.head(nodes[0]),
    )


def _channel(reader: Reader, node: Node) -> Channel:
    names = tokens(node, "NAME")
    reader.choice(names[0], "channel", _CHANNELS)
    secret = reader.name(names[1]) if len(names) > 1 else None
    return Channel(reader.name(names[0]), reader.text(node), secret, reader.span(node))


def _notice(reader: Reader, node: Node) -> Notice:
    listed = [n for n in node.nodes() if n.kind == "names"]
    for leaf in tokens(listed[1], "NAME"):
        reader.choice(leaf, "event", [e.value for e in Event])
    return Notice(reader.names(listed[0]), reader.names(listed[1]), reader.span(node))


def _audience(reader: Reader, node: Node) -> Audience:
    block = Block(reader, child(node, "audience_block"))
    return Audience(
        reader.string(token(node, "STRING")),
        block.duration("audience_within"),
        block.text("audience_message"),
        reader.head(node),
    )


def read_rungs(parts: list[tuple[Reader, Node]]) -> tuple[Rung, ...]:
    """The rungs of an escalation ladder."""
    rungs = []
    for reader, block in parts:
        for node in block.nodes():
            start, end = read_range(reader, node)
            inner = Block(reader, child(node, "rung_block"))
            rungs.append(
                Rung(
                    reader.string(token(node, "STRING")),
                    start,
                    end,
                    tuple(t for n in inner.all("contact_statement") for t in reader.texts(n)),
                    tuple(t for n in inner.all("do_statement") for t in reader.texts(n)),
                    reader.head(node),
                )
            )
    return tuple(rungs)


def read_windows(parts: list[tuple[Reader, Node]]) -> tuple[Window, ...]:
    """The validation windows."""
    windows = []
    for reader, block in parts:
        for node in block.nodes():
            start, end = read_range(reader, node)
            inner = part(node, "window_block")
            groups = tuple(_group(reader, n) for n in inner.nodes())
            title = reader.string(token(node, "STRING"))
            windows.append(Window(title, start, end, groups, reader.head(node)))
    return tuple(windows)


def _group(reader: Reader, node: Node) -> Group:
    block = part(node, "texts_block")
    title = reader.string(token(node, "STRING"))
    return Group(title, reader.texts(block), reader.head(node))


def read_range(reader: Reader, node: Node) -> tuple[Duration, Duration | None]:
    """`5m..15m`, or `30m..` without an end."""
    found = part(node, "range")
    values = tokens(found, "VALUE")
    start = reader.duration(values[0], zero=True) or Duration(0, reader.span(values[0]))
    end = reader.duration(values[1]) if len(values) > 1 else None
    if end is not None and end.ms <= start.ms:
        reader.add(
            WRONG_ORDER,
            reader.span(found),
            f"the range ends at {end}, before it begins at {start}",
            hint=f"write `{end}..{start}`" if end.ms < start.ms else None,
        )
        end = None
    return start, end
