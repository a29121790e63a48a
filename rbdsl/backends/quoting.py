"""Makes any text inert where it is written to: in a shell, in a shell comment, in Markdown.

The shell forms hold for every character but NUL, which no shell variable can hold: it and lone
surrogates become U+FFFD. All other characters come back from bash byte by byte.
"""

from __future__ import annotations

import re
import unicodedata

_PLAIN = re.compile(r"[A-Za-z0-9_./:=@%+,-]+\Z")
_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_SINGLE_QUOTES = frozenset("\u2018\u2019\u201a\u201b")
_DOUBLE_QUOTES = frozenset("\u201c\u201d\u201e\u201f")


def sh(value: object) -> str:
    """A text as one word of bash, quoted so that nothing in it is special.

    The most readable form that is safe is chosen: `'…'`, `"…"` where only an apostrophe is in the
    way, and `$'…'` for everything that a reader could misread (control and direction characters)
    or that ShellCheck takes for a slip of the pen (`$` in single quotes, a leading `~`).
    """
    text = _representable(str(value))
    hidden = any(_is_hidden(c) for c in text)
    if hidden or any(c in "$`\\" for c in text) or text.startswith("~"):
        return "$'" + "".join(_ansi_c(c) for c in text) + "'"
    apostrophes = "'" in text or not _SINGLE_QUOTES.isdisjoint(text)
    quotes = '"' in text or not _DOUBLE_QUOTES.isdisjoint(text)
    if not apostrophes:
        return f"'{text}'"
    if not quotes:
        return f'"{text}"'
    return "$'" + "".join(_ansi_c(c) for c in text) + "'"


def word(value: object) -> str:
    """Like `sh`, without quotes where a text needs none, for lists of commands and names."""
    text = str(value)
    return text if _PLAIN.match(text) else sh(text)


def _ansi_c(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if _is_hidden(char):
        return "".join(f"\\x{byte:02x}" for byte in char.encode())
    if char in _SINGLE_QUOTES or char in _DOUBLE_QUOTES:
        return "".join(f"\\x{byte:02x}" for byte in char.encode())
    return char


def _is_hidden(char: str) -> bool:
    """Control, format, separator and private characters: nothing a reader could see."""
    return not ("\x20" <= char < "\x7f") and (
        unicodedata.category(char) in {"Cc", "Cf", "Cn", "Co", "Zl", "Zp"}
        or (char.isspace() and char != " ")
    )


def _representable(text: str) -> str:
    return "".join("\ufffd" if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in text)


def comment_text(value: object) -> str:
    """A text as the rest of a comment line: one line, nothing hidden, no directive of a linter."""
    text = " ".join(_representable(str(value)).split())
    text = "".join("\ufffd" if _is_hidden(c) else c for c in text)
    return f"- {text}" if text.lower().startswith("shellcheck") else text


_MARKDOWN = re.compile(r"[\\`*\[\]<|$~]|(?<![^\W_])_|_(?![^\W_])|&(?=[#A-Za-z])|(?:(?<=\s)|^)#")
_MARKDOWN_START = re.compile(r"[-+=:>]|\d+[.)]")


def markdown_text(value: object) -> str:
    """A text as inert Markdown on one line: in a table's cell, a heading, a list or a paragraph.

    White space becomes one blank. Underscores inside of words stay as they are, since they mean
    nothing there and `error_rate` has to be readable in the source as well.
    """
    text = " ".join(_representable(str(value)).split())
    text = "".join("\ufffd" if _is_hidden(c) else c for c in text)
    text = _MARKDOWN.sub(r"\\\g<0>", text)
    if start := _MARKDOWN_START.match(text):
        at = start.end() - 1
        text = f"{text[:at]}\\{text[at:]}"
    return text


def markdown_code(value: object, *, in_table: bool = False) -> str:
    """A text as a code span on one line; in a table a bar is escaped, as code hosts want it."""
    text = " ".join(_representable(str(value)).split())
    text = "".join("\ufffd" if _is_hidden(c) else c for c in text)
    if not text:
        return ""
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    span = f"{ticks}{pad}{text}{pad}{ticks}"
    return span.replace("|", "\\|") if in_table else span


def markdown_fence(value: object, language: str = "") -> str:
    """A text as a fenced block by a fence longer than any in it, without a newline after it."""
    text = _representable(str(value)).rstrip("\n")
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}{language}\n{text}\n{fence}"
