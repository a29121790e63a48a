"""Thresholds in prose: `Error rate > 1% for 2 minutes` read as a machine would have to.

The words before the comparison are compared with the names of the metrics, by their stems:
"Authentication failure rate" is `auth_failure_rate`, "P99 latency" is `latency_p99`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rbdsl.model.values import Dimension
from rbdsl.record import dataclass

# Patterns are compiled when they are first used: most plans need none of them.
_THRESHOLD = (
    r"(?i)(?P<subject>[A-Za-z][\w\s/-]*?)\s*"
    r"(?P<comparison>>=|<=|[><≥≤]|\b(?:is |are |goes |rises )?"
    r"(?:above|over|below|under|exceeds?|more than|less than|greater than|at least)\b)\s*"
    r"(?P<number>\d+(?:[.,]\d+)?)\s*(?P<unit>%|percent|ms|seconds?|s\b|/\s?\w+|per \w+)?"
    r"(?P<rest>.*)"
)
_SUSTAINED = (
    r"(?i)\bfor\s+(?:more than\s+)?\d+\s*(?:consecutive\s+)?(?:s|m|h|sec\w*|min\w*|hours?)\b"
    r"|\bconsecutive\b|\bin a row\b"
)
_DOWNWARD = r"(?i)<|≤|below|under|less"
_NOISE = frozenset(("a", "all", "an", "any", "for", "in", "of", "on", "or", "our", "the", "total"))


_LASTING = (
    r"(?i)(?P<count>\d+)\s*(?:(?P<unit>s|m|h)(?:ec\w*|in\w*|our\w*)?\b|consecutive)"
    r"|(?P<samples>\d+)\s+(?:times\s+)?in a row"
)


@dataclass(frozen=True, slots=True)
class ProseThreshold:
    """A comparison found in a text: its subject in words, its direction, whether it must last.

    `number`, `unit` and `rest` are as written: `90`, `%` and `for 3 minutes`.
    """

    subject: str
    upward: bool
    sustained: bool
    number: str
    unit: str
    rest: str

    def as_trigger(self, metric: str, dimension: Dimension) -> str:
        """The trigger that the text asks for, e.g. `cpu_usage > 90% for 3m`."""
        amount = self.number + _unit(dimension, self.unit.lower())
        return f"{metric} {'>' if self.upward else '<'} {amount} {self._lasting()}"

    def _lasting(self) -> str:
        found = re.search(_LASTING, self.rest)
        if found is None:
            return "for 1m"
        if found["unit"]:
            return f"for {found['count']}{found['unit'].lower()}"
        return f"for {found['count'] or found['samples']} consecutive"


def _unit(dimension: Dimension, written: str) -> str:
    if dimension is Dimension.RATIO:
        return "%"
    if dimension is Dimension.DURATION:
        return "s" if written.startswith("s") else "ms"
    if dimension is Dimension.RATE:
        letter = written.removeprefix("per").strip(" /")[:1]
        return {"h": "/h", "s": "/s"}.get(letter, "/min")
    return ""


def threshold_in(text: str) -> ProseThreshold | None:
    """The threshold that a text states, or None."""
    found = re.search(_THRESHOLD, text)
    if not found:
        return None
    upward = re.search(_DOWNWARD, found["comparison"]) is None
    return ProseThreshold(
        found["subject"].strip(),
        upward,
        bool(re.search(_SUSTAINED, found["rest"])),
        found["number"].replace(",", "."),
        found["unit"] or "",
        found["rest"],
    )


def name_meant(subject: str, names: Iterable[str]) -> str | None:
    """The name all of whose words stand in a text, or None; that with the most words wins."""
    words = _stems(subject)
    best: tuple[int, str] | None = None
    for name in names:
        parts = _stems(name)
        complete = all(any(_same(part, word) for word in words) for part in parts)
        if parts and complete and (best is None or len(parts) > best[0]):
            best = (len(parts), name)
    return best[1] if best else None


def _stems(text: str) -> list[str]:
    words = re.findall(r"[a-z]+\d*|\d+", text.lower().replace("_", " "))
    meaning = [word for word in words if word not in _NOISE]
    return [_stem(word) for word in meaning or words]


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _same(first: str, second: str) -> bool:
    """Whether two stems mean the same: equal, or one a long enough beginning of the other."""
    short, long = sorted(
        (_ABBREVIATED.get(first, first), _ABBREVIATED.get(second, second)), key=len
    )
    return long == short or (len(short) > 3 and long.startswith(short))


_ABBREVIATED = {
    "db": "database",
    "req": "request",
    "err": "error",
    "lat": "latency",
    "mem": "memory",
    "conn": "connection",
}
