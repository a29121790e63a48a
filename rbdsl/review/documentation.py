"""The documentation of a rule, which is Markdown, as a page in the terminal.

Knows what these texts are made of: paragraphs, `##` headings, lists, fenced examples.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from rbdsl.review.text import Page
from rbdsl.review.visible import visible

_FENCE = re.compile(r"\s*(`{3,})")
_ITEM = re.compile(r"(\s*[-*] |\s*\d+\. )")
_INDENT = "    "
_WIDEST = 88


def render(markdown: str, page: Page) -> str:
    """The text, paragraphs filled to the width of the page, examples indented and untouched."""
    return "\n".join(_rows(markdown.strip("\n").splitlines(), page))


def _rows(lines: list[str], page: Page) -> Iterator[str]:
    paragraph: list[str] = []
    fence = ""
    for line in lines:
        mark = _FENCE.match(line)
        if fence:
            if mark and line.strip() == fence:
                fence = ""
            else:
                yield (_INDENT + visible(line)).rstrip()
            continue
        starts_block = bool(mark or line.startswith("#") or _ITEM.match(line))
        if starts_block or not line.strip():
            yield from _fill(paragraph, page)
            paragraph = []
        if mark:
            fence = mark[1]
        elif line.startswith("#"):
            yield page.look.strong(visible(line.lstrip("# ")))
        elif line.strip():
            paragraph.append(line)
        else:
            yield ""
    yield from _fill(paragraph, page)


def _fill(paragraph: list[str], page: Page) -> list[str]:
    if not paragraph:
        return []
    item = _ITEM.match(paragraph[0])
    return textwrap.wrap(
        visible(" ".join(line.strip() for line in paragraph)),
        min(page.columns, _WIDEST),
        subsequent_indent=" " * (len(item[1]) if item else 0),
        break_long_words=False,
        break_on_hyphens=False,
    )
