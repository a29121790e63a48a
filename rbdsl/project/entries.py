"""Findings as an entry of the cache, and back.

    {"inputs": [["std", "std/http"], ["file", "shared/web.rbplan", "<sha256>", "<real path>"], …],
     "root": "/srv/plans" or null, "from": 1765187999.0 or null, "until": null, "found": […],
     "allowed": [[…, "the reason of the comment"], …]}

`inputs` are the modules that the plan is made from; the plan itself is part of the key. An entry
holds as long as they are the same, the project (in which modules may lie) begins where it did, and
the time is between `from` and `until`. Spans are `[input, start, end]`, input 0 the plan.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rbdsl.project.roots import root_of

if TYPE_CHECKING:
    from rbdsl.diagnostics import Diagnostic, Fix, Suppressed
    from rbdsl.source import Source, Span

STANDARD, FILE = "std", "file"

Entry = dict[str, Any]


class NoEntryError(Exception):
    """What was found can't be kept: it speaks of a text that is no input of the plan."""


def interval(moments: Sequence[datetime], now: datetime) -> tuple[float | None, float | None]:
    """From when and until when (seconds since 1970) the same is found, the end outside."""
    past = max((m for m in moments if m <= now), default=None)
    future = min((m for m in moments if m > now), default=None)
    return past.timestamp() if past else None, future.timestamp() if future else None


def make(
    found: Sequence[Diagnostic],
    allowed: Sequence[Suppressed],
    plan: Source,
    modules: Mapping[Source, Sequence[str]],
    place: str,
    moments: Sequence[datetime],
    now: datetime,
) -> Entry:
    """The entry of a plan at `place`; `modules` are its modules with their lines of `inputs`.

    Raises NoEntryError.
    """
    numbers = {source: number for number, source in enumerate([plan, *modules])}
    since, until = interval(moments, now)
    inputs = [list(line) for line in modules.values()]
    files = any(line[0] == FILE for line in inputs)
    try:
        frozen = [_freeze(diagnostic, numbers) for diagnostic in found]
        let = [[_freeze(entry.diagnostic, numbers), entry.reason] for entry in allowed]
    except KeyError as problem:
        raise NoEntryError from problem
    return {
        "inputs": inputs,
        "root": _root(place) if files else None,
        "from": since,
        "until": until,
        "found": frozen,
        "allowed": let,
    }


def _root(place: str) -> str:
    return root_of(os.path.realpath(os.path.dirname(place)))[0]


def holds(entry: Entry, place: str, now: float, hash_of: Callable[[str], str | None]) -> bool:
    """Whether an entry still says what would be found; `hash_of` is the SHA-256 of a file."""
    since, until = entry["from"], entry["until"]
    if (since is not None and now < since) or (until is not None and now >= until):
        return False
    if entry["root"] is not None and entry["root"] != _root(place):
        return False
    return all(
        hash_of(line[1]) == line[2] and os.path.realpath(line[1]) == line[3]
        for line in entry["inputs"]
        if line[0] == FILE
    )


def findings(
    entry: Entry, plan: Source, module: Callable[[Sequence[str]], Source]
) -> tuple[tuple[Diagnostic, ...], tuple[Suppressed, ...]]:
    """What an entry says was found, and what of it comments allow.

    `module` reads the module of a line of `inputs`.
    """
    sources: dict[int, Source] = {0: plan}

    def span(frozen: Sequence[int]) -> Span:
        from rbdsl.source import Span

        number, start, end = frozen
        if number not in sources:
            sources[number] = module(entry["inputs"][number - 1])
        return Span(sources[number], start, end)

    from rbdsl.diagnostics import Suppressed

    allowed = (Suppressed(_thaw(frozen, span), reason) for frozen, reason in entry["allowed"])
    return tuple(_thaw(frozen, span) for frozen in entry["found"]), tuple(allowed)


def _freeze(diagnostic: Diagnostic, numbers: Mapping[Source, int]) -> list[Any]:
    def span(place: Span) -> list[int]:
        return [numbers[place.source], place.start, place.end]

    def fix(mend: Fix | None) -> list[Any] | None:
        if mend is None:
            return None
        edits = [[span(edit.span), edit.text] for edit in mend.edits]
        return [mend.description, edits, mend.safe]

    return [
        diagnostic.code,
        diagnostic.name,
        diagnostic.severity.value,
        diagnostic.message,
        span(diagnostic.span),
        [[span(label.span), label.text] for label in diagnostic.labels],
        diagnostic.hint,
        list(diagnostic.notes),
        fix(diagnostic.fix),
        diagnostic.url,
    ]


def _thaw(frozen: Sequence[Any], span: Callable[[Sequence[int]], Span]) -> Diagnostic:
    from rbdsl.diagnostics import Diagnostic, Edit, Fix, Label, Severity

    code, name, severity, message, place, labels, hint, notes, fix, url = frozen
    mend = None
    if fix is not None:
        description, edits, safe = fix
        mend = Fix(description, tuple(Edit(span(s), text) for s, text in edits), safe)
    return Diagnostic(
        code,
        name,
        Severity(severity),
        message,
        span(place),
        tuple(Label(span(s), text) for s, text in labels),
        hint,
        tuple(notes),
        mend,
        url,
    )
