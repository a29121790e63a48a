"""Texts and shell: escapes, `${name}`, dedenting."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Diagnostic, did_you_mean
from rbdsl.model.errors import EMPTY, UNKNOWN_NAME
from rbdsl.model.lowering.scope import Scope
from rbdsl.model.values import Reference, Shell, Text
from rbdsl.patterns import lazy_pattern
from rbdsl.source import Source, Span
from rbdsl.syntax.errors import BAD_CHARACTER, BAD_ESCAPE

_INVISIBLE = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff"
_SPECIAL = lazy_pattern(rf"\\(u\{{[^}}]*\}}?|[\s\S])|\$\{{([^}}\n\"]*)(\}}?)|[{_INVISIBLE}]")
_SIMPLE = {'"': '"', "\\": "\\", "n": "\n", "t": "\t", "$": "$"}
_NAME = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_]*(?:-+[A-Za-z0-9_]+)*")
_FORBIDDEN = lazy_pattern(rf"[{_INVISIBLE}\ud800-\udfff]")


def read_text(source: Source, start: int, end: int, scope: Scope, report: list[Diagnostic]) -> Text:
    """The text between two offsets that hold its quotes too.

    What is wrong inside is reported and left out.
    """
    span = Span(source, start, end)
    if source.text.startswith('"""', start):
        parts = [
            part
            for at, line in _dedented(source.text, start + 3, end - 3)
            for part in _pieces(source, line, at, scope, report)
        ]
        return Text(tuple(_joined(_stripped(parts))), span)
    raw = source.text[start + 1 : end - 1]
    return Text(tuple(_joined(_pieces(source, raw, start + 1, scope, report))), span)


def _pieces(
    source: Source, raw: str, offset: int, scope: Scope, report: list[Diagnostic]
) -> Iterator[str | Reference]:
    at = 0
    for match in _SPECIAL.finditer(raw):
        yield raw[at : match.start()]
        at = match.end()
        span = Span(source, offset + match.start(), offset + match.end())
        if match[1] is not None:
            yield _escape(match[1], span, report)
        elif match[2] is not None:
            yield from _reference(match[2], match[3], span, scope, report)
        elif match[0] != "\r":
            report.append(
                BAD_CHARACTER.at(
                    span,
                    f"the invisible character U+{ord(match[0]):04X} can't stand in a text",
                    hint="remove it",
                )
            )
    yield raw[at:]


def _escape(written: str, span: Span, report: list[Diagnostic]) -> str:
    simple = _SIMPLE.get(written)
    if simple is not None:
        return simple
    number = re.fullmatch(r"u\{([0-9A-Fa-f]{1,6})\}", written)
    if number and int(number[1], 16) <= 0x10FFFF:
        character = chr(int(number[1], 16))
        if not _FORBIDDEN.match(character):
            return character
        report.append(
            BAD_ESCAPE.at(span, f"the character U+{ord(character):04X} can't stand in a text")
        )
        return ""
    report.append(
        BAD_ESCAPE.at(
            span,
            f"unknown escape `\\{written.splitlines()[0] if written.strip() else ''}`",
            hint='a backslash itself is written `\\\\`; known are `\\"`, `\\n`, `\\t`, `\\$` and '
            "`\\u{…}`",
        )
    )
    return ""


def _reference(
    name: str, closing: str, span: Span, scope: Scope, report: list[Diagnostic]
) -> tuple[str | Reference, ...]:
    if not closing or not _NAME.fullmatch(name):
        report.append(
            BAD_ESCAPE.at(
                span,
                "`${` begins a reference such as `${name}`",
                hint="for the two characters themselves write `\\${`",
            )
        )
        return ()
    if name not in scope:
        report.append(
            UNKNOWN_NAME.at(
                span,
                f"unknown variable `{name}`",
                hint=did_you_mean(name, scope) or f"declare it: `let {name} = …`",
            )
        )
        return ()
    return scope[name].parts(span)


def _joined(parts: Iterator[str | Reference] | list[str | Reference]) -> Iterator[str | Reference]:
    """Without empty pieces, and with neighbouring literal ones in one."""
    literal = ""
    for part in parts:
        if isinstance(part, str):
            literal += part
            continue
        if literal:
            yield literal
        literal = ""
        yield part
    if literal:
        yield literal


def _stripped(parts: list[str | Reference]) -> list[str | Reference]:
    """Without the line ends at both ends of a block of Markdown."""
    joined = list(_joined(parts))
    if joined and isinstance(joined[0], str):
        joined[0] = joined[0].lstrip("\n")
    if joined and isinstance(joined[-1], str):
        joined[-1] = joined[-1].rstrip("\n ")
    return joined


def read_shell(source: Source, start: int, end: int) -> Shell | Diagnostic:
    """The shell between two offsets that hold its backticks too, or EMPTY."""
    span = Span(source, start, end)
    text = source.text
    if not text.startswith("```", start):
        inner = text[start + 1 : end - 1]
        lines = [(start + 1 + len(inner) - len(inner.lstrip()), inner.strip())]
    else:
        begin = text.index("\n", start) + 1
        lines = [
            (at, line.rstrip("\r\n"))
            for at, line in _dedented(text, begin, max(begin, text.rindex("\n", start, end) + 1))
        ]
        while lines and not lines[-1][1].strip():
            lines.pop()
        while lines and not lines[0][1].strip():
            lines.pop(0)
    code = "\n".join(line for _, line in lines)
    if not code.strip():
        return EMPTY.at(span, "there is no shell between these backticks")
    bad = _FORBIDDEN.search(code)
    if bad is not None:
        row = code.count("\n", 0, bad.start())
        at = lines[row][0] + bad.start() - (code.rfind("\n", 0, bad.start()) + 1)
        return BAD_CHARACTER.at(
            Span(source, at, at + 1),
            f"the invisible character U+{ord(bad[0]):04X} can't stand in shell",
            hint="remove it, or write it with `printf`",
        )
    return Shell(code, span, tuple(at for at, _ in lines))


def _dedented(text: str, start: int, end: int) -> list[tuple[int, str]]:
    """The lines between two offsets, each with its own offset, without their common indent.

    Lines keep their line ends, which become LF. The first line of a text that begins behind its
    quotes has no indent to count.
    """
    lines: list[tuple[int, str]] = []
    at = start
    while at < end:
        stop = text.find("\n", at, end)
        stop = end if stop < 0 else stop + 1
        lines.append((at, text[at:stop]))
        at = stop
    counted = lines if start == 0 or text[start - 1] == "\n" else lines[1:]
    margins = [line[: len(line) - len(line.lstrip(" \t"))] for _, line in counted if line.strip()]
    margin = _common_prefix(margins)
    dedented = []
    for offset, line in lines:
        cut = len(margin) if line.startswith(margin) else 0
        body = line[cut:] if line.strip() else line.lstrip(" \t\r")
        shift = cut if line.strip() else len(line) - len(body)
        dedented.append((offset + shift, body.replace("\r\n", "\n")))
    return dedented


def _common_prefix(texts: list[str]) -> str:
    if not texts:
        return ""
    first, last = min(texts), max(texts)
    length = 0
    while length < len(first) and first[length] == last[length]:
        length += 1
    return first[:length]
