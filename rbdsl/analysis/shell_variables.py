"""The variables that a piece of bash reads and sets, found in its syntax tree.

Text in single quotes is data here, but for what `trap` and `eval` run in this very shell; what it
means where another shell gets it, is for the caller to find out: `Variables.quoted`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from rbdsl.analysis.builtin_names import SETTING, set_by
from rbdsl.analysis.call_walk import in_characters
from rbdsl.analysis.call_words import plain, words_of
from rbdsl.analysis.quoted_texts import QuotedText, quoted_in
from rbdsl.patterns import lazy_pattern
from rbdsl.record import dataclass

if TYPE_CHECKING:
    from tree_sitter import Node

_NAME = lazy_pattern(r"[A-Za-z_]\w*")
_GUARDS = frozenset([":-", "-", ":+", "+", ":?", "?", ":=", "="])
_MADE_BY_ARITHMETIC = frozenset(["=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "^=", "|="])
_ARITHMETIC = frozenset(
    ["binary_expression", "unary_expression", "postfix_expression", "ternary_expression",
     "parenthesized_expression", "arithmetic_expansion", "compound_statement"]
)  # fmt: skip
_COMPUTED = ("command_substitution", "string", "simple_expansion", "expansion", "concatenation")
_OPENS = ("source", ".")
_REFERS = lazy_pattern(r"-[A-Za-z]*n[A-Za-z]*\Z")
_LOOKED_AT = SETTING | {*_OPENS, "test", "eval", "trap"}


@dataclass(frozen=True, slots=True)
class Reading:
    """A variable that is read, by offsets in characters. `guarded`: none at all is foreseen."""

    name: str
    start: int
    end: int
    guarded: bool = False


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that is assigned as it stands: `name=value`; the place is that of the value."""

    name: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Variables:
    """What a text reads, and the names that it sets anywhere.

    `tested`: the names of which it asks whether they are set. `open`: it takes in other files or
    computed text, which may set anything.
    """

    readings: tuple[Reading, ...] = ()
    names: frozenset[str] = frozenset()
    tested: frozenset[str] = frozenset()
    open: bool = False
    literals: tuple[Literal, ...] = ()
    quoted: tuple[QuotedText, ...] = ()


@lru_cache(maxsize=4096)
def variables(text: str) -> Variables:
    """The variables of a text; of one that is no complete bash those that make sense."""
    from rbdsl.analysis.shell import parsed

    found = _Finding()
    found.walk(parsed(text), in_characters(text))
    return Variables(
        tuple(found.readings),
        frozenset(found.names),
        frozenset(found.tested),
        found.open,
        tuple(found.literals),
        tuple(found.quoted),
    )


