"""Thresholds in prose: `Error rate > 1% for 2 minutes` read as a machine would have to.

The words before the comparison are compared with the names of the metrics, by their stems:
"Authentication failure rate" is `auth_failure_rate`, "P99 latency" is `latency_p99`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_THRESHOLD = re.compile(
    r"(?P<subject>[A-Za-z][\w\s/-]*?)\s*"
    r"(?P<comparison>>=|<=|[><≥≤]|\b(?:is |are |goes |rises )?"
    r"(?:above|over|below|under|exceeds?|more than|less than|greater than|at least)\b)\s*"
    r"(?P<number>\d+(?:[.,]\d+)?)\s*(?P<unit>%|percent|ms|seconds?|s\b|/\s?\w+|per \w+)?"
    r"(?P<rest>.*)",
    re.IGNORECASE,
)
_SUSTAINED = re.compile(
    r"\bfor\s+(?:more than\s+)?\d+\s*(?:consecutive\s+)?(?:s|m|h|sec\w*|min\w*|hours?)\b"
    r"|\bconsecutive\b|\bin a row\b",
    re.IGNORECASE,
)
_DOWNWARD = re.compile(r"<|≤|below|under|less", re.IGNORECASE)
_NOISE = frozenset("the a an of in for on and or our all any total average rate count number".split())


@dataclass(frozen=True, slots=True)
class ProseThreshold:
    """A comparison found in a text: its subject in words, its direction, whether it must last."""

    subject: str
    upward: bool
    sustained: bool


def threshold_in(text: str) -> ProseThreshold | None:
    """The threshold that a text states, or None."""
    found = _THRESHOLD.search(text)
    if not found:
        return None
    upward = _DOWNWARD.search(found["comparison"]) is None
    return ProseThreshold(found["subject"].strip(), upward, bool(_SUSTAINED.search(found["rest"])))


def metric_meant(subject: str, metrics: Iterable[str]) -> str | None:
    """The metric whose words are all among those of the subject, or None.

    The one with the most words in common wins; a single common word is enough only if the metric
    has no other.
    """
    words = _stems(subject)
    best: tuple[int, str] | None = None
    for metric in metrics:
        parts = _stems(metric)
        met = sum(any(_same(part, word) for word in words) for part in parts)
        complete = bool(parts) and met == len(parts)
        if complete and (best is None or met > best[0]):
            best = (met, metric)
    return best[1] if best else None


def _stems(text: str) -> list[str]:
    words = re.findall(r"[a-z]+\d*|\d+", text.lower().replace("_", " "))
    meaning = [word for word in words if word not in _NOISE]
    return [_stem(word) for word in meaning or words]


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _same(first: str, second: str) -> bool:
    """Whether two stems mean the same: equal, or one a long enough beginning of the other."""
    short, long = sorted((_ABBREVIATED.get(first, first), _ABBREVIATED.get(second, second)), key=len)
    return long == short or (len(short) > 3 and long.startswith(short))


_ABBREVIATED = {"db": "database", "req": "request", "err": "error", "lat": "latency", "mem": "memory",
                "conn": "connection"}  # fmt: skip
