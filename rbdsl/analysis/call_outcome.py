"""What becomes of a failure in a piece of bash: does the text end there, does somebody handle it.

Read off the nodes around a command; `rbdsl.analysis.call_walk` carries it along.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from rbdsl.analysis.wrappers import SHELLS
from rbdsl.record import dataclass

if TYPE_CHECKING:
    from tree_sitter import Node

    from rbdsl.analysis.calls import Word

SAYING = frozenset(["echo", "printf", "true", ":", "logger", "sleep", "date", "cat", "tee"])
"""What may run after a failure without anything being done about it."""
_NO_STATEMENT = frozenset(["comment", "elif_clause", "else_clause", "heredoc_body"])
_FAR = 50
"""So many statements behind it, a saved status is looked for."""
_BODIES = ("then", "else")
Words = Callable[["Node"], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Strictness:
    """What a shell does about failures: `set -e` ends it, `set -o pipefail` looks at whole pipes.

    `last` says that the command's status is the one that the text ends with, `of` where the command
    begins that has the text run; -1 for the text that a step consists of. Where `errexit` is off,
    `kept` says that what follows looks at the status (`rc=$?` … `exit $rc`), and `doomed` that the
    body fails anyhow: it cleans up, and then says `exit 1`.
    """

    errexit: bool = True
    pipefail: bool = True
    last: bool = True
    of: int = -1
    kept: bool = False
    doomed: bool = False


def of_shell(words: Sequence[Word]) -> Strictness:
    """The strictness of a text that `bash -euo pipefail -c …` runs, by all words of that call."""
    before = [word.text for word in words[1:]]
    if words[0].text.rpartition("/")[2] not in SHELLS:
        before = []  # `ssh -e …` says nothing of the shell on the host
    for at, word in enumerate(before):
        if re.fullmatch(r"-[a-z]*c[a-z]*", word):
            before = before[: at + 1]
            break
    return changed(Strictness(errexit=False, pipefail=False), before)


def changed(strictness: Strictness, words: Iterable[str]) -> Strictness:
    """What `set` with these words makes of it."""
    named = ""
    for word in words:
        if named:
            on = named == "-"
            if word == "errexit":
                strictness = replace(strictness, errexit=on)
            elif word == "pipefail":
                strictness = replace(strictness, pipefail=on)
            named = ""
        elif word[:1] in ("-", "+") and not word.startswith("--"):
            if "e" in word[1:]:
                strictness = replace(strictness, errexit=word[0] == "-")
            named = word[0] if "o" in word[1:] else ""
    return strictness


def after(node: Node, strictness: Strictness, words: Words) -> Strictness:
    """The strictness behind a statement: that before it, unless it is `set`."""
    if b"set" not in (node.text or b""):
        return strictness
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if node.type == "list" and node.children:
            waiting += [node.children[-1], node.children[0]]
        elif node.type == "redirected_statement" and node.children:
            waiting.append(node.children[0])
        elif node.type == "command" and (node.text or b"").startswith(b"set"):
            found = words(node)
            strictness = changed(strictness, found[1:]) if found[:1] == ("set",) else strictness
    return strictness


def last_statement(children: Sequence[Node]) -> int:
    """The index of the last statement among the nodes of a body; -1 without one."""
    indexes = [i for i, c in enumerate(children) if c.is_named and c.type not in _NO_STATEMENT]
    return indexes[-1] if indexes else -1


def heeded(children: Sequence[Node], words: Words) -> tuple[set[int], range]:
    """Which statements of a body have their status looked at by the one behind, by `$?`; and the
    stretch of those that come before an `exit` with a failure, whatever becomes of them.
    """
    at = [i for i, c in enumerate(children) if c.is_named and c.type not in _NO_STATEMENT]
    leaving = _failing_exit(children[at[-1]], words) if at else None
    doomed = range(at[-1]) if leaving == "" else range(0)
    kept: set[int] = set()
    for number, (before, index) in enumerate(pairwise(at)):
        text = (children[index].text or b"").decode("utf-8", "replace")
        if "$?" not in text:
            continue
        saved = re.fullmatch(r"(?:local |declare )?(\w+)=\"?\$\?\"?", text)
        if saved is None and not _only_says(children[index], words):
            kept.add(before)
        elif saved and any(
            _reads(children[i], saved[1], words) for i in at[number + 2 : number + _FAR]
        ):
            kept.add(before)
            if leaving == saved[1]:
                doomed = range(index, at[-1])
    return kept, doomed


def _failing_exit(node: Node, words: Words) -> str | None:
    """Empty for `exit 1`, `return 1` and `false`, the variable of `exit $rc`; else None."""
    found = words(node) if node.type == "command" else ()
    if found == ("false",):
        return ""
    if len(found) != 2 or found[0] not in ("exit", "return"):
        return None
    if found[1].isdigit():
        return "" if int(found[1]) else None
    return found[1].removeprefix("$") if re.fullmatch(r"\$\w+", found[1]) else None


def _only_says(node: Node, words: Words) -> bool:
    return node.type == "command" and words(node)[:1] != () and words(node)[0] in SAYING


def _reads(node: Node, name: str, words: Words) -> bool:
    """Whether a statement does something about a status that was saved in a variable."""
    text = (node.text or b"").decode("utf-8", "replace")
    used = re.search(rf"\$\{{?{name}\b|\(\([^)]*\b{name}\b", text)
    return used is not None and not _only_says(node, words)


def handler(node: Node, words: Words) -> tuple[str, ...]:
    """The words that a group runs: those of the first command that does more than say something.

    Of a group that only says something its first command. Nothing where it is no command.
    """
    while node.type in ("redirected_statement", "negated_command") and node.children:
        node = next(child for child in node.children if child.is_named)
    if node.type in ("compound_statement", "subshell", "else_clause"):
        return _of_statements(node.children, words)
    if node.type == "list":
        return _of_statements(node.children, words)
    return words(node)


def _of_statements(children: Sequence[Node], words: Words) -> tuple[str, ...]:
    first: tuple[str, ...] = ()
    for child in children:
        if not child.is_named or child.type == "comment":
            continue
        found = handler(child, words)
        if not found or found[0] not in SAYING:
            return found
        first = first or found
    return first


def handler_of_if(children: Sequence[Node], words: Words) -> tuple[str, ...]:
    """What `if` runs where the command behind it fails; nothing where that is no command."""
    negated = any(child.type == "negated_command" for child in children[:2])
    if not negated:
        branch = next((child for child in children if child.type == "else_clause"), None)
        return handler(branch, words) if branch is not None else ()
    types = [child.type for child in children]
    begin = types.index("then") if "then" in types else len(types)
    body = [c for c in children[begin:] if c.type not in ("elif_clause", "else_clause")]
    return _of_statements(body, words)
