"""The documentation of a rule, which is Markdown, as a page in the terminal.

The one home of mistune. Knows what these texts are made of: paragraphs, headings, lists and
fenced examples; anything else is shown as it is written.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import mistune

from rbdsl.review.page import Page
from rbdsl.review.visible import visible

_WIDEST = 88
_INDENT = "    "

Token = Mapping[str, Any]


def render(markdown: str, page: Page) -> str:
    """The text, paragraphs filled to the width of the page, examples indented and untouched."""
    tokens = mistune.create_markdown(renderer=None)(markdown)
    blocks = (_block(token, page) for token in tokens if isinstance(token, dict))
    return "\n\n".join(block for block in blocks if block)


def _block(token: Token, page: Page) -> str:
    match token["type"]:
        case "heading":
            return page.look.strong(_inline(token["children"]))
        case "block_code":
            lines = (visible(line) for line in token["raw"].splitlines())
            return "\n".join((_INDENT + line).rstrip() for line in lines)
        case "list":
            return "\n".join(_items(token, page))
        case "paragraph" | "block_text":
            return _filled(_inline(token["children"]), page)
        case "blank_line":
            return ""
        case _:
            return visible(token.get("raw", ""))


def _items(token: Token, page: Page) -> Iterator[str]:
    attributes = token.get("attrs", {})
    for number, item in enumerate(token["children"], attributes.get("start", 1)):
        lead = f"{number}. " if attributes.get("ordered") else "- "
        blocks = [_block(child, page) for child in item["children"]]
        text = "\n".join(block for block in blocks if block)
        if all(child["type"] in {"block_text", "paragraph"} for child in item["children"]):
            text = _filled(" ".join(_inline(c["children"]) for c in item["children"]), page, lead)
        yield lead + textwrap.indent(text, " " * len(lead)).lstrip()


def _filled(text: str, page: Page, lead: str = "") -> str:
    width = min(page.columns, _WIDEST) - len(lead)
    return textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)


def _inline(tokens: Iterable[Token]) -> str:
    """The words of a paragraph; code keeps its backticks, a link shows where it leads."""
    parts = []
    for token in tokens:
        match token["type"]:
            case "softbreak" | "linebreak":
                parts.append(" ")
            case "codespan":
                parts.append(f"`{visible(token['raw'])}`")
            case "link":
                parts.append(f"{_inline(token['children'])} ({visible(token['attrs']['url'])})")
            case _ if "children" in token:
                parts.append(_inline(token["children"]))
            case _:
                parts.append(visible(token.get("raw", "")))
    return "".join(parts)
