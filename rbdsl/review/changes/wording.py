"""The words that changes are told in: commands, texts and lists, short enough for a line."""

from __future__ import annotations

from collections.abc import Iterable

from rbdsl.analysis.normalised import normalised
from rbdsl.model.steps import Step
from rbdsl.model.values import Shell
from rbdsl.review.changes.elided import elided

_LONGEST = 60


def shortened(text: str, longest: int = _LONGEST, beside: str = "") -> str:
    """A text on one line, with `…` where it goes on.

    `beside` is the text that it is told apart from: what both have alike is left out, so that what
    is different can be seen.
    """
    line, other = " ".join(text.split()), " ".join(beside.split())
    if line == other or max(len(line), len(other)) <= longest:
        other = ""
    if other:
        return elided(line, other, longest)
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def quoted(text: str, beside: str = "") -> str:
    """A text in typographic quotes, shortened; `beside` as for `shortened`."""
    return f"“{shortened(text, beside=beside)}”"


def named(name: object) -> str:
    """A name in backticks."""
    return f"`{name}`"


def names(items: Iterable[object]) -> str:
    """`a`, `b` and `c`: all of them."""
    words = [named(item) for item in items]
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def command(shell: Shell, beside: Shell | None = None) -> str:
    """A command as code, without comments, shortened; `beside` as for `shortened`."""
    other = normalised(beside.text) if beside else ""
    return f"`{shortened(normalised(shell.text), beside=other).replace('`', chr(39))}`"


def work(step: Step) -> str:
    """What a step does, in normal form: its commands, and the values that a module was given."""
    given = [f"{binding.name}={binding.value.written}" for binding in step.bindings]
    text = normalised(step.run.text) if step.run else ""
    told = [f"notify {', '.join(map(str, step.notify.channels))}"] if step.notify else []
    return "\n".join([text, *given, *told]).strip()


def counted(number: int, word: str) -> str:
    """`1 step`, `2 steps`."""
    return f"{number} {word}{'s' * (number != 1)}"
