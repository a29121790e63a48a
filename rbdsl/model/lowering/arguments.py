"""Typed values: of `let` and `param`, and of the arguments of a call."""

from __future__ import annotations

from rbdsl.diagnostics import did_you_mean
from rbdsl.model.errors import UNKNOWN_CHOICE, UNKNOWN_NAME, WRONG_TYPE, WRONG_UNIT
from rbdsl.model.lowering.nodes import part, token, tokens
from rbdsl.model.lowering.quantities import read_duration, read_integer, read_number, read_ratio
from rbdsl.model.lowering.reader import Reader
from rbdsl.model.values import Text, Value, ValueType, a
from rbdsl.source import Span
from rbdsl.syntax.tree import Node, Token

_MOST = 10**15

_EXAMPLES = {
    ValueType.INT: "a whole number stands without quotes, e.g. `3`",
    ValueType.BOOL: "write `true` or `false`, without quotes",
    ValueType.DURATION: "a duration stands without quotes, e.g. `90s`",
    ValueType.RATIO: "a ratio stands without quotes, e.g. `5%`",
}


def read_type(reader: Reader, node: Node) -> ValueType | None:
    """The type that a `type` node names."""
    names = tokens(node, "NAME")
    written = str(names[0]) if len(names) == 1 else f"{names[0]}<{names[1]}>"
    if written in list(ValueType):
        return ValueType(written)
    known = [t.value for t in ValueType]
    reader.add(
        UNKNOWN_CHOICE,
        reader.span(node),
        f"unknown type `{written}`",
        hint=did_you_mean(written, known) or "it can be " + ", ".join(f"`{k}`" for k in known),
    )
    return None


def read_value(reader: Reader, node: Node, wanted: ValueType | None) -> Value | None:
    """The value of an `argument_value` node, of the type wanted or, for None, of its own."""
    span = reader.span(node)
    (leaf,) = node.children
    if isinstance(leaf, Node):
        if leaf.kind == "list":
            return _list(reader, leaf, wanted, span)
        return _text(reader, reader.string(token(leaf)), wanted, span)
    if leaf.type == "NAME":
        return _word(reader, leaf, wanted, span)
    return _number(reader, str(leaf), wanted, span)


def _wrong(reader: Reader, span: Span, found: str, wanted: ValueType, hint: str | None) -> None:
    reader.add(WRONG_TYPE, span, f"{a(wanted)} is needed here, and this is {found}", hint=hint)


def _text(reader: Reader, text: Text, wanted: ValueType | None, span: Span) -> Value | None:
    if wanted is None or wanted is ValueType.STRING:
        return Value(ValueType.STRING, (text,), text.plain, span)
    plain = text.plain
    hints = {
        ValueType.STRINGS: f'put it into brackets: `["{plain}"]`',
        ValueType.NAME: f"write it without quotes: `{plain}`",
    }
    _wrong(reader, span, "a string", wanted, hints.get(wanted, _EXAMPLES.get(wanted)))
    return None


def _list(reader: Reader, node: Node, wanted: ValueType | None, span: Span) -> Value | None:
    items = reader.texts(node)
    if wanted is None or wanted is ValueType.STRINGS:
        return Value(ValueType.STRINGS, items, ", ".join(i.plain for i in items), span)
    _wrong(reader, span, "a list", wanted, None)
    return None


def _word(reader: Reader, leaf: Token, wanted: ValueType | None, span: Span) -> Value | None:
    """`true`, `false`, an identifier where a `name` is wanted, else a variable."""
    word = str(leaf)
    if wanted is ValueType.NAME:
        return _plain(wanted, word, word, span)
    if word in ("true", "false") and wanted in (None, ValueType.BOOL):
        return _plain(ValueType.BOOL, word, word, span)
    if word not in reader.scope:
        reader.add(
            UNKNOWN_NAME,
            span,
            f"unknown variable `{word}`",
            hint=did_you_mean(word, reader.scope) or f'a string stands in quotes: `"{word}"`',
        )
        return None
    variable = reader.scope[word]
    if variable.broken:
        return None
    if wanted is not None and variable.type is not wanted:
        _wrong(reader, span, f"`{word}`, {a(variable.type)}", wanted, None)
        return None
    written = variable.value.written if variable.value else f"${{{word}}}"
    return Value(variable.type, variable.as_items(span), written, span)


def _number(reader: Reader, word: str, wanted: ValueType | None, span: Span) -> Value | None:
    if wanted is None:
        wanted = _type_of_number(word)
    if wanted is ValueType.INT:
        number = reader.kept(read_integer(word, span, least=-_MOST, most=_MOST))
        return None if number is None else _plain(wanted, str(number), word, span)
    if wanted is ValueType.DURATION:
        duration = reader.kept(read_duration(word, span, zero=True))
        if duration is None:
            return None
        seconds, ms = divmod(duration.ms, 1000)
        shell = f"{seconds}.{ms:03d}".rstrip("0") if ms else str(seconds)
        return _plain(wanted, shell, word, span)
    if wanted is ValueType.RATIO:
        ratio = read_ratio(word)
        if ratio is None:
            reader.add(WRONG_UNIT, span, f"`{word}` is no ratio", hint="write `5%` or `0.05`")
            return None
        return _plain(wanted, format(ratio.normalize(), "f"), word, span)
    _wrong(reader, span, f"`{word}`", wanted, f'write it in quotes: `"{word}"`')
    return None


def _type_of_number(word: str) -> ValueType:
    if word.endswith("%"):
        return ValueType.RATIO
    number = read_number(word)
    if number is None:
        return ValueType.DURATION
    return ValueType.RATIO if "." in word else ValueType.INT


def _plain(kind: ValueType, shell: str, written: str, span: Span) -> Value:
    return Value(kind, (Text((shell,), span),), written, span)


def argument_value(node: Node) -> Node:
    """The `argument_value` below an argument, a `let` or a parameter's default."""
    return part(node, "argument_value")
