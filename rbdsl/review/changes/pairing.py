"""Which part of the old version is which part of the new one: by name, else by likeness.

A part that was renamed is still the same part: it is found by what it does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from rbdsl.record import dataclass

T = TypeVar("T")

ALIKE = 0.6
"""From this likeness on two parts of different names are taken for one that was renamed."""

_MOST = 10_000
"""So many pairs are compared at most: beyond, only what is the same is found again."""


@dataclass(frozen=True, slots=True)
class Pairs(Generic[T]):
    """What is in both, in the order of the new version; what is gone; what was added."""

    kept: tuple[tuple[T, T], ...]
    gone: tuple[T, ...]
    added: tuple[T, ...]


def paired(
    old: Sequence[T],
    new: Sequence[T],
    key: Callable[[T], str],
    likeness: Callable[[T, T], float] | None = None,
) -> Pairs[T]:
    """The parts by their key (the n-th of a key with the n-th), then the most alike of the rest."""
    there: dict[str, list[int]] = {}
    for number, part in enumerate(old):
        there.setdefault(key(part), []).append(number)
    match: dict[int, int] = {}
    for number, part in enumerate(new):
        numbers = there.get(key(part))
        if numbers:
            match[number] = numbers.pop(0)
    if likeness:
        _match_alike(old, new, match, likeness)
    taken = set(match.values())
    return Pairs(
        tuple((old[match[n]], new[n]) for n in range(len(new)) if n in match),
        tuple(part for n, part in enumerate(old) if n not in taken),
        tuple(part for n, part in enumerate(new) if n not in match),
    )


def _match_alike(
    old: Sequence[T],
    new: Sequence[T],
    match: dict[int, int],
    likeness: Callable[[T, T], float],
) -> None:
    left = sorted(set(range(len(old))) - set(match.values()))
    right = [n for n in range(len(new)) if n not in match]
    if len(left) * len(right) > _MOST:
        return
    scores = [(likeness(old[o], new[n]), -o, -n) for o in left for n in right]
    for score, o, n in sorted(scores, reverse=True):
        if score >= ALIKE and -n not in match and -o not in match.values():
            match[-n] = -o
