"""What a finding is known by when the lines around it move.

A digest of the code and the words of its line, with a number where the same line is found more
than once in a file: blank lines, indentation and changes elsewhere leave it alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256

from rbdsl.diagnostics import Diagnostic
from rbdsl.review.findings import path_of


def fingerprints(diagnostics: Iterable[Diagnostic]) -> list[str]:
    """`<16 hex digits>:<n>` for each finding, in their order; unique within a file."""
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for diagnostic in diagnostics:
        span = diagnostic.span
        words = " ".join(span.source.line(span.begin.line).split())
        text = f"{diagnostic.code}\0{words}".encode("utf-8", "surrogatepass")
        digest = sha256(text).hexdigest()[:16]
        key = (path_of(diagnostic), digest)
        seen[key] += 1
        found.append(f"{digest}:{seen[key]}")
    return found
