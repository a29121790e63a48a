"""Which commands a piece of bash calls, found in its syntax tree.

Literal names only: what stands in a variable is known when it runs. Commands behind a wrapper
(`sudo`, `env`, `timeout`, `nice`, `xargs`, `find … -exec` …) and in the text of `bash -c '…'` count
too; behind `ssh`, `kubectl exec` and `chroot` they run elsewhere and do not, and a login
(`su - app -c '…'`) has a `PATH` of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rbdsl.analysis.wrappers import runs
from rbdsl.patterns import lazy_pattern

if TYPE_CHECKING:
    from tree_sitter import Node

BUILTINS = frozenset(
    """
    . : [ alias bg bind break builtin caller case cd command compgen complete compopt continue
    coproc declare dirs disown do done echo elif else enable esac eval exec exit export false fc
    fg fi for function getopts hash help history if in jobs kill let local logout mapfile popd
    printf pushd pwd read readarray readonly return select set shift shopt source suspend test
    then time times trap true type typeset ulimit umask unalias unset until wait while
    """.split()  # noqa: SIM905 - a list of words is read as one
)
"""What bash has in itself, by `compgen -b` and `compgen -k`."""

_LOOKUPS = frozenset(["command", "type", "hash", "which"])
_NAME = lazy_pattern(r"[A-Za-z0-9_./+@%:~\[-]+\Z")


def command_names(root: Node) -> set[str]:
    """The names of the commands in a syntax tree, without builtins, own functions and what the
    text looks for itself (`command -v jq`).
    """
    found: set[str] = set()
    own: set[str] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        waiting.extend(node.children)
        if node.type == "function_definition":
            name = node.child_by_field_name("name")
            own.add(_text(name) if name else "")
        elif node.type == "command":
            _of_command(_words(node), found, own)
        elif node.type == "variable_assignment" and (node.text or b"").startswith(b"PATH="):
            return set()  # where its commands are found is not known here
    return {name for name in found - own if name not in BUILTINS}


def _words(node: Node) -> list[str | None]:
    """The literal words of a command, None for those that are not."""
    return [
        _literal(child.children[0] if child.type == "command_name" and child.children else child)
        for child in node.children
        if child.is_named and child.type not in NOT_WORDS
    ]


NOT_WORDS = frozenset(
    ["variable_assignment", "file_redirect", "heredoc_redirect", "herestring_redirect", "comment"]
)


def _literal(node: Node) -> str | None:
    text = _text(node)
    match node.type:
        case "word" | "number":
            return re.sub(r"\\(.)", r"\1", text)
        case "raw_string":
            return text[1:-1]
        case "string" if all(c.type in {'"', "string_content"} for c in node.children):
            return text[1:-1]
        case "concatenation":
            parts = [_literal(child) for child in node.children]
            return None if None in parts else "".join(filter(None, parts))
        case _:
            return None


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _of_command(words: Sequence[str | None], found: set[str], own: set[str]) -> None:
    waiting = [words]
    while waiting:
        words = waiting.pop()
        if not words or words[0] is None:
            continue
        written, rest = words[0], words[1:]
        if written in _LOOKUPS and rest and (written != "command" or _is_lookup(rest[0])):
            own.update(w for w in rest if w and not w.startswith("-"))
            continue
        if _NAME.match(written):
            found.add(written)
        for run in runs(written.rpartition("/")[2], rest):
            if run.away or run.login:
                continue  # found by another `PATH`, or none of this machine
            inner = rest[run.start : run.end]
            if not run.text:
                waiting.append(inner)
            elif None not in inner:
                text = " ".join(filter(None, inner))[run.skipped :]
                found.update(_of_text(text, own))


def _is_lookup(word: str | None) -> bool:
    return word in {"-v", "-V"}


def _of_text(text: str, own: set[str]) -> Iterator[str]:
    """The commands of a text that a shell of this machine reads, by a parse of its own."""
    from rbdsl.analysis.shell import commands_of

    return (name for name in commands_of(text) if name not in own)
