"""Which commands a piece of bash calls, found in its syntax tree.

Literal names only: what stands in a variable is known when it runs. Commands behind a wrapper
(`sudo`, `env`, `timeout`, `nice`, `xargs` …) and in the text of `bash -c '…'` count too; behind
`ssh` and `kubectl exec` they run elsewhere and do not.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

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

_WRAPPERS: dict[str, tuple[str, str]] = {
    # wrapper → its options that take a value as the next word: letters, and long names
    "sudo": (
        "aughpCcrtTUDR",
        "user group host prompt close-from role type command-timeout other-user chdir chroot",
    ),
    "doas": ("aCu", ""),
    "sshpass": ("pfdP", ""),
    "env": ("uCS", "unset chdir split-string"),
    "timeout": ("ks", "kill-after signal"),
    "nice": ("n", "adjustment"),
    "ionice": ("cnpPu", "class classdata pid pgid uid"),
    "nohup": ("", ""),
    "stdbuf": ("ioe", "input output error"),
    "setsid": ("", ""),
    "xargs": ("adEILnPs", "arg-file delimiter max-args max-procs max-chars process-slot-var"),
    "time": ("fo", "format output"),
    "command": ("", ""),
    "exec": ("a", ""),
    "builtin": ("", ""),
    "strace": ("abeEIoOpPsSuUX", "output attach trace user env string-limit"),
    "flock": ("wE", "wait timeout conflict-exit-code"),
    "runuser": ("ugGsw", "user group supp-group shell whitelist-environment"),
    "setpriv": ("", "reuid regid groups inh-caps ambient-caps bounding-set securebits"),
    "gosu": ("", ""),
    "su-exec": ("", ""),
    "unbuffer": ("", ""),
    "chrt": ("TPD", "sched-runtime sched-period sched-deadline"),
}
_OPERANDS = {"timeout": 1, "flock": 1, "gosu": 1, "su-exec": 1, "chrt": 1}
"""Words that stand between a wrapper and the command: a time, a file, a user, a priority."""

_LOOKUPS = frozenset(["command", "type", "hash", "which"])
SHELLS = frozenset(["sh", "bash", "dash", "ksh", "zsh"])
"""Programs that take a text with `-c`, and run it."""
_NAME = lazy_pattern(r"[A-Za-z0-9_./+@%:~\[-]+\Z")
_ASSIGNMENT = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_]*=")


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


def _of_command(words: list[str | None], found: set[str], own: set[str]) -> None:
    while words and words[0] is not None:
        name = words[0]
        if name in _LOOKUPS and len(words) > 1 and (name != "command" or _is_lookup(words[1])):
            own.update(w for w in words[1:] if w and not w.startswith("-"))
            return
        if _NAME.match(name):
            found.add(name)
        if name in SHELLS:
            _of_shell(words, found, own)
            return
        words = behind(name, words[1:])


def _is_lookup(word: str | None) -> bool:
    return word in {"-v", "-V"}


def _of_shell(words: list[str | None], found: set[str], own: set[str]) -> None:
    """`bash -c 'text'`: the commands of the text, by a parse of its own."""
    for option, text in itertools.pairwise(words):
        if option and re.fullmatch(r"-[a-z]*c[a-z]*", option) and text:
            from rbdsl.analysis.shell import commands_of

            found.update(name for name in commands_of(text) if name not in own)
            return


def behind(wrapper: str, words: Sequence[str | None]) -> list[str | None]:
    """What stands behind a wrapper, its options and assignments; nothing if it is none."""
    if wrapper not in _WRAPPERS:
        return []
    at = 0
    while at < len(words):
        word = words[at]
        if word is None:
            return []
        if word == "--":
            at += 1
            break
        if word.startswith("-") and (word != "-" or wrapper == "env"):
            at += 2 if _takes_next(wrapper, word) else 1
        elif wrapper in {"env", "sudo"} and _ASSIGNMENT.match(word):
            at += 1
        else:
            break
    # Without a user it is like `su`: what follows is the name of one.
    if wrapper == "runuser" and not any(w and _names_user(w) for w in words[:at]):
        return []
    found = list(words[at + _OPERANDS.get(wrapper, 0) :])
    if wrapper == "flock" and found[:1] in (["-c"], ["--command"]):
        return []  # a text for a shell
    return found


def _takes_next(wrapper: str, option: str) -> bool:
    """Whether the word behind an option is its value: `-u app`, `-nu app`, `--user app`."""
    letters, names = _WRAPPERS[wrapper]
    if option.startswith("--"):
        return option[2:] in names.split()
    first = next((at for at, letter in enumerate(option) if letter in letters), None)
    return first == len(option) - 1


def _names_user(option: str) -> bool:
    return option.startswith(("-u", "--user"))
