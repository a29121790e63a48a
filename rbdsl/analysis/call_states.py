"""What holds for the nodes below a node of the syntax tree: who looks at a failure, what is piped,
redirected, in the background, in a function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rbdsl.analysis.call_outcome import after, handler, handler_of_if, heeded, last_statement
from rbdsl.analysis.call_words import (
    data_of,
    documents_of,
    redirection,
    said,
    words_behind,
    words_of,
)
from rbdsl.analysis.calls import Call, Redirection
from rbdsl.analysis.wrappers import behind

if TYPE_CHECKING:
    from tree_sitter import Node

_LOOPS = {"if_statement": "if", "elif_clause": "if", "while_statement": "while"}
_HEADS_END = ("then", "do", "do_group")
_SUBSTITUTIONS = {"command_substitution": "$(", "process_substitution": "<("}
_JOINS = ("&&", "||")

Places = Callable[[int], int]

NOTHING = Call((), 0, 0)
"""What holds for commands is carried along as a call, with the words behind redirections."""


def below(node: Node, state: Call, characters: Places, place: Places) -> list[tuple[Node, Call]]:
    """The nodes in a node, each with what holds there."""
    children = node.children
    match node.type:
        case "list":
            return _of_list(children, state)
        case "pipeline":
            return _of_pipe([c for c in children if c.is_named], state)
        case "redirected_statement":
            return _of_redirected(node, state, characters, place)
        case "negated_command":
            return [(child, replace(state, tested="!")) for child in children]
        case "function_definition":
            name = node.child_by_field_name("name")
            function = (name.text or b"").decode("utf-8", "replace") if name else ""
            return [(child, replace(_fresh(state), function=function)) for child in children]
        case "command_substitution" | "process_substitution":
            kind = _SUBSTITUTIONS[node.type]
            fresh = replace(_fresh(state), substituted=kind, holder=state.holder)
            if kind == "$(":
                fresh = replace(fresh, tested=state.tested, otherwise=state.otherwise)
            return _in_order(children, fresh)
        case _:
            return _of_compound(node.type, children, state)


def _of_compound(kind: str, children: Sequence[Node], state: Call) -> list[tuple[Node, Call]]:
    match kind:
        case "if_statement" | "elif_clause" | "while_statement":
            return _of_head(kind, children, state)
        case "do_group":
            return _in_order(children, _not_last(replace(state, holder="")))
        case "for_statement" | "declaration_command" | "variable_assignment":
            return _of_holder(kind, children, state)
        case _:
            return _in_order(children, state)


def _of_head(kind: str, children: Sequence[Node], state: Call) -> list[tuple[Node, Call]]:
    """What is asked behind `if` or `while`, and what runs then."""
    ends = [at for at, child in enumerate(children) if child.type in _HEADS_END]
    head = ends[0] if ends else 0
    tested = replace(state, tested=_LOOPS[kind])
    if tested.tested == "if":
        tested = replace(tested, otherwise=handler_of_if(children, _name_words))
    return [*((child, tested) for child in children[:head]), *_in_order(children[head:], state)]


def _of_holder(kind: str, children: Sequence[Node], state: Call) -> list[tuple[Node, Call]]:
    """What takes the output of a substitution: `for`, `local x=`, `x=`."""
    match kind:
        case "for_statement":
            holder = "for"
        case "declaration_command":
            holder = (children[0].text or b"").decode("utf-8", "replace") if children else ""
        case _:
            holder = state.holder or "="
    return [(child, replace(state, holder=holder)) for child in children]


def _fresh(state: Call) -> Call:
    """What holds where commands begin anew in the same shell."""
    return replace(
        NOTHING,
        wrappers=state.wrappers,
        where=state.where,
        function=state.function,
        strictness=replace(state.strictness, last=True, kept=False, doomed=False),
    )


def _not_last(state: Call) -> Call:
    return replace(state, strictness=replace(state.strictness, last=False, kept=False))


def _heeded(state: Call, *, kept: bool, doomed: bool) -> Call:
    strictness = state.strictness
    strictness = replace(
        strictness, kept=kept or strictness.kept, doomed=doomed or strictness.doomed
    )
    return replace(state, strictness=strictness)


def _in_order(children: Sequence[Node], state: Call) -> list[tuple[Node, Call]]:
    """Statements one after the other; a `&` puts the one before it into the background."""
    found = []
    end = last_statement(children)
    goes_on = state.strictness.of >= 0 and end > 0
    kept, doomed = heeded(children, _name_words) if goes_on else (set[int](), range(0))
    for at, child in enumerate(children):
        behind = at + 1 < len(children) and children[at + 1].type == "&"
        own = _not_last(state) if at < end else state
        if at in kept or at in doomed:
            own = _heeded(own, kept=at in kept, doomed=at in doomed)
        found.append((child, replace(own, background=True) if behind else own))
        strictness = after(child, state.strictness, _name_words)
        if strictness is not state.strictness:
            state = replace(state, strictness=strictness)
    return found


def _of_list(children: Sequence[Node], state: Call) -> list[tuple[Node, Call]]:
    if len(children) != 3 or children[1].type not in _JOINS:
        return _in_order(children, state)
    left, operator, right = children
    if operator.type == "||":
        before = replace(state, tested="||", otherwise=handler(right, _name_words))
    else:
        before = replace(state, tested=state.tested or "&&")
    strictness = after(left, state.strictness, _name_words)
    behind = replace(state, strictness=strictness) if strictness != state.strictness else state
    return [(left, before), (operator, state), (right, behind)]


def _of_pipe(stages: Sequence[Node], state: Call) -> list[tuple[Node, Call]]:
    names = tuple(_program(_name_words(stage)) for stage in stages)
    found = []
    for at, stage in enumerate(stages):
        own = replace(state, pipe=names, stage=at)
        if at > 0:
            own = replace(own, given=said(stages[at - 1]))
        found.append((stage, own))
    return found


def _of_redirected(
    node: Node, state: Call, characters: Places, place: Places
) -> list[tuple[Node, Call]]:
    """A redirection behind a list or a pipe is that of its last command."""
    body, *redirects = node.children
    own = (*state.redirections, *redirections(node, characters, place))
    given = (*state.given, *data_of(node))
    documents = documents_of(node, characters, place)
    words = words_behind(node, lambda byte: place(characters(byte)))
    below: list[tuple[Node, Call]] = []
    behind = [c for r in redirects if r.type == "heredoc_redirect" for c in r.children]
    piped = [c for p in behind if p.type == "pipeline" for c in p.children if c.is_named]
    if piped:  # `cat <<EOF | psql`
        stages = _of_pipe([body, *piped], replace(state, redirections=own))
        below.append((body, replace(stages[0][1], words=words, given=given)))
        first = stages[1][1]
        if _name_words(body)[:1] == ("cat",):
            first = replace(first, given=given, documents=documents)
        below += [(stages[1][0], first), *stages[2:]]
    else:
        held = replace(state, words=words, redirections=own, given=given, documents=documents)
        below = _with_redirections(body, held, state)
    for redirect in redirects:
        inner = [c for c in redirect.children if c.type != "pipeline"]
        fresh = _fresh(state)
        below.extend((child, fresh) for child in inner)
    return below


def _with_redirections(body: Node, state: Call, before: Call) -> list[tuple[Node, Call]]:
    if body.type not in ("list", "pipeline"):
        return [(body, state)]
    parts = (
        _of_list(body.children, before)
        if body.type == "list"
        else _of_pipe([c for c in body.children if c.is_named], before)
    )
    last, own = parts[-1]
    last_state = replace(
        own,
        words=state.words,
        redirections=state.redirections,
        given=(*own.given, *state.given),
        documents=state.documents,
    )
    return [*parts[:-1], *_with_redirections(last, last_state, own)]


def redirections(node: Node, characters: Places, place: Places) -> tuple[Redirection, ...]:
    """The redirections of a node itself."""
    # `cat <<EOF > file`: what follows the mark of a here-document stands in its node.
    behind = [
        c for child in node.children if child.type == "heredoc_redirect" for c in child.children
    ]
    found = (
        redirection(child, lambda byte: place(characters(byte)))
        for child in (*node.children, *behind)
        if child.type == "file_redirect"
    )
    return tuple(one for one in found if one)


def _name_words(node: Node) -> tuple[str, ...]:
    """The words of a command, also of one that is redirected; nothing for a group."""
    while node.type in ("redirected_statement", "negated_command", "list") and node.children:
        node = next(child for child in node.children if child.is_named)
    return tuple(word.text for word in words_of(node, int)) if node.type == "command" else ()


def _program(words: Sequence[str]) -> str:
    """The name of the program behind all wrappers."""
    if not words:
        return ""
    inner = [word for word in behind(words[0], words[1:]) if word is not None]
    return _program(inner) if inner else words[0].rpartition("/")[2]
