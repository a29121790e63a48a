"""Which failures do not matter: what is behind them tells, or they are meant.

In: a call whose failure does nothing. Out: whether the next command fails where it did not work
(`dropdb x || true`, then `createdb x`) or does where it was so already (`kubectl rollout resume`),
whether the note that is written instead gives the reason,
or whether all that a loop does is tried and no more.
"""

from __future__ import annotations

import re
from itertools import islice, pairwise

from rbdsl.analysis.empty_answers import LOCAL
from rbdsl.analysis.fed_loops import fed_loops
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.silence.answers import SHRUGS, is_shrug
from rbdsl.rules.silence.changes import changes

_NEAR = 100
"""So many commands behind it are looked at."""
_TAKES = re.compile(r"(?:delete|del|remove|rm|drop|destroy)(?=-|\Z)")
_MAKES = re.compile(r"(?:create|add|new)(?=-|\Z)")
_WHOLE = {"dropdb": "createdb", "dropuser": "createuser"}
"""Programs that take away, with those that fail where the thing is still there."""
_NAMED = re.compile(r"(?:\A|-)(?:name|identifier|id)\Z")
_CLUSTER = ("kubectl", "oc")
_ALREADY = (("rollout", "resume"), ("rollout", "pause"))
_RULES = frozenset(["iptables", "ip6tables"])
_DELETES, _APPENDS = ("-D", "--delete"), ("-A", "--append", "-I", "--insert")
_ENDING = re.compile(
    r"(?:fail|cancel|abort|delete|del|remove|rm|drop\w*|destroy|stop|uninstall|deregister)(?=\W|\Z)"
)
"""Words of commands that end something: it may have ended before."""
_REASON = re.compile(
    r"(?i)\b(?:already|by (?:it|them)sel(?:f|ves)|(?:has|have|had) (?:ended|finished|gone|stopped)"
    r"|(?:was|were|is|are) (?:gone|not there|not running|absent)|there (?:was|is) no(?:ne|thing)?"
    r"|nothing (?:to|left)|none (?:left|there)|not there|no longer|no such"
    r"|does(?: not|n't) exist)\b"
)
"""Why it is no harm that a command failed: what it was to end has ended."""


def next_tells(placed: PlacedCall) -> bool:
    """Whether a call takes away what one behind it in its text makes, which fails otherwise."""
    taken = _taken(placed)
    if not taken:
        return False
    return any(
        not is_shrug(p.call.otherwise)
        and p.call.where == placed.call.where
        and _made(p)[: len(taken)] == taken
        for p in islice(placed.place.behind(placed), _NEAR)
    )


def _taken(placed: PlacedCall) -> tuple[str, ...]:
    """What a call takes away, worded as by the call that makes it; empty where it does not."""
    call = placed.call
    words = tuple(map(placed.filled, call.operands))
    if call.program in _WHOLE:
        return (_WHOLE[call.program], *words)
    return _worded(placed, _TAKES, _DELETES)


def _made(placed: PlacedCall) -> tuple[str, ...]:
    call = placed.call
    if call.program in _WHOLE.values():
        return (call.program, *map(placed.filled, call.operands))
    return _worded(placed, _MAKES, _APPENDS)


def _worded(placed: PlacedCall, verb: re.Pattern[str], options: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a call with a mark for its verb, and the names that options give."""
    call = placed.call
    if call.program in _RULES:
        texts = placed.texts[1:]
        said = not set(options).isdisjoint(texts)
        return (call.program, *(t for t in texts if t not in options)) if said else ()
    words = [placed.filled(word) for word in call.operands]
    at = next((i for i, word in enumerate(words[:3]) if verb.match(word)), None)
    if at is None or not call.program:
        return ()
    words[at] = verb.sub("<>", words[at], count=1)
    names = sorted(placed.filled(v) for n, v in call.options if v and _NAMED.search(n))
    about = (*words, *names)
    return (call.program, *about) if len(about) > at + 1 else ()


def gives_reason(placed: PlacedCall) -> bool:
    """Whether a call ends something, and the note that is written instead says it has ended."""
    otherwise = placed.call.otherwise
    if not otherwise or otherwise[0] not in SHRUGS:
        return False
    ends = any(_ENDING.match(word) for word in placed.call.operands[:3])
    return ends and _REASON.search(" ".join(otherwise[1:])) is not None


def was_so_already(placed: PlacedCall) -> bool:
    """Whether a call fails where there is nothing to do: a rollout that is not paused, or is.

    Something behind it in its text has to tell whether the cluster answers.
    """
    call = placed.call
    words = call.operands
    if call.program not in _CLUSTER or not any(pair in _ALREADY for pair in pairwise(words)):
        return False
    return any(
        p.call.program in _CLUSTER and p.call.where == call.where and not is_shrug(p.call.otherwise)
        for p in islice(placed.place.behind(placed), _NEAR)
    )


def feeds_best_effort(placed: PlacedCall) -> bool:
    """Whether a call gives a loop its list that tries each one and does not mind a failure.

    Of what the loop changes somebody has to mind, unless the step itself may fail.
    """
    step, call = placed.place.step, placed.call
    for loop in fed_loops(placed.place.shell.text):
        if not loop.list_begin <= call.start < loop.list_end:
            continue
        inside = [
            p.call
            for p in placed.place.calls
            if loop.begin <= p.call.start < loop.end and p.call.program not in LOCAL | SHRUGS
        ]
        lenient = step is not None and step.continue_on_failure
        return bool(inside) and all(
            is_shrug(c.otherwise) and (lenient or not changes(c)) for c in inside
        )
    return False
