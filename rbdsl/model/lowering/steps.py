"""Steps, expectations and artifacts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TypeVar

from rbdsl.diagnostics import Label
from rbdsl.model.errors import EMPTY, OUT_OF_RANGE, WRONG_ARGUMENTS
from rbdsl.model.lowering.block import Block
from rbdsl.model.lowering.modules import Call, check_variable, resolve_call
from rbdsl.model.lowering.nodes import child, has_word, part, token, tokens
from rbdsl.model.lowering.reader import Reader
from rbdsl.model.proof import Check
from rbdsl.model.steps import (
    Artifact,
    Expectation,
    Gate,
    Manual,
    Matcher,
    MatcherKind,
    Notify,
    Retry,
    Step,
)
from rbdsl.model.values import Duration, Name, Text
from rbdsl.syntax.tree import Node

Named = TypeVar("Named", bound=Step | Gate | Manual | Check)

MOST_RETRIES = 100

_TAKEN = frozenset(["manifest.txt", "baseline", ".capture"])
"""What `targets/bash/runtime/capture.sh` keeps for itself at the top of the artifacts folder."""


def read_title(reader: Reader, node: Node) -> tuple[Name, Text]:
    """The name and title of a statement; without a name it is made from the title."""
    title = reader.string(token(node, "STRING"))
    if not title.plain.strip():
        reader.add(EMPTY, title.span, "the title is empty", hint="say in a few words what it is")
    names = tokens(node, "NAME")
    if names:
        return reader.name(names[0]), title
    slug = re.sub(r"[^a-z0-9]+", "_", title.plain.lower()).strip("_")[:48].strip("_")
    if not slug or slug[0].isdigit():
        slug = f"{node.kind.removesuffix('_statement')}_{slug}".strip("_")
    return Name(slug, title.span), title


def distinct(items: Iterable[Named]) -> list[Named]:
    """The items, with names that were made from equal titles told apart by a number."""
    seen: set[str] = set()
    found = []
    for item in items:
        made = item.name.span == item.title.span
        text, number = item.name.text, 2
        while made and text in seen:
            text = f"{item.name.text}_{number}"
            number += 1
        seen.add(text)
        found.append(replace(item, name=Name(text, item.name.span)) if made else item)
    return found


def lower_step(reader: Reader, node: Node) -> Step | None:
    """A `step`, its own or a module's; None where the call it makes is wrong."""
    name, title = read_title(reader, node)
    span = reader.head(node)
    block = Block(reader, child(node, "step_block"))
    call_node = child(node, "call")
    if call_node is None:
        return read_step(reader, block, Step(name, title, span))
    call = resolve_call(reader, call_node, "step")
    if call is None:
        return None
    base = exported_step(call)
    run = block.one("run_statement")
    if run is not None:
        reader.add(
            WRONG_ARGUMENTS,
            reader.span(run),
            f"`{call.export.name}` brings what is run; this step can't have a `run` too",
            labels=[Label(call.span, "the step of the module")],
        )
    bound = replace(base, name=name, title=title, span=span, call=call.span)
    return read_step(reader, block, bound)


def exported_step(call: Call) -> Step:
    """The step that a module exports, with the arguments of a call."""
    node = call.export.node
    title = call.reader.string(token(node, "STRING"))
    block = Block(call.reader, child(node, "step_block"))
    base = Step(call.export.name, title, call.export.name.span, bindings=call.bindings)
    return read_step(call.reader, block, base)


