"""Reads generated Markdown the way a code host does: structure, tables, fences, elements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import mistune

_to_html = mistune.create_markdown(escape=False, plugins=["table", "task_lists", "strikethrough"])
_to_tree = mistune.create_markdown(renderer="ast", plugins=["table", "task_lists"])


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    text: str


def tree(text: str) -> list[dict[str, Any]]:
    nodes = _to_tree(text)
    assert isinstance(nodes, list)
    return nodes


def headings(text: str) -> list[Heading]:
    return [
        Heading(node["attrs"]["level"], plain(node))
        for node in tree(text)
        if node["type"] == "heading"
    ]


def plain(node: dict[str, Any]) -> str:
    """What a reader sees of a node."""
    if "raw" in node:
        return str(node["raw"])
    if node["type"] in {"softbreak", "linebreak"}:
        return " "
    return "".join(plain(child) for child in node.get("children", []))


def walk(nodes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for node in nodes:
        yield node
        yield from walk(node.get("children", []))


def section(text: str, heading: str) -> list[dict[str, Any]]:
    """The nodes between a heading and the next one of its level or above."""
    found: list[dict[str, Any]] = []
    level = 0
    for node in tree(text):
        if node["type"] == "heading":
            if level and node["attrs"]["level"] <= level:
                break
            if plain(node) == heading:
                level = node["attrs"]["level"]
                continue
        if level:
            found.append(node)
    assert level, f"no heading {heading!r}"
    return found


def shown(text: str, heading: str) -> str:
    """The words of a section, each block on a line."""
    return "\n".join(plain(node).strip() for node in section(text, heading))


def tables(nodes: list[dict[str, Any]]) -> list[list[list[str]]]:
    """The rows of every table, the head first."""
    made = []
    for node in walk(nodes):
        if node["type"] == "table":
            head, *bodies = node["children"]
            rows = [[plain(cell) for cell in head["children"]]]
            for body in bodies:
                rows += [[plain(cell) for cell in row["children"]] for row in body["children"]]
            made.append(rows)
    return made


def fences(nodes: list[dict[str, Any]], language: str) -> list[str]:
    """The text of every fenced block of a language."""
    return [
        node["raw"]
        for node in walk(nodes)
        if node["type"] == "block_code" and node.get("attrs", {}).get("info") == language
    ]


def checkboxes(nodes: list[dict[str, Any]]) -> list[tuple[bool, str]]:
    """Every checkbox with its text."""
    return [
        (node["attrs"]["checked"], plain(node).strip())
        for node in walk(nodes)
        if node["type"] == "task_list_item"
    ]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(" ".join([tag, *sorted(name for name, _ in attrs)]))

    def handle_comment(self, data: str) -> None:
        self.tags.append(f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.tags.append(f"declaration {decl}")

    def handle_pi(self, data: str) -> None:
        self.tags.append(f"instruction {data}")


def elements(text: str) -> list[str]:
    """The elements of the rendered page in order, each with the names of its attributes."""
    parser = _Tags()
    html = _to_html(text)
    assert isinstance(html, str)
    parser.feed(html)
    parser.close()
    return parser.tags
