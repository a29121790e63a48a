"""Variables that are set in a part of a pipe, which is a shell of its own, and read behind it.

In: a text. Out: for each such pipe the first of these variables, by offsets in characters. What the
head of a loop sets (`while read line`, `for x in`) does not count, since the loop ends when there
is no more of it; nor what is set anew before it is read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from rbdsl.analysis.builtin_names import SETTING, set_by
from rbdsl.analysis.call_walk import in_characters
from rbdsl.analysis.call_words import words_of
from rbdsl.analysis.shell_variables import Reading, variables
from rbdsl.patterns import lazy_pattern
from rbdsl.record import dataclass

if TYPE_CHECKING:
    from tree_sitter import Node

_PIPE = lazy_pattern(r"(?<!\|)\|(?!\|)")
_BODY = lazy_pattern(r"\b(?:while|until|for|if|case|read|mapfile|readarray|printf)\b|[({]")
_BODIES = frozenset(
    """
    while_statement for_statement c_style_for_statement compound_statement subshell if_statement
    case_statement
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_COUNTS = frozenset(["++", "--"])
_MADE = frozenset(["=", "+=", "-=", "*=", "/=", "%=", "|=", "&="])
_OTHERS = frozenset(["IFS", "REPLY", "_"])


@dataclass(frozen=True, slots=True)
class LostSetting:
    """A pipe from `start` to `end`; `name` is set in a part of it, and read at `reading`.

    `setting` is the stretch where it is set first, `last` says that it is the last part that does.
    """

    name: str
    start: int
    end: int
    setting: tuple[int, int]
    reading: Reading
    last: bool


@lru_cache(maxsize=1024)
def lost_settings(text: str) -> tuple[LostSetting, ...]:
    """One for each such pipe of a text; `lastpipe` has the last part run in the shell itself."""
    if "lastpipe" in text or not (_PIPE.search(text) and _BODY.search(text)):
        return ()
    return tuple(_found(text))


def _found(text: str) -> Iterator[LostSetting]:
    from rbdsl.analysis.shell import parsed
    from rbdsl.analysis.shell_grammar import walk

    root = parsed(text)
    place = in_characters(text)
    pipes = [node for node in walk(root) if node.type == "pipeline"]
    if not pipes:
        return
    anew: dict[str, list[int]] = defaultdict(list)
    for name, _, end in _settings(root):
        anew[name].append(place(end))
    read: dict[str, list[Reading]] = defaultdict(list)
    for reading in variables(text).readings:
        read[reading.name].append(reading)
    for pipe in pipes:
        stages = [child for child in pipe.children if child.is_named]
        start, end = place(pipe.start_byte), place(pipe.end_byte)
        for at, stage in enumerate(stages):
            made = _made(stage)
            lost = [r for n in made if (r := _first_read(read[n], anew[n], end))]
            if lost:
                first = min(lost, key=lambda reading: reading.start)
                begin, stop = made[first.name]
                setting = (place(begin), place(stop))
                yield LostSetting(first.name, start, end, setting, first, at + 1 == len(stages))
                break


def _first_read(readings: list[Reading], anew: list[int], end: int) -> Reading | None:
    """The first reading behind a pipe, of a variable that has not been set anew before."""
    first = next((reading for reading in readings if reading.start >= end), None)
    if first is None or any(end < at <= first.start for at in anew):
        return None
    return first


def _made(stage: Node) -> dict[str, tuple[int, int]]:
    """What a part of a pipe sets, but for the heads of loops, and at which bytes it does first."""
    while stage.type == "redirected_statement" and stage.children:
        stage = stage.children[0]
    if stage.type != "command" and stage.type not in _BODIES:
        return {}
    others = _OTHERS.union(_of_heads(stage))
    found: dict[str, tuple[int, int]] = {}
    for name, start, end in _settings(stage):
        if name not in others:
            found.setdefault(name, (start, end))
    return found


def _of_heads(stage: Node) -> Iterator[str]:
    from rbdsl.analysis.shell_grammar import walk

    for node in walk(stage):
        if node.type == "while_statement":
            for child in node.children:
                if child.type != "do_group":
                    yield from (name for name, _, _ in _settings(child))
        elif node.type == "for_statement" and (name := node.child_by_field_name("variable")):
            yield _text(name)


def _settings(root: Node) -> Iterator[tuple[str, int, int]]:
    """The names that are set in a node, each with the bytes of what sets them."""
    from rbdsl.analysis.shell_grammar import walk

    prefixes: set[int] = set()
    for node in walk(root):
        children, names = node.children, list[str]()
        match node.type:
            case "command":
                # What is assigned for the command alone is not set for the others.
                prefixes.update(c.id for c in children if c.type == "variable_assignment")
                words = [word.text for word in words_of(node, int)]
                if words and words[0] in SETTING:
                    names += set_by(words[0], words[1:])
            case "variable_assignment" if node.id not in prefixes:
                if name := node.child_by_field_name("name"):
                    names.append(_text(name).partition("[")[0])
            case "declaration_command" | "unset_command":
                names += (_text(c) for c in children if c.type == "variable_name")
            case "for_statement":
                if name := node.child_by_field_name("variable"):
                    yield _text(name), name.start_byte, name.end_byte
            case "postfix_expression" | "unary_expression" | "binary_expression":
                names += _of_sum(children)
        yield from ((name, node.start_byte, node.end_byte) for name in names)


def _of_sum(children: list[Node]) -> Iterator[str]:
    """What `n++`, `--n` and `n += 2` set."""
    counts = any(child.type in _COUNTS for child in children)
    if counts or (len(children) > 1 and children[1].type in _MADE):
        name = next((child for child in children if child.type == "variable_name"), None)
        if name is not None:
            yield _text(name)


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
