"""What a piece of bash prints that stands in it already: `echo ok`, `printf '%s\\n' ok`.

In: a text. Out: what it surely prints by itself, all of it or behind the last thing that it asks.
None where a variable, a command or a file has a say, and where it can't be told.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rbdsl.analysis.call_words import SAYING, words_of
from rbdsl.analysis.shell import parsed
from rbdsl.analysis.word_texts import read
from rbdsl.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

_MAY_BE = lazy_pattern(r"(?:^|[;&{]|\s)(?:echo|printf|true|:)(?:\s|;|\Z)")
_SILENT = frozenset(["true", ":"])
_AROUND = frozenset(["program", "list", "compound_statement"])
_BETWEEN = frozenset([";", "\n", "&&", "{", "}", "comment"])
_WORDS = frozenset(
    ["command_name", "word", "number", "string", "string_content", "raw_string", '"']
)
_EXPANDED = lazy_pattern(r"[*?\[{~\\]")


def own_text(text: str) -> str | None:
    """What a text prints that asks nothing at all."""
    if not _MAY_BE.search(text):
        return None
    root = parsed(text)
    return None if root.has_error else _printed([root])


@lru_cache(maxsize=1024)
def own_ending(text: str) -> str | None:
    """What it prints as its last, where all before it has succeeded: `ask && echo ok`."""
    if not _MAY_BE.search(text):
        return None
    root = parsed(text)
    last = next((node for node in reversed(root.children) if node.type not in _BETWEEN), None)
    if root.has_error or last is None:
        return None
    if last.type == "list":
        if len(last.children) != 3 or last.children[1].type != "&&":
            return None
        last = last.children[2]
    return _printed([last]) or None


def _printed(nodes: Sequence[Node]) -> str | None:
    parts = []
    for node in nodes:
        if node.type in _BETWEEN:
            continue
        printed = _printed(node.children) if node.type in _AROUND else _said(node)
        if printed is None:
            return None
        parts.append(printed)
    return "".join(parts)


def _said(node: Node) -> str | None:
    """What a command prints; None where it is none of those that only say something."""
    if node.type != "command" or not _is_plain(node):
        return None
    name, *words = map(read, words_of(node, int))
    if name in _SILENT:
        return ""
    if name not in SAYING or words[:1] in (["-e"], ["-E"], ["-v"], ["-ne"], ["-en"], ["--"]):
        return None
    if name == "echo":
        end = "" if words[:1] == ["-n"] else "\n"
        return " ".join(words[1:] if not end else words) + end
    form, *values = words or [""]
    if form in ("%s", "%s\\n") and len(values) == 1:
        return values[0] + "\n" * (form != "%s")
    plain = form.removesuffix("\\n")
    return None if values or "%" in plain or "\\" in plain else form.replace("\\n", "\n")


def _is_plain(node: Node) -> bool:
    """Whether nothing in the words of a command is replaced by something else."""
    for child in node.children:
        if child.type not in _WORDS or not _is_plain(child):
            return False
        bare = child.type == "word" and (child.text or b"").decode("utf-8", "replace")
        if bare and _EXPANDED.search(bare):
            return False
    return True
