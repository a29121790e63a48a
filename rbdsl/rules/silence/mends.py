"""Mends that put an option behind the name of a program.

They are offered where the name stands in the plan as it is; in a text that is escaped it does not.
"""

from __future__ import annotations

from rbdsl.diagnostics import Edit, Fix
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.source import Span


def with_option(placed: PlacedCall, option: str, *, safe: bool) -> Fix | None:
    """The mend that inserts an option, or None where its place is not certain."""
    word = placed.call.words[0]
    span = placed.place.span(word.start, word.end)
    if span.text != word.text:
        return None
    end = Span(span.source, span.end, span.end)
    return Fix(f"insert `{option}`", (Edit(end, f" {option}"),), safe=safe)


def written(placed: PlacedCall, option: str) -> str:
    """The command with an option behind its program, for a hint; short."""
    words = [word.text for word in placed.call.words]
    text = " ".join([words[0], option, *words[1:]])
    return text if len(text) <= 72 and "\n" not in text else f"{words[0]} {option} …"
