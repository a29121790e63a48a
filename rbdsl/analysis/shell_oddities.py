"""What tree-sitter takes for bash and bash does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rbdsl.analysis.extended_patterns import in_a_case
from rbdsl.analysis.shell_grammar import walk
from rbdsl.patterns import lazy_pattern

if TYPE_CHECKING:
    from tree_sitter import Node

_RESERVED = frozenset(
    [
        "if",
        "case",
        "for",
        "while",
        "until",
        "select",
        "function",
        "{",
        "then",
        "else",
        "elif",
        "fi",
        "do",
        "done",
        "esac",
        "in",
        "}",
        ")",
        ";;",
        "]]",
    ]
)
_BARE_BACKTICK = lazy_pattern(rb"(?<!\\)`")
_NO_COMMAND = frozenset(["comment", "elif_clause", "else_clause"])


def oddities(root: Node, source: bytes, opening: int) -> list[int]:
    """The bytes of what tree-sitter accepts and bash does not.

    `opening` is that of the `{` of the function that the text was put into.
    """
    found = []
    for node in walk(root):
        text = node.text or b""
        if node.type == "command_name" and text.split()[:1] and _is_reserved(text.split()[0]):
            found.append(node.start_byte)
        if node.type == "word" and _BARE_BACKTICK.search(text):
            found.append(node.start_byte)
        if node.type == "subshell" and _follows_a_word(node):
            found.append(node.start_byte)
        if node.type == "comment" and source[: node.start_byte].endswith((b"\\ ", b"\\\t")):
            found.append(node.start_byte)
        if node.type == "heredoc_end":
            end = source.find(b"\n", node.end_byte)
            if source[node.end_byte : end].strip(b"\r") != b"" or source[end - 1 : end] == b"\r":
                found.append(node.start_byte)
        if _holds_nothing(node) and node.start_byte != opening:
            found.append(node.start_byte)
        if in_a_case(node):
            found.append(node.start_byte)
        if node.type == ";;" and node.parent is not None and "case" not in node.parent.type:
            found.append(node.start_byte)
    return found


def _follows_a_word(node: Node) -> bool:
    """Whether a subshell stands as an argument, which it can't be."""
    return node.parent is not None and node.parent.type == "command"


def _is_reserved(word: bytes) -> bool:
    return word.decode("utf-8", "replace") in _RESERVED


def _holds_nothing(node: Node) -> bool:
    """Whether a group, loop or branch has no command in it, which bash does not take."""
    inside = list(node.children)
    if node.type in ("if_statement", "elif_clause"):
        words = [child.type for child in inside]
        if "then" not in words:
            return False
        inside = inside[words.index("then") + 1 :]
    elif node.type not in ("compound_statement", "do_group", "else_clause"):
        return False
    commands = (c for c in inside if c.is_named and c.type not in _NO_COMMAND)
    return next(commands, None) is None
