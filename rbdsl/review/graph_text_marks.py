"""The characters that the text drawing is made of."""

from __future__ import annotations

from rbdsl.record import dataclass


@dataclass(frozen=True, slots=True)
class Marks:
    """The characters of a drawing, one column each (`ellipsis` and `arrow` may be longer)."""

    critical: str
    other: str
    off_clock: str
    slack: str
    sla: str
    target: str
    pointer: str
    ellipsis: str
    arrow: str


BOX = Marks("█", "▒", "░", "·", "│", "┊", "▶", "…", "→")
ASCII = Marks("#", "=", "-", ".", "|", ":", ">", "..", "->")
