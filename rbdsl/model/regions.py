"""The regions of a plan, in waves."""

from __future__ import annotations

from rbdsl.model.steps import Gate
from rbdsl.model.values import Name
from rbdsl.record import dataclass
from rbdsl.source import Span


@dataclass(frozen=True, slots=True)
class Wave:
    """Regions that are rolled back together."""

    regions: tuple[Name, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Regions:
    """Waves in order, with the gates between them."""

    entries: tuple[Wave | Gate, ...]
    span: Span

    @property
    def waves(self) -> tuple[Wave, ...]:
        """The waves alone."""
        return tuple(e for e in self.entries if isinstance(e, Wave))

    @property
    def gates(self) -> tuple[Gate, ...]:
        """The gates alone."""
        return tuple(e for e in self.entries if isinstance(e, Gate))

    @property
    def names(self) -> tuple[Name, ...]:
        """Every region, in the order of the waves."""
        return tuple(name for wave in self.waves for name in wave.regions)
