"""The page that is written for people: how wide it is, and in what colours."""

from __future__ import annotations

from rbdsl.record import dataclass
from rbdsl.review.palette import Palette


@dataclass(frozen=True, slots=True)
class Page:
    """How wide it is, whether there are colours, and whether prose is wrapped to the width.

    Prose is not wrapped for files and pipes, where a finding's headline should stay greppable.
    """

    columns: int = 80
    look: Palette = Palette()
    wrap: bool = True
