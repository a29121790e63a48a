"""The short statements of a plan: level, window, automation, risk, services, archive, hooks."""

from __future__ import annotations

from rbdsl.diagnostics import Label
from rbdsl.model.errors import WRONG_ORDER
from rbdsl.model.keeping import Archive
from rbdsl.model.lowering.block import Block
from rbdsl.model.lowering.nodes import child, token, tokens
from rbdsl.model.lowering.reader import Reader
from rbdsl.model.people import Event, Hook
from rbdsl.model.plan import Automation, Level, Risk, Service
from rbdsl.model.values import ChangeWindow
from rbdsl.syntax.tree import Node


def read_level(reader: Reader, node: Node, block: Block) -> Level | None:
    """The level that the plan has to reach; it can't be missing."""
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


def read_automation(reader: Reader, node: Node | None) -> Automation | None:
    """How much a person takes part, or None where nothing is said."""
    if node is None:
        return None
    word = reader.choice(token(node, "NAME"), "automation", [a.value for a in Automation])
    return None if word is None else Automation(word)


def read_window(reader: Reader, node: Node | None) -> ChangeWindow | None:
    """`window START..END`; one that ends before it begins is reported."""
    if node is None:
        return None
    start, end = (reader.timestamp(t) for t in tokens(node, "VALUE"))
    if start is None or end is None:
        return None
    if end.at <= start.at:
        reader.add(
            WRONG_ORDER, end.span, f"the change window ends on {end}, before it begins",
            labels=[Label(start.span, "begins here")],
            hint=f"write `window {end}..{start}`" if end.at < start.at else "give it some time",
        )  # fmt: skip
        return None
    return ChangeWindow(start, end, reader.span(node))


def read_risk(reader: Reader, node: Node | None) -> Risk | None:
    """`risk high "why"`."""
    if node is None:
        return None
    word = token(node, "NAME")
    reader.choice(word, "risk", ("low", "medium", "high", "critical"))
    reasons = reader.texts(node)
    return Risk(reader.name(word), reasons[0] if reasons else None, reader.span(node))


def read_service(reader: Reader, node: Node) -> Service:
    """`service name in environment { version "old" -> "new" }`."""
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


def read_archive(reader: Reader, node: Node | None) -> Archive | None:
    """`archive s3 "…"` or `archive folder "…"`."""
    if node is None:
        return None
    word = token(node, "NAME")
    reader.choice(word, "archive", ("folder", "s3"))
    return Archive(reader.name(word), reader.text(node), reader.span(node))


def read_hook(reader: Reader, node: Node) -> Hook | None:
    """A hook and its event; None where it is wrong."""
    event = token(node, "NAME")
    shell = reader.shell(node)
    if reader.choice(event, "event", [e.value for e in Event]) is None or shell is None:
        return None
    return Hook(reader.name(event), shell, reader.span(node))