class _Finding:
    """What the walk has found so far."""

    def __init__(self) -> None:
        self.readings: list[Reading] = []
        self.names: set[str] = set()
        self.tested: set[str] = set()
        self.open = False
        self.literals: list[Literal] = []
        self.quoted: list[QuotedText] = []

    def walk(self, root: Node, place: Callable[[int], int]) -> None:
        waiting: list[tuple[Node, bool, bool]] = [(root, False, False)]
        while waiting:
            node, in_function, in_arithmetic = waiting.pop()
            in_function = in_function or node.type == "function_definition"
            if node.type in ("simple_expansion", "expansion"):
                self._read(node, place, in_function=in_function)
            else:
                self._look_at(node, place)
            in_arithmetic = node.type in _ARITHMETIC and (
                in_arithmetic or node.type == "arithmetic_expansion" or _is_sum(node)
            )
            if in_arithmetic:
                self._of_sum(node, place)
            children = node.children
            if node.type == "command":
                # What is assigned for the command alone is not set for the others.
                own = [c for c in children if c.type == "variable_assignment"]
                for assignment in own:
                    self._is_given(assignment, place)
                below = [g for c in own for g in c.children[1:]]
                children = [*below, *(c for c in children if c.type != "variable_assignment")]
            waiting.extend((child, in_function, in_arithmetic) for child in reversed(children))

    def _look_at(self, node: Node, place: Callable[[int], int]) -> None:
        match node.type:
            case "command":
                self._of_command(node, place)
            case "raw_string" | "heredoc_redirect":
                quoted = quoted_in(node, place)
                self.quoted += [quoted] if quoted else []
            case "variable_assignment":
                self._sets(node.child_by_field_name("name"))
                self._is_given(node, place)
            case "declaration_command" | "unset_command":
                self.names.update(_text(c) for c in node.children if c.type == "variable_name")
                # `export $(cat .env)` and `declare "$name=1"` set what nobody sees here.
                # So does a name for another variable: `local -n result=$1`.
                self.open = self.open or any(
                    c.type in _COMPUTED or _REFERS.match(_text(c)) for c in node.children
                )
            case "for_statement":
                self._sets(node.child_by_field_name("variable"))
            case "test_command" | "unary_expression":
                self._tests(node)

    def _sets(self, node: Node | None) -> None:
        if node is not None:
            match = _NAME.match(_text(node))
            self.names.update([match[0]] if match else ())

    def _is_given(self, node: Node, place: Callable[[int], int]) -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name and value and value.type in ("word", "number", "raw_string", "string"):
            if any(child.type not in ('"', "string_content") for child in value.children):
                return
            begin, end = place(value.start_byte), place(value.end_byte)
            self.literals.append(Literal(_text(name), plain(value), begin, end))

    def _read(self, node: Node, place: Callable[[int], int], *, in_function: bool) -> None:
        kinds = [child.type for child in node.children]
        if (node.text or b"") in (b"$#", b"${#}"):
            self.tested.update("123456789")  # it asks how many arguments there are
        named = next((c for c in node.children if c.type in ("variable_name", "subscript")), None)
        if named is None:
            return
        name = _text(named).partition("[")[0]
        if name.isdigit() and (in_function or name == "0"):
            return
        if "!" in kinds[:2] and kinds[-2:-1] in (["@"], ["*"]):  # `${!prefix@}`
            return
        if "+" in kinds or ":+" in kinds:
            self.tested.add(name)
        if ":=" in kinds or "=" in kinds:
            self.names.add(name)
        guarded = not _GUARDS.isdisjoint(kinds)
        if guarded:
            self.tested.add(name)
        begin, end = place(node.start_byte), place(node.end_byte)
        self.readings.append(Reading(name, begin, end, guarded))

    def _of_sum(self, node: Node, place: Callable[[int], int]) -> None:
        """The bare names of `((n < limit))`."""
        children = node.children
        made = len(children) > 1 and children[1].type in _MADE_BY_ARITHMETIC
        for at, child in enumerate(children):
            if child.type != "variable_name":
                continue
            if made and at == 0:
                self.names.add(_text(child))
            else:
                begin, end = place(child.start_byte), place(child.end_byte)
                self.readings.append(Reading(_text(child), begin, end))

    def _tests(self, node: Node) -> None:
        """`[[ -v name ]]`."""
        children = node.children
        for operator, operand in pairwise(children):
            if operator.type == "test_operator" and _text(operator) == "-v":
                self.tested.add(_text(operand))

    def _of_command(self, node: Node, place: Callable[[int], int]) -> None:
        named = node.child_by_field_name("name")
        name = _text(named) if named else ""
        if name not in _LOOKED_AT:
            return
        arguments = [word.text for word in words_of(node, int)][1:]
        if name in SETTING:
            self.names.update(set_by(name, arguments))
        elif name in _OPENS:
            self.open = True
        elif name == "test":
            self.tested.update(arguments if "-v" in arguments else ())
        else:
            self._of_text(node, place)

    def _of_text(self, node: Node, place: Callable[[int], int]) -> None:
        """The text that `trap` and `eval` have run in this shell."""
        text = next((c for c in node.children if c.type in ("raw_string", "string")), None)
        if text is None or text.type == "string":
            self.open = self.open or _text(node).startswith("eval")
            return
        inner = variables(plain(text))
        begin = place(text.start_byte) + 1
        self.readings.extend(
            Reading(r.name, begin + r.start, begin + r.end, r.guarded) for r in inner.readings
        )
        self.names |= inner.names
        self.tested |= inner.tested
        self.open = self.open or inner.open


def _is_sum(node: Node) -> bool:
    return bool(node.children) and node.children[0].type == "(("


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
