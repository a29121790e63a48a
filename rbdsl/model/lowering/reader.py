"""Reads statements of a syntax tree into values, and reports what does not fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from rbdsl.diagnostics import Code, Diagnostic, Label, did_you_mean
from rbdsl.model.errors import (
    DUPLICATE_NAME,
    UNKNOWN_CHOICE,
    UNKNOWN_NAME,
    WRONG_TYPE,
)
from rbdsl.model.lowering.exports import Module
from rbdsl.model.lowering.nodes import token, tokens
from rbdsl.model.lowering.quantities import read_duration, read_integer, read_timestamp
from rbdsl.model.lowering.scope import Scope
from rbdsl.model.lowering.texts import read_shell, read_text
from rbdsl.model.values import Duration, Name, Shell, Text, Timestamp, ValueType, a
from rbdsl.source import Source, Span
from rbdsl.syntax.tree import Node, Token

T = TypeVar("T")


class Reader:
    """Reads the nodes of one source within one scope; all readers of a plan share `report`."""

    def __init__(
        self,
        source: Source,
        scope: Scope,
        report: list[Diagnostic],
        modules: Mapping[str, Module] | None = None,
    ) -> None:
        self.source = source
        self.scope = scope
        self.report = report
        self.modules: Mapping[str, Module] = {} if modules is None else modules
        """The modules in use by alias; the file's own exports stand under `""`."""
        self.broken: set[str] = set()
        """Metrics whose declaration has been reported, so that their uses are not."""

    def within(self, scope: Scope) -> Reader:
        """A reader of the same source with another scope."""
        inner = Reader(self.source, scope, self.report, self.modules)
        inner.broken = self.broken
        return inner

    # -- places -----------------------------------------------------------------------------

    def span(self, tree: Node | Token) -> Span:
        """Where a node or token stands."""
        if isinstance(tree, Node):
            return Span(self.source, tree.start, tree.end)
        return Span(self.source, tree.start_pos or 0, tree.end_pos or 0)

    def head(self, node: Node) -> Span:
        """A statement without its block: what a message about the whole of it underlines."""
        last = node
        children = node.children
        end = node.end
        tail = children[-1]
        if isinstance(tail, Node) and tail.kind.endswith("_block") and len(children) > 1:
            previous = children[-2]
            end = previous.end if isinstance(previous, Node) else previous.end_pos or end
        return Span(self.source, last.start, end)

    # -- values -----------------------------------------------------------------------------

    def name(self, token: Token) -> Name:
        """A name that is declared here, as it is written."""
        return Name(str(token), self.span(token))

    def reference(self, token: Token) -> Name:
        """A name that is mentioned: a module's parameter of type `name` stands for its argument."""
        word = str(token)
        if word in self.scope:
            variable = self.scope[word]
            value = variable.value
            if variable.inline and variable.type is ValueType.NAME and value is not None:
                return Name(value.plain, value.span)
        return self.name(token)

    def names(self, node: Node) -> tuple[Name, ...]:
        """The names of a `names` list, each once."""
        found: dict[str, Name] = {}
        for name in (self.reference(t) for t in tokens(node, "NAME")):
            if name.text in found:
                self.add(
                    DUPLICATE_NAME, name.span, f"`{name}` stands in this list twice",
                    labels=[Label(found[name.text].span, "first here")],
                )  # fmt: skip
            else:
                found[name.text] = name
        return tuple(found.values())

    def string(self, token: Token) -> Text:
        """A text token, with its references resolved."""
        return read_text(
            self.source, token.start_pos or 0, token.end_pos or 0, self.scope, self.report
        )

    def text(self, node: Node) -> Text:
        """The `text` child of a statement."""
        return self.texts(node)[0]

    def texts(self, node: Node) -> tuple[Text, ...]:
        """Every `text` below a statement, in order, those of a `texts` list too."""
        found: list[Text] = []
        for child in node.children:
            if isinstance(child, Node):
                if child.kind == "text":
                    found.append(self.string(token(child)))
                elif child.kind == "texts":
                    found.extend(self.texts(child))
            elif child.type in ("STRING", "TEXT"):
                found.append(self.string(child))
        return tuple(found)

    def shell(self, node: Node) -> Shell | None:
        """The `shell` child of a statement, or None where there is none or it is wrong."""
        for child in node.nodes():
            if child.kind == "shell":
                return self.kept(read_shell(self.source, child.start, child.end))
        return None

    def duration(self, tree: Node | Token, *, zero: bool = False) -> Duration | None:
        """A VALUE token, or a `value` node, which may also name a variable."""
        if isinstance(tree, Node):
            leaf = token(tree)
            if leaf.type == "NAME":
                return self._named_duration(leaf)
            tree = leaf
        return self.kept(read_duration(str(tree), self.span(tree), zero=zero))

    def integer(self, tree: Node | Token, *, least: int, most: int) -> int | None:
        """A whole number within bounds; a `value` node may also name a variable."""
        if isinstance(tree, Node):
            leaf = token(tree)
            if leaf.type == "NAME":
                written = self._named(leaf, ValueType.INT)
                if written is None:
                    return None
                return self.kept(read_integer(written, self.span(leaf), least=least, most=most))
            tree = leaf
        return self.kept(read_integer(str(tree), self.span(tree), least=least, most=most))

    def timestamp(self, tree: Token) -> Timestamp | None:
        """A VALUE token that is a point in time."""
        return self.kept(read_timestamp(str(tree), self.span(tree)))

    def choice(self, tree: Token, what: str, choices: Iterable[str]) -> str | None:
        """A NAME token that has to be one of a few words."""
        words = list(choices)
        if str(tree) in words:
            return str(tree)
        self.add(
            UNKNOWN_CHOICE,
            self.span(tree),
            f"unknown {what} `{tree}`",
            hint=did_you_mean(str(tree), words)
            or "it can be " + ", ".join(f"`{w}`" for w in words),
        )
        return None

    def _named_duration(self, leaf: Token) -> Duration | None:
        written = self._named(leaf, ValueType.DURATION)
        if written is None:
            return None
        return self.kept(read_duration(written, self.span(leaf)))

    def _named(self, leaf: Token, wanted: ValueType) -> str | None:
        """The spelling of a variable's value that is final when compiling."""
        name = str(leaf)
        if name not in self.scope:
            self.add(
                UNKNOWN_NAME, self.span(leaf), f"unknown variable `{name}`",
                hint=did_you_mean(name, self.scope),
            )  # fmt: skip
            return None
        variable = self.scope[name]
        if variable.broken:
            return None
        if variable.type is not wanted:
            self.add(
                WRONG_TYPE, self.span(leaf),
                f"`{name}` is {a(variable.type)}, and {a(wanted)} is needed",
            )  # fmt: skip
            return None
        if variable.value is None or not variable.fixed:
            if variable.value is not None or not variable.inline:
                self.add(
                    WRONG_TYPE, self.span(leaf),
                    f"`{name}` is known only when the script runs, and needed when compiling",
                    hint="use a `let`, or write the value here",
                )  # fmt: skip
            return None
        return variable.value.written

    # -- reporting ----------------------------------------------------------------------------

    def kept(self, value: T | Diagnostic) -> T | None:
        """The value, or None once what is wrong with it has been reported."""
        if isinstance(value, Diagnostic):
            self.report.append(value)
            return None
        return value

    def add(
        self,
        code: Code,
        span: Span,
        message: str,
        *,
        labels: Iterable[Label] = (),
        hint: str | None = None,
        notes: Iterable[str] = (),
    ) -> None:
        """Reports a finding."""
        self.report.append(code.at(span, message, labels=labels, hint=hint, notes=notes))

    def unique(self, items: Iterable[T], what: str, name: Callable[[T], Name]) -> tuple[T, ...]:
        """The items, later ones of the same name reported and left out."""
        found: dict[str, T] = {}
        for item in items:
            key = name(item)
            if key.text in found:
                self.add(
                    DUPLICATE_NAME,
                    key.span,
                    f"there are two {what}s named `{key}`",
                    labels=[
                        Label(key.span, "again here"),
                        Label(name(found[key.text]).span, "first here"),
                    ],
                    hint="give one of them another name",
                )
            else:
                found[key.text] = item
        return tuple(found.values())
