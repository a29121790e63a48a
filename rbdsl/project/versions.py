"""Versions and what a configuration demands of them: `>=0.3, <1`, after PEP 440.

`parse_demand` gives a `Demand`, or None for a text that is none; `Demand.holds(version)` says
whether a version fits. A bare version is the least one; local parts (`+abc`) do not count.
"""

from __future__ import annotations

import re

from rbdsl.patterns import lazy_pattern
from rbdsl.record import dataclass

_VERSION = lazy_pattern(
    r"v?(?P<release>\d{1,9}(?:\.\d{1,9})*)"
    r"(?:[-_.]?(?P<phase>a|b|c|rc|alpha|beta|pre|preview)[-_.]?(?P<number>\d{0,9}))?"
    r"(?P<post>[-_.]?(?:post|rev|r)[-_.]?(?P<post_number>\d{0,9}))?"
    r"(?P<dev>[-_.]?dev[-_.]?(?P<dev_number>\d{0,9}))?"
    r"(?:\+[a-z0-9.]+)?",
    re.ASCII | re.IGNORECASE,
)
_CLAUSE = lazy_pattern(r"(?P<operator>~=|==|!=|<=|>=|<|>)?\s*(?P<version>[^\s,]+?)(?P<any>\.\*)?")
_PHASES = {"a": 0, "alpha": 0, "b": 1, "beta": 1, "c": 2, "rc": 2, "pre": 2, "preview": 2}
_FINAL = 3
_LAST = 1 << 30

Key = tuple[tuple[int, ...], int, int, int, int]
"""What versions are ordered by: release, phase and its number, post, dev."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison; `any_below` is that of `== 1.2.*`."""

    operator: str
    version: str
    any_below: bool = False

    def holds(self, version: str) -> bool:
        """Whether a version, which has to be one, fits."""
        own, other = _key(version), _key(self.version)
        if own is None or other is None:
            return False
        if self.any_below:
            inside = _begins(own[0], other[0])
            return inside if self.operator == "==" else not inside
        if self.operator == "~=":
            return own >= other and _begins(own[0], _release(self.version)[:-1])
        comparisons = {
            "==": own == other,
            "!=": own != other,
            ">=": own >= other,
            "<=": own <= other,
            ">": own > other,
            "<": own < other,
        }
        return comparisons[self.operator]


@dataclass(frozen=True, slots=True)
class Demand:
    """All clauses have to hold."""

    clauses: tuple[Clause, ...]

    def holds(self, version: str) -> bool:
        """Whether a version fits."""
        return all(clause.holds(version) for clause in self.clauses)


def parse_demand(text: str) -> Demand | None:
    """The demand that a text makes, None where it is none."""
    clauses = [_clause(part.strip()) for part in text.split(",")]
    known = [clause for clause in clauses if clause]
    return Demand(tuple(known)) if len(known) == len(clauses) else None


def _clause(text: str) -> Clause | None:
    found = _CLAUSE.fullmatch(text)
    if found is None or _key(found["version"]) is None:
        return None
    operator, any_below = found["operator"] or ">=", bool(found["any"])
    if any_below and operator not in ("==", "!="):
        return None
    if operator == "~=" and len(_release(found["version"])) < 2:
        return None
    return Clause(operator, found["version"], any_below)


def _release(version: str) -> tuple[int, ...]:
    """The numbers of a version as they are written, with zeros at its end."""
    found = _VERSION.fullmatch(version)
    return tuple(map(int, found["release"].split("."))) if found else ()


def _begins(release: tuple[int, ...], start: tuple[int, ...]) -> bool:
    padded = release + (0,) * len(start)
    return padded[: len(start)] == start


def _key(version: str) -> Key | None:
    found = _VERSION.fullmatch(version)
    if found is None:
        return None
    release = _release(version)
    while len(release) > 1 and release[-1] == 0:
        release = release[:-1]
    dev = int(found["dev_number"] or 0) if found["dev"] else _LAST
    post = int(found["post_number"] or 0) if found["post"] else -1
    if found["phase"]:
        phase, number = _PHASES[found["phase"].lower()], int(found["number"] or 0)
    else:
        # `1.0.dev1` comes before `1.0a1`.
        phase, number = (-1 if found["dev"] and not found["post"] else _FINAL), 0
    return release, phase, number, post, dev