def read_step(reader: Reader, block: Block, base: Step) -> Step:
    """The step that a block makes of a base: what it states replaces, lists add."""
    rerunnable = block.one("rerunnable_statement")
    on_failure = block.one("on_failure_statement")
    policy = None
    if on_failure is not None:
        policy = reader.choice(token(on_failure, "NAME"), "policy", ("abort", "continue"))
    retry = block.one("retry_statement")
    notify = block.one("notify_statement")
    step = replace(
        base,
        services=(*base.services, *block.names("for_statement")),
        uses=(*base.uses, *block.names("uses_statement")),
        creates=(
            *base.creates,
            *(_artifact(reader, n) for n in block.all("creates_statement")),
        ),
        requires=(*base.requires, *block.names("requires_statement")),
        run=block.shell("run_statement") or base.run,
        undo=block.shell("undo_statement") or base.undo,
        done_when=block.shell("done_when_statement") or base.done_when,
        expectations=(*base.expectations, *read_expectations(reader, block)),
        notify=base.notify if notify is None else _notify(reader, notify),
        timeout=block.duration("timeout_statement") or base.timeout,
        takes=block.duration("takes_statement") or base.takes,
        retry=base.retry if retry is None else _retry(reader, retry),
        rerunnable=base.rerunnable if rerunnable is None else reader.span(rerunnable),
        continue_on_failure=base.continue_on_failure if policy is None else policy == "continue",
        on_failure=base.on_failure if on_failure is None else reader.span(on_failure),
        critical=block.text("critical_statement") or base.critical,
        note=block.text("note_statement") or base.note,
    )
    if not block.all("run_statement", "expect_statement", "notify_statement") and not (
        step.run or step.expectations or step.notify
    ):
        reader.add(
            EMPTY,
            step.span,
            f"step `{step.name}` does nothing",
            hint="give it a `run`, an `expect` or a `notify`; what a person does is `manual`",
        )
    return step


def read_expectations(reader: Reader, block: Block) -> list[Expectation]:
    """The `expect` statements of a block."""
    found = []
    for node in block.all("expect_statement"):
        shell = reader.shell(node)
        if shell is None:
            continue
        labels = reader.texts(node)
        within, every = read_poll(reader, node)
        matcher = child(node, "matcher")
        found.append(
            Expectation(
                labels[0] if labels else None,
                shell,
                None if matcher is None else _matcher(reader, matcher),
                within,
                every,
                reader.span(node),
            )
        )
    return found


def read_poll(reader: Reader, node: Node) -> tuple[Duration | None, Duration | None]:
    """`within 60s every 5s` of a statement, or two times None."""
    poll = child(node, "poll")
    if poll is None:
        return None, None
    values = [reader.duration(n) for n in poll.nodes()]
    return values[0], values[1] if len(values) > 1 else None


def _matcher(reader: Reader, node: Node) -> Matcher:
    kind = MatcherKind(str(node.children[0]))
    names = tokens(node, "NAME")
    if names:
        artifact = reader.reference(names[0])
        return Matcher(kind, Text((artifact.text,), artifact.span), artifact, reader.span(node))
    return Matcher(kind, reader.text(node), None, reader.span(node))


def _artifact(reader: Reader, node: Node) -> Artifact:
    names = tokens(node, "NAME")
    name = reader.name(names[0])
    check_variable(reader, name)
    checksum = None
    if len(names) > 1 and reader.choice(names[1], "checksum", ("sha256", "sha512")):
        checksum = reader.name(names[1])
    path = reader.text(node)
    plain = path.plain
    parts = PurePosixPath(plain.lower()).parts
    if not plain.strip() or not parts or parts[0].startswith("/") or ".." in parts:
        reader.add(
            OUT_OF_RANGE,
            path.span,
            f"`{plain}` does not lie below the artifacts folder",
            hint="give a relative path without `..`",
        )
    elif parts[0] in _TAKEN:
        reader.add(
            OUT_OF_RANGE,
            path.span,
            f"`{plain}` is where the capture keeps its own records",
            hint="give the artifact another path",
        )
    return Artifact(name, path, checksum, reader.span(node))


def _notify(reader: Reader, node: Node) -> Notify:
    listed = part(node, "names")
    severity = None
    if has_word(node, "SEVERITY"):
        word = token(node, "NAME")
        if reader.choice(word, "severity", ("info", "low", "medium", "high", "critical")):
            severity = reader.name(word)
    return Notify(reader.names(listed), severity, reader.span(node))


def _retry(reader: Reader, node: Node) -> Retry | None:
    values = list(node.nodes())
    count = reader.integer(values[0], least=1, most=MOST_RETRIES)
    delay = reader.duration(values[1]) if len(values) > 1 else None
    return None if count is None else Retry(count, delay, reader.span(node))
