"""Which of the `# rbc: …` of a text are comments: not those in texts, nor in what shell writes.

A here-document and a string of shell are data (`cat >settings.yaml <<EOF`), unless the statement
runs them as shell itself, here or on a host: then its comments are heard.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from rbdsl.analysis.shell_comments import is_heard
from rbdsl.patterns import lazy_pattern

_TOKEN = lazy_pattern(
    r'(?P<text>"""(?:[^"\\]|\\[\s\S]|"{1,2}(?!"))*"""|"(?!"")[^"\\\n]*(?:\\[^\n][^"\\\n]*)*")'
    r"|(?P<fence>(?P<ticks>`{3,})[^`\n]*\n(?P<body>[\s\S]*?\n)??[ \t]*(?P=ticks)(?!`))"
    r"|`(?!`)(?P<inline>[^`\n]+)`"
    r"|#[^\n]*"
)


def comments(text: str, pattern: str) -> list[re.Match[str]]:
    """What matches in the text of a plan or module, where it stands in a comment."""
    found = list(re.finditer(pattern, text))
    if not found:
        return []
    tokens = list(_TOKEN.finditer(text))
    starts = [token.start() for token in tokens]
    return [m for m in found if _is_comment(m.start(), tokens[bisect_right(starts, m.start()) - 1])]


def _is_comment(at: int, token: re.Match[str]) -> bool:
    """`token` is the last one that begins before it; a comment is one itself."""
    if not token.start() <= at < token.end():
        return True
    if token["text"] is not None:
        return False
    if token["inline"] is not None:
        return is_heard(token["inline"], at - token.start("inline"))
    if token["fence"] is None or token["body"] is None:
        return True
    return _in_fence(token["body"], at - token.start("body"))


def _in_fence(body: str, at: int) -> bool:
    """As `is_heard`, in lines that are indented as the plan is."""
    lines = body.replace("\r", " ").split("\n")
    filled = [line for line in lines if line.strip()]
    indent = min((len(line) - len(line.lstrip(" \t")) for line in filled), default=0)
    before = body[:at]
    number = before.count("\n")
    column = at - (before.rfind("\n") + 1) - indent
    dedented = [line[indent:] for line in lines]
    return is_heard("\n".join(dedented), sum(len(x) + 1 for x in dedented[:number]) + column)
