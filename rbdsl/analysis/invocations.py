"""The calls of a piece of bash as words and options: what each program is told to do.

A text in quotes is one word, without them; `${name}` is written `$name`. What a program gets from
a here-document, or by `echo … |`, is a word of it, statement by statement.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from rbdsl.analysis.call_words import SAYING
from rbdsl.analysis.calls import Call, calls
from rbdsl.analysis.options import Option
from rbdsl.record import dataclass


@dataclass(frozen=True, slots=True)
class Invocation:
    """A call of a program: what it is told to do, and how; both as far as can be told apart.

    `where` is the host that `ssh` runs it on, empty without.
    """

    program: str
    words: tuple[str, ...]
    options: tuple[Option, ...] = ()
    where: str = ""

    def has(self, option: str) -> bool:
        """Whether it has an option of that name, with or without a value."""
        return any(name == option for name, _ in self.options)


@lru_cache(maxsize=4096)
def invocations(text: str) -> tuple[Invocation, ...]:
    """Every command of a text, in order; in a container it is an argument of `kubectl exec`."""
    return tuple(found for call in calls(text) for found in _of_call(call))


def _of_call(call: Call) -> Iterator[Invocation]:
    if call.program in SAYING and not call.redirections:
        return
    if call.program == "ssh" and len(call.operands) > 1:
        return
    if any(not place.startswith("ssh ") for place in call.where):
        return
    host = call.where[-1].partition(" ")[2] if call.where else ""
    program = call.words[0].text
    yield Invocation(program, call.operands, call.options, host)
    for statement in call.given:
        yield Invocation(program, (*call.operands, statement), call.options, host)
