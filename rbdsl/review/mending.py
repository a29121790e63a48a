"""Carries out the fixes of findings on the text that they are about.

Where two fixes touch, the first one wins: what is left is found again in the new text, if it is
still there. All characters that no edit names stay as they are.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable

from rbdsl.diagnostics import Diagnostic, Edit, Fix
from rbdsl.review.findings import inserted
from rbdsl.source import Source


def fixes(diagnostics: Iterable[Diagnostic], *, unsafe: bool) -> list[Fix]:
    """The fixes that may be made, in the order of the findings; the safe ones, or all."""
    return [d.fix for d in diagnostics if d.fix and d.fix.edits and (unsafe or d.fix.safe)]


def mend(source: Source, wanted: Iterable[Fix]) -> tuple[Source, int]:
    """The new text, and how many of the fixes are made in it.

    The fixes are all for this text; the source of their spans may be another reading of it.
    """
    taken: list[tuple[int, int]] = []
    edits: list[Edit] = []
    made = 0
    for fix in wanted:
        places = [(edit.span.start, edit.span.end) for edit in fix.edits]
        if any(_touches(place, taken) for place in places):
            continue
        for place in places:
            insort(taken, place)
        edits += fix.edits
        made += 1
    text = source.text
    for edit in sorted(edits, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start] + inserted(edit) + text[edit.span.end :]
    return Source(source.path, text, bom=source.bom), made


def _touches(place: tuple[int, int], taken: list[tuple[int, int]]) -> bool:
    """Whether a place overlaps one of the others (which do not overlap, in order) or abuts it."""
    start, end = place
    at = bisect_right(taken, end, key=lambda other: other[0])
    return at > 0 and taken[at - 1][1] >= start
