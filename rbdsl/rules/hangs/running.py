"""What the rules about hanging ask of a call: who answers it, what ends it, how it is mended.

Steps run without input, and with their output in a pipe, in a process group of their own: a
question on standard input meets its end at once, one at the terminal stops the program.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from rbdsl.analysis.call_words import SAYING
from rbdsl.analysis.calls import Call, Word
from rbdsl.analysis.loops import Loop
from rbdsl.analysis.shell_variables import variables
from rbdsl.diagnostics import Edit, Fix
from rbdsl.model.values import Duration
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall
from rbdsl.source import Span


def running(context: Context, programs: Container[str]) -> Iterator[PlacedCall]:
    """The calls of these programs, in shell: the query of a metric is none."""
    for program, found in context.calls_by_program.items():
        if program in programs:
            yield from found


def is_set(placed: PlacedCall, *names: str) -> bool:
    """Whether one of these variables is set: for the call, in its text or by the plan."""
    if any(name in placed.call.environment for name in names):
        return True
    values = placed.place.values or {}
    made = variables(placed.place.shell.text).names
    return any(name in values or name in made for name in names)


def is_limited(call: Call) -> bool:
    """Whether it stands behind `timeout`."""
    return any(_name(words[0]) == "timeout" for words in call.wrappers)


def is_fed(call: Call) -> bool:
    """Whether it has something to read: from a pipe, a file, a here-document."""
    return (
        call.stage > 0
        or bool(call.given)
        or any(r.descriptor == 0 and r.target.text not in _NOTHING for r in call.redirections)
    )


_NOTHING = ("/dev/null", "/dev/tty")


def is_answered(call: Call) -> bool:
    """Whether something says yes to it: `yes |`, `echo y |`, a here-document."""
    said = call.pipe[call.stage - 1] if call.stage > 0 else ""
    return said == "yes" or said in SAYING or bool(call.given) or (is_fed(call) and not call.stage)


def own_timeout(placed: PlacedCall) -> Duration | None:
    """The time limit that its step or check has been given."""
    owner = placed.place.step or placed.place.check
    return owner.timeout if owner else None


def begins(call: Call, *verbs: str) -> bool:
    """Whether its operands begin with these words; `a|b` is either of two."""
    words = operands(call)
    return len(words) >= len(verbs) and all(
        word in verb.split("|") for word, verb in zip(words, verbs, strict=False)
    )


_COMPOSE_VALUED = ("-f", "--file", "-p", "--project-name", "--project-directory", "--profile",
    "--env-file", "--ansi", "--progress", "--parallel")  # fmt: skip


def operands(call: Call) -> tuple[str, ...]:
    """The operands; of Compose without the values of what stands before its verb."""
    words = [word.text for word in call.words[1:]]
    if call.program != "docker-compose":
        if call.operands[:1] != ("compose",):
            return call.operands
        words = words[words.index("compose") + 1 :]
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in _COMPOSE_VALUED else 1
    verbs = tuple(words[at:])
    return verbs if call.program == "docker-compose" else ("compose", *verbs)


def shown(placed: PlacedCall) -> str:
    """The program and its verb, as a name for the call: `git revert`."""
    call = placed.call
    verb = next((word for word in call.operands if re.fullmatch(r"[a-z][a-z:-]*", word)), "")
    return f"{call.program} {verb}" if verb and call.operands[0] == verb else call.program


def added(placed: PlacedCall, text: str, *, safe: bool = True, after: Word | None = None) -> Fix:
    """Puts an option behind the program, or behind another of its words."""
    word = after or placed.call.words[0]
    span = placed.place.span(word.end, word.end)
    return Fix(f"add `{text}`", (Edit(span, f" {text}"),), safe)


def exchanged(placed: PlacedCall, word: Word, text: str, *, safe: bool = True) -> Fix:
    """Writes another word for one of its words."""
    span = placed.span_of(word)
    return Fix(f"write `{text}`", (Edit(span, text),), safe)


def stands_there(placed: PlacedCall, word: Word) -> bool:
    """Whether the source has the word at its place, so that it can be edited there."""
    return placed.span_of(word).text.strip("'\"") == word.text


def head_span(place: Place, loop: Loop) -> Span:
    """Its head, on one line."""
    text = place.shell.text
    line = text.find("\n", loop.start)
    end = min(loop.begin, line if line >= 0 else loop.begin)
    return place.span(loop.start, max(end, loop.start + 1))


def shortened(head: str) -> str:
    """A head that fits a message."""
    return head if len(head) <= 50 else head[:49] + "…"


def _name(word: Word) -> str:
    return word.text.rpartition("/")[2]
