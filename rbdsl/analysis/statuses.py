"""What the statements of a piece of bash can end with: read off its syntax tree, for `unfailing`.

In: nodes, and the strictness of the shell that runs them. Out: an `Outcome`. In doubt a statement
can fail: what waits for ever is ended by its time limit, programs are not known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rbdsl.analysis.call_outcome import Strictness, changed
from rbdsl.analysis.call_words import words_of
from rbdsl.analysis.calls import Call, Word
from rbdsl.analysis.nested import inside
from rbdsl.analysis.shell import parsed
from rbdsl.analysis.shell_grammar import walk
from rbdsl.record import dataclass

if TYPE_CHECKING:
    from tree_sitter import Node

SURE = frozenset(["echo", "printf", "true", ":", "sleep", "date", "logger", "break", "continue"])
"""Commands that do not fail, or whose failure nobody is after."""
_DEEPEST = 40
_MOST_TEXTS = 3
_PUNCTUATION = frozenset(["comment", "heredoc_body", "heredoc_start", "heredoc_end"])
_PLAIN_TARGET = re.compile(rb"\d*(?:>&|<&)[\d-]+|\d*&?>>?\s*/dev/(?:null|stderr|stdout|fd/\d)")


@dataclass(frozen=True, slots=True)
class Outcome:
    """`fails`: it may come back with a failure. `ends`: with one the whole text may end there.
    `over`: nothing behind it is run.
    """

    fails: bool = False
    ends: bool = False
    over: bool = False


_GOOD = Outcome()
_BAD = Outcome(fails=True, ends=True)


class Reading:
    """One walk through a text; `asked` is the first command in it that may fail, `told` the first
    one of those whose output a sure command only says: `echo "$(ask)"`.
    """

    def __init__(self, texts: int = 0) -> None:
        self.asked: Node | None = None
        self.told: Node | None = None
        self._functions: dict[str, Node] = {}
        self._texts = texts

    def of_all(self, nodes: Sequence[Node], strictness: Strictness, depth: int) -> Outcome:
        """Statements one after the other: the status is that of the last one."""
        fails = ends = False
        for at, node in enumerate(nodes):
            if not node.is_named or node.type in _PUNCTUATION:
                continue
            if at + 1 < len(nodes) and nodes[at + 1].type == "&":
                fails = False
                continue
            strictness = self._set(node, strictness)
            outcome = self._of(node, strictness, depth + 1)
            fails, ends = outcome.fails, ends or outcome.ends
            if outcome.over:
                return Outcome(fails, ends, over=True)
        return Outcome(fails, ends)

    def _set(self, node: Node, strictness: Strictness) -> Strictness:
        if node.type != "command" or not (node.text or b"").startswith(b"set "):
            return strictness
        return changed(strictness, [word.text for word in words_of(node, int)[1:]])

    def _of(self, node: Node, strictness: Strictness, depth: int) -> Outcome:
        if depth > _DEEPEST:
            return _BAD
        match node.type:
            case "list" if len(node.children) == 3:
                return self._of_list(node.children, strictness, depth)
            case "redirected_statement":
                return self._of_redirected(node, strictness, depth)
            case "negated_command":
                inner = self.of_all(node.children, _lenient(strictness), depth)
                return Outcome(fails=True, ends=inner.ends)
            case "function_definition":
                name = node.child_by_field_name("name")
                if name is not None and name.text:
                    self._functions[name.text.decode("utf-8", "replace")] = node
                return _GOOD
            case "declaration_command" | "unset_command":
                return _GOOD
            case _:
                return self._of_compound(node, strictness, depth)

    def _of_compound(self, node: Node, strictness: Strictness, depth: int) -> Outcome:
        children = node.children
        match node.type:
            case "if_statement":
                return self._of_if(children, strictness, depth)
            case "for_statement":
                body = next(c for c in children if c.type == "do_group")
                return self.of_all(body.children, strictness, depth)
            case "case_statement":
                return self._of_case(children, strictness, depth)
            case "compound_statement" if not (node.text or b"").startswith(b"(("):
                return self.of_all(children, strictness, depth)
            case _:
                return self._of_leaf(node, strictness, depth)

    def _of_leaf(self, node: Node, strictness: Strictness, depth: int) -> Outcome:
        """What ends a strict shell where it fails."""
        children = node.children
        match node.type:
            case "pipeline":
                stages = [c for c in children if c.is_named]
                outcomes = [self._of(c, _lenient(strictness), depth + 1) for c in stages]
                if not strictness.pipefail:
                    outcomes = outcomes[-1:]
                fails = any(o.fails or o.ends for o in outcomes)
            case "subshell":
                inner = self.of_all(children, strictness, depth)
                fails = inner.fails or inner.ends
            case "variable_assignment" | "variable_assignments":
                taken = [n for n in walk(node) if n.type == "command_substitution"]
                inside_of = [self.of_all(n.children, strictness, depth) for n in taken]
                fails = any(o.fails or o.ends for o in inside_of)
            case "command":
                outcome = self._of_command(node, strictness, depth)
                if outcome is not None:
                    return outcome
                fails = True
            case _:
                fails = True
        if fails and self.asked is None:
            self.asked = node
        return Outcome(fails, ends=fails and strictness.errexit)

    def _of_command(self, node: Node, strictness: Strictness, depth: int) -> Outcome | None:
        """What a command comes to; None for one that may fail as any other."""
        words = words_of(node, int)
        name = words[0].text if words else ""
        rest = [word.text for word in words[1:]]
        if b":?" in (node.text or b""):
            return None
        if name in ("exit", "return"):
            return Outcome(over=True) if rest == ["0"] else _BAD
        if name in SURE or name == "set" or (name == "wait" and not rest):
            self.told = self.told or self._told_in(node)
            return _GOOD
        if name == "trap":
            return _BAD  # the text may end by what stands in it
        if name in self._functions:
            body = self._functions[name].children[-1]
            found = self._of(body, strictness, depth + 1)
            return replace(
                found, ends=found.ends or (found.fails and strictness.errexit), over=False
            )
        return _GOOD if words and self._is_lost_inside(words, node) else None

    def _told_in(self, node: Node) -> Node | None:
        """The first command in the words of another one that may fail."""
        if b"$(" not in (node.text or b"") or self._texts >= _MOST_TEXTS:
            return None
        for taken in walk(node):
            if taken.type == "command_substitution":
                reading = Reading(self._texts + 1)
                reading.of_all(taken.children, Strictness(errexit=False), 0)
                if reading.asked is not None:
                    return reading.asked
        return None

    def _is_lost_inside(self, words: Sequence[Word], node: Node) -> bool:
        """Whether it has a text run, here or on a host, in which every failure is lost."""
        if self._texts >= _MOST_TEXTS:
            return False
        call = Call(tuple(words), node.start_byte, node.end_byte)
        texts = [text for _, text, _ in inside(call) if text is not None]
        if len(texts) != 1:
            return False
        root = parsed(texts[0])
        reading = Reading(self._texts + 1)
        lenient = Strictness(errexit=False, pipefail=False)
        outcome = _BAD if root.has_error else reading.of_all(root.children, lenient, 0)
        if outcome.fails or outcome.ends or reading.asked is None:
            return False
        self.asked = self.asked or node
        return True

    def _of_list(self, parts: Sequence[Node], strictness: Strictness, depth: int) -> Outcome:
        left = self._of(parts[0], _lenient(strictness), depth + 1)
        right = self._of(parts[2], strictness, depth + 1)
        fails = right.fails or (parts[1].type == "&&" and left.fails)
        return Outcome(fails, left.ends or right.ends)

    def _of_redirected(self, node: Node, strictness: Strictness, depth: int) -> Outcome:
        body, *redirects = node.children
        if any(r.type == "heredoc_redirect" and _goes_on(r) for r in redirects):
            return _BAD
        own = [r.text or b"" for r in redirects if r.type == "file_redirect"]
        if all(_PLAIN_TARGET.match(text) for text in own):
            return self._of(body, strictness, depth + 1)
        return _BAD

    def _of_if(self, nodes: Sequence[Node], strictness: Strictness, depth: int) -> Outcome:
        """The status is that of a branch, and 0 where none is taken."""
        at = next((i for i, n in enumerate(nodes) if n.type == "then"), len(nodes))
        asked = self.of_all(nodes[:at], _lenient(strictness), depth)
        others = [n for n in nodes[at:] if n.type in ("elif_clause", "else_clause")]
        body = [n for n in nodes[at:] if n not in others]
        found = [self.of_all(body, strictness, depth)]
        for other in others:
            if other.type == "elif_clause":
                found.append(self._of_if(other.children, strictness, depth + 1))
            else:
                found.append(self.of_all(other.children, strictness, depth))
        return Outcome(any(o.fails for o in found), asked.ends or any(o.ends for o in found))

    def _of_case(self, nodes: Sequence[Node], strictness: Strictness, depth: int) -> Outcome:
        found = [_GOOD]
        for item in nodes:
            if item.type == "case_item":
                at = next((i for i, n in enumerate(item.children) if n.type == ")"), 0)
                found.append(self.of_all(item.children[at:], strictness, depth))
        return Outcome(any(o.fails for o in found), any(o.ends for o in found))


def _goes_on(document: Node) -> bool:
    """Whether a command follows the mark of a here-document: `ask <<END || true`."""
    return any(child.is_named and child.type not in _PUNCTUATION for child in document.children)


def _lenient(strictness: Strictness) -> Strictness:
    """Where somebody looks at the status, no failure ends the text."""
    return replace(strictness, errexit=False)
