"""The colours of a terminal, or none of them."""

from __future__ import annotations

from rbdsl.diagnostics import Severity
from rbdsl.record import dataclass

_RESET = "\033[0m"
_SEVERITIES = {
    Severity.ERROR: "1;31",
    Severity.WARNING: "1;33",
    Severity.INFO: "1;36",
    Severity.PEDANTIC: "1;35",
}


@dataclass(frozen=True, slots=True)
class Palette:
    """Paints text with ANSI sequences where `on`, else leaves it alone."""

    on: bool = False

    def severity(self, severity: Severity, text: str) -> str:
        """In the colour of a severity."""
        return self._paint(_SEVERITIES[severity], text)

    def frame(self, text: str) -> str:
        """What stands around the source: gutter, arrows, line numbers, further places."""
        return self._paint("1;34", text)

    def strong(self, text: str) -> str:
        """What is read first."""
        return self._paint("1", text)

    def good(self, text: str) -> str:
        """Hints, and that nothing is wrong."""
        return self._paint("1;32", text)

    def faint(self, text: str) -> str:
        """What is read last."""
        return self._paint("2", text)

    def removed(self, text: str) -> str:
        """A line that a diff takes away."""
        return self._paint("31", text)

    def added(self, text: str) -> str:
        """A line that a diff brings."""
        return self._paint("32", text)

    def _paint(self, code: str, text: str) -> str:
        return f"\033[{code}m{text}{_RESET}" if self.on and text else text
