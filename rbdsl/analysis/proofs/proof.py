"""What a proof looks at, and what it comes to."""

from __future__ import annotations

from collections.abc import Sequence

from rbdsl.analysis.results import ScenarioResult, Status, Timeline
from rbdsl.model.plan import Plan
from rbdsl.record import dataclass
from rbdsl.source import Span


@dataclass(frozen=True, slots=True)
class Facts:
    """The plan and what is computed about it so far."""

    plan: Plan
    timeline: Timeline
    scenarios: tuple[ScenarioResult, ...]

    @property
    def level_span(self) -> Span:
        """The `level` statement: the place of what is missing and has no block of its own."""
        return self.plan.level.span


@dataclass(frozen=True, slots=True)
class Proof:
    """How far a requirement is met, in a sentence that names the proving element."""

    status: Status
    evidence: str
    span: Span
    hint: str | None = None


def proven(evidence: str, span: Span) -> Proof:
    """The requirement is met."""
    return Proof(Status.PROVEN, evidence, span)


def weakened(evidence: str, span: Span, hint: str) -> Proof:
    """Something is there, and does not prove enough."""
    return Proof(Status.WEAKENED, evidence, span, hint)


def missing(evidence: str, span: Span, hint: str) -> Proof:
    """Nothing proves it."""
    return Proof(Status.MISSING, evidence, span, hint)


def listed(words: Sequence[str], most: int = 4) -> str:
    """Words in a sentence: `a, b and c`; long lists end with `and 7 more`."""
    if len(words) > most + 1:
        return f"{', '.join(words[:most])} and {len(words) - most} more"
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def counted(count: int, word: str) -> str:
    """`1 phase`, `3 phases`."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
