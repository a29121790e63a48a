"""Texts that never end with 0, whatever the state is: `false`, `exit 1`, `! true`, `[ 1 = 2 ]`.

The counterpart of `unfailing`. In: a text as it stands in a plan, where a step's own shell ends at
its first failure. Out: whether it surely never ends with 0, and can end with 1. In doubt it holds.
Fooled by a program whose answer is always the same; nobody here knows programs.
"""

from __future__ import annotations

import operator
import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rbdsl.analysis.call_words import words_of
from rbdsl.analysis.shell import parsed
from rbdsl.patterns import lazy_pattern
from rbdsl.record import dataclass

if TYPE_CHECKING:
    from tree_sitter import Node

_DEEPEST = 40
_SURE = frozenset(["true", ":", "echo", "printf", "sleep", "logger"])
_LEAVING = frozenset(["exec", "eval", "source", ".", "trap", "set", "return", "alias"])
_MAY_BE = lazy_pattern(r"\bfalse\b|\bexit\b|!|\btest\b|\[|\(\(")
_NOT_PLAIN = lazy_pattern(r"[$`*?(){}~\\<>&|]")
_SAME = {"=": True, "==": True, "!=": False}
_NUMBERS: dict[str, Callable[[int, int], bool]] = {
    "-eq": operator.eq, "-ne": operator.ne, "-gt": operator.gt,
    "-ge": operator.ge, "-lt": operator.lt, "-le": operator.le,
    "==": operator.eq, "!=": operator.ne, ">": operator.gt,
    ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip
_SUM = lazy_pattern(r"\(\(\s*(\d{1,9})(?:\s*([=!<>]=|[<>])\s*(\d{1,9}))?\s*\)\)")


@dataclass(frozen=True, slots=True)
class _End:
    """`status`: whether it comes back with 0, None where that is not sure. `zero`: the whole text
    may end in it with 0, `one`: with 1. `over`: nothing behind it is run.
    """

    status: bool | None = None
    zero: bool = False
    one: bool = False
    over: bool = False


_ANYTHING = _End(zero=True)


def never_holds(text: str) -> bool:
    """Whether a text never ends with 0, and with 1 for some state."""
    if not _MAY_BE.search(text):
        return False
    root = parsed(text)
    if root.has_error:
        return False
    end = _of_all(root.children, 0)
    return not end.zero and (end.one or end.status is False) and (end.over or end.status is False)


def _of_all(nodes: Sequence[Node], depth: int) -> _End:
    """Statements one after the other: the status is that of the last one."""
    zero = one = False
    status: bool | None = True
    for at, node in enumerate(nodes):
        if not node.is_named or node.type == "comment":
            continue
        if at + 1 < len(nodes) and nodes[at + 1].type == "&":
            status = True
            continue
        end = _of(node, depth + 1)
        zero, one, status = zero or end.zero, one or end.one, end.status
        if end.over:
            return _End(zero=zero, one=one, over=True)
    return _End(status, zero, one)


def _of(node: Node, depth: int) -> _End:
    if depth > _DEEPEST:
        return _ANYTHING
    match node.type:
        case "negated_command":
            end = _of_all(node.children, depth)
            status = None if end.status is None else not end.status
        case "redirected_statement":
            end = _of(node.children[0], depth + 1)
            status = False if end.status is False else None
        case "list" if len(node.children) == 3:
            return _of_list(node.children, depth)
        case "if_statement":
            return _of_if(node.children, depth)
        case _:
            return _of_simple(node, depth)
    return replace(end, status=status)


def _of_simple(node: Node, depth: int) -> _End:
    """What is no combination of statements, or runs them in a shell or group of their own."""
    text = (node.text or b"").decode("utf-8", "replace")
    status: bool | None = None
    match node.type:
        case "command":
            return _of_command(node)
        case "test_command":
            status = _tested(text)
        case "compound_statement" if text.startswith("(("):
            status = _summed(text)
        case "compound_statement":
            return _of_all(node.children, depth)
        case "subshell":
            status = _of_own_shell(node.children, depth)
        case "pipeline":
            stages = [_of_own_shell([n], depth) for n in node.children if n.is_named]
            status = False if False in stages else None
        case "variable_assignment" | "declaration_command":
            status = None if "$(" in text or "`" in text else True
        case _:
            return _ANYTHING
    return _End(status)


def _of_own_shell(nodes: Sequence[Node], depth: int) -> bool | None:
    """The status of a shell of its own: what ends it ends nothing else."""
    end = _of_all(nodes, depth)
    if end.over:
        return None if end.zero else False
    return None if end.zero or end.one else end.status


def _of_command(node: Node) -> _End:
    words = [word.text for word in words_of(node, int)]
    name, rest = (words[0], words[1:]) if words else ("", [])
    if name == "false":
        return _End(status=False)
    if name == "exit":
        if len(rest) == 1 and rest[0].isdigit() and len(rest[0]) < 4:
            return _End(zero=int(rest[0]) % 256 == 0, one=int(rest[0]) % 256 == 1, over=True)
        return _End(zero=True, over=True)
    if name in ("test", "["):
        return _End(_tested((node.text or b"").decode("utf-8", "replace")))
    if name in _SURE:
        return _End(status=True)
    return _ANYTHING if not name or name in _LEAVING or "$" in name else _End()


def _of_list(parts: Sequence[Node], depth: int) -> _End:
    left = _of(parts[0], depth)
    if left.over:
        return left
    both = parts[1].type == "&&"
    if left.status is (not both):
        return left
    right = _of(parts[2], depth)
    zero, one = left.zero or right.zero, left.one or right.one
    if left.status is both:
        return _End(right.status, zero, one, right.over)
    if both:
        fails = right.over or right.status is False
        return _End(False if fails else None, zero, one)
    return _End(True if right.over or right.status is True else None, zero, one)


def _of_if(nodes: Sequence[Node], depth: int) -> _End:
    at = next((i for i, n in enumerate(nodes) if n.type == "then"), len(nodes))
    asked = _of_all(nodes[1:at], depth)
    if asked.over:
        return asked
    others = [n for n in nodes[at:] if n.type in ("elif_clause", "else_clause")]
    branch = _of_all([n for n in nodes[at:] if n not in others], depth)
    if not others:
        other = _End(status=True)
    elif others[0].type == "else_clause":
        other = _of_all(others[0].children, depth)
    else:
        return _ANYTHING
    if asked.status is not None:
        found = branch if asked.status else other
        return _End(found.status, asked.zero or found.zero, found.one, found.over)
    zero, one = asked.zero or branch.zero or other.zero, branch.one or other.one
    left = [end.status for end in (branch, other) if not end.over]
    return _End(left[0] if len(set(left)) == 1 else None, zero, one, not left)


def _tested(text: str) -> bool | None:
    """What `test` says of words that stand there as they are; None where they are not."""
    if _NOT_PLAIN.search(text):
        return None
    try:
        words = shlex.split(text)
    except ValueError:
        return None
    if words[:1] in (["["], ["[["]) and words[-1] in ("]", "]]"):
        words = words[:-1]
    match words[1:]:
        case [("-n" | "-z") as asks, word]:
            return bool(word) is (asks == "-n")
        case [word] if not word.startswith(("-", "!")):
            return bool(word)
        case [one, "=" | "==" | "!=" as relation, other] if one != "!" and "[" not in other:
            return (one == other) is _SAME[relation]
        case [one, relation, other] if relation in _NUMBERS and relation.startswith("-"):
            both = [word for word in (one, other) if re.fullmatch(r"-?\d{1,9}", word)]
            return _NUMBERS[relation](*map(int, both)) if len(both) == 2 else None
    return None


def _summed(text: str) -> bool | None:
    found = _SUM.fullmatch(text)
    if found is None:
        return None
    if found[2] is None:
        return int(found[1]) != 0
    return _NUMBERS[found[2]](int(found[1]), int(found[3]))
