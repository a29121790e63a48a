"""What the compiler has to say about a plan: a code, a severity, a place, the facts, a hint.

A mistake of the user is always a `Diagnostic` and never an exception. Stages return
`(value | None, diagnostics)`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from rbdsl.patterns import lazy_pattern
from rbdsl.record import dataclass
from rbdsl.source import Span

_LONG_NUMBER = lazy_pattern(r"([0-9]{20})[0-9]{80,}")


class Severity(StrEnum):
    """How bad it is. An `error` stops compilation; `pedantic` is off unless asked for."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    PEDANTIC = "pedantic"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class Code(NamedTuple):
    """The stable identity of a finding: `RB301`, its name in words, its usual severity."""

    id: str
    name: str
    severity: Severity

    def at(
        self,
        span: Span,
        message: str,
        *,
        labels: Iterable[Label] = (),
        hint: str | None = None,
        notes: Iterable[str] = (),
        severity: Severity | None = None,
        fix: Fix | None = None,
    ) -> Diagnostic:
        """A finding of this code at a place. `message` states the fact with its numbers.

        Of a number that nobody would read to its end the beginning is shown.
        """
        return Diagnostic(
            self.id,
            self.name,
            severity or self.severity,
            _LONG_NUMBER.sub(r"\1…", message),
            span,
            labels=tuple(labels),
            hint=hint and _LONG_NUMBER.sub(r"\1…", hint),
            notes=tuple(notes),
            fix=fix,
        )


@dataclass(frozen=True, slots=True)
class Edit:
    """A stretch of the source, and what is to stand there instead; an empty span inserts."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A mend that can be made without thinking.

    `safe` says that the plan does the same as before wherever it worked before; an unsafe one has
    to be looked at. The edits do not overlap and are all of one file.
    """

    description: str
    edits: tuple[Edit, ...]
    safe: bool = True


@dataclass(frozen=True, slots=True)
class Label:
    """A text under a stretch of the source; `span` may be in another file."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    `span` is the place that the finding is about and is underlined in full; `labels` explain
    further places (one with the same span is the text under the main place). `notes` are lines
    of facts (a critical path with its sum, a cycle), `hint` is how to mend it, `fix` mends it.
    `url` is where a finding that another program made is explained.
    """

    code: str
    name: str
    severity: Severity
    message: str
    span: Span
    labels: tuple[Label, ...] = ()
    hint: str | None = None
    notes: tuple[str, ...] = ()
    fix: Fix | None = None
    url: str | None = None

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """By file, place, code."""
        return (self.span.source.path, self.span.start, self.span.end, self.code, self.message)

    def with_severity(self, severity: Severity) -> Diagnostic:
        """The same finding, judged differently."""
        return replace(self, severity=severity)


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A finding that is not reported, and why: the reason of the comment that allows it.

    `in_source` is False for what is kept outside of the plan, such as in a baseline.
    """

    diagnostic: Diagnostic
    reason: str
    in_source: bool = True


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether one of them stops compilation."""
    return any(d.severity is Severity.ERROR for d in diagnostics)


def ordered(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sorted by place, without exact repetitions."""
    return sorted(dict.fromkeys(diagnostics), key=lambda d: d.sort_key)


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """`did you mean \\`budget\\`?` for the candidate that looks most like a word, or None."""
    best = closest(word, candidates)
    return None if best is None else f"did you mean `{best}`?"


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that looks most like a word, or None when none looks like it."""
    from difflib import get_close_matches

    folded = {c.lower().replace("-", "_"): c for c in sorted(set(candidates), reverse=True)}
    found = get_close_matches(word.lower().replace("-", "_"), list(folded), n=1, cutoff=0.6)
    return folded[found[0]] if found else None
