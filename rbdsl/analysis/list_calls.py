"""Calls whose program and first arguments stand in a list of the plan: `"${k[@]}" get pods`.

Written out they are calls as any other, also for what they run in turn; the words of the list have
the place of the word that names it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from rbdsl.analysis.call_walk import of_call
from rbdsl.analysis.calls import Call

Lists = Mapping[str, tuple[str, ...]]
"""The items of lists, by their names in the shell."""


def written_out(calls: Sequence[Call], lists: Lists) -> Iterator[Call]:
    """The calls in order, those that begin with a list written out."""
    for call in calls:
        items = lists.get(list_named(call.words[0].text))
        if items:
            yield from of_call(_with(_in_pipe(call, lists), items))
        else:
            yield _in_pipe(call, lists)


def list_named(word: str) -> str:
    """The name of the list that a word stands for, `"${hosts[@]}"`; empty where it is for none."""
    return word[2:-4] if word.startswith("${") and word.endswith("[@]}") else ""


def _in_pipe(call: Call, lists: Lists) -> Call:
    """A call with the programs of its pipe by their names."""
    if "[@]}" not in "".join(call.pipe):
        return call
    return replace(
        call, pipe=tuple(next(iter(lists.get(list_named(one), ())), one) for one in call.pipe)
    )


def _with(call: Call, items: tuple[str, ...]) -> Call:
    head = call.words[0]
    words = [replace(head, text=item, literal="$" not in item) for item in items]
    return replace(call, words=(*words, *call.words[1:]))
