"""Free Markdown of a plan as inert Markdown: paragraphs, lists, bold, code, and nothing else.

`change`, `note` and `message` may be written in Markdown. What reads as structure here is made
anew from it: a heading, a table, a link, an image or HTML in such a text stays the characters
that it is written with, and nothing in it reaches past its own end.
"""

from __future__ import annotations

import re

from rbdsl.backends.quoting import markdown_code, markdown_fence, markdown_text
from rbdsl.model.values import Text

BAR = "\\|"
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})\s*([A-Za-z0-9_+-]*)[^`]*$")
_ITEM = re.compile(r"( {0,8})([-*+]|\d{1,3}[.)])\s+(?=\S)")
_SPAN = re.compile(
    r"(?<!`)(`+)(?!`)(?P<code>.+?)(?<!`)\1(?!`)|\*\*(?=\S)(?P<bold>[^*`]+?)(?<=\S)\*\*"
)


def prose(text: Text) -> str:
    """A text as blocks of Markdown, which must stand apart from what is before and behind them."""
    return prose_lines(text.plain)


def remark(text: Text) -> str:
    """A text on one line, with bold and code, to be put into a paragraph."""
    return _inline(" ".join(text.plain.split()))


def prose_lines(text: str) -> str:
    """Inert Markdown for a text of any number of lines, without a newline at its end."""
    lines = text.replace("\r\n", "\n").strip("\n").split("\n")
    made: list[str] = []
    at = 0
    while at < len(lines):
        if opening := _FENCE.match(lines[at]):
            end = _closing(lines, at, opening[1])
            fence = markdown_fence("\n".join(lines[at + 1 : end]), opening[2])
            made += ["", fence, ""]
            at = end + 1
            continue
        made.append(_line(lines[at]))
        at += 1
    single = [line for at, line in enumerate(made) if line or (at and made[at - 1])]
    return "\n".join(single).strip("\n")


def sentence(text: str) -> str:
    """One line with its code spans, for a table's cell as well: what the compiler says."""
    made, end = [], 0
    for match in re.finditer(r"`([^`]+)`", text):
        made += [_plain(text[end : match.start()]), cell_code(match[1])]
        end = match.end()
    return "".join([*made, _plain(text[end:])]).strip()


def cell_code(value: object) -> str:
    """A code span for a table's cell.

    A bar there needs more than a backslash: behind a backslash of the text itself that would not
    hold on every host. So such a text is written as an element, with the bar as an entity.
    """
    span = markdown_code(value)
    if "|" not in span:
        return span
    return f"<code>{markdown_text(value).replace(BAR, '&#124;')}</code>"


def _closing(lines: list[str], start: int, fence: str) -> int:
    """The line that closes a fence, or the one behind the last."""
    for at in range(start + 1, len(lines)):
        line = lines[at].strip()
        if len(line) >= len(fence) and set(line) == {fence[0]}:
            return at
    return len(lines)


def _line(line: str) -> str:
    if item := _ITEM.match(line):
        return f"{item[1]}{item[2]} {_inline(line[item.end() :])}"
    return _inline(line.strip())


def _inline(line: str) -> str:
    made, end = [], 0
    for match in _SPAN.finditer(line):
        made.append(_plain(line[end : match.start()]))
        if match["bold"] is not None:
            made.append(f"**{_plain(match['bold'])}**")
        else:
            made.append(markdown_code(match["code"]))
        end = match.end()
    made.append(_plain(line[end:]))
    return "".join(made).strip()


def _plain(text: str) -> str:
    """Escaped, with the blanks at its ends kept: what stands beside it must not touch it."""
    if not text.strip():
        return " " if text else ""
    head = " " if text[0].isspace() else ""
    tail = " " if text[-1].isspace() else ""
    return f"{head}{markdown_text(text)}{tail}"
