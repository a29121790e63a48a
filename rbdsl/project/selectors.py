"""What a configuration or an option means by `RB306`, `RB8`, `SC`, `sla-exceeded`.

`read_selector` gives a `Selector`, or a `Refusal` that says what is wrong with the text. Codes of
ShellCheck (`SC2086`) are known by their form, those of rbc by their rules.
"""

from __future__ import annotations

import re

from rbdsl.diagnostics import closest
from rbdsl.patterns import lazy_pattern
from rbdsl.record import dataclass

_CODE = lazy_pattern(r"RB\d{3}|SC\d{4}", re.ASCII)
_PREFIX = lazy_pattern(r"RB\d{0,2}|SC\d{0,3}", re.ASCII)
_EXACT = 100


@dataclass(frozen=True, slots=True)
class Selector:
    """A code or the start of one; `text` is what was written, `weight` tells the more exact."""

    text: str
    start: str

    @property
    def exact(self) -> bool:
        """Whether it is one code."""
        return _CODE.fullmatch(self.start) is not None

    @property
    def weight(self) -> int:
        """Higher for the one that means fewer codes."""
        return _EXACT if self.exact else len(self.start)

    def matches(self, code: str) -> bool:
        """Whether it means a code."""
        return code == self.start if self.exact else code.startswith(self.start)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a text selects nothing, or what must not be selected."""

    message: str
    hint: str


def read_selector(text: str, *, takes_away: str = "") -> Selector | Refusal:
    """What a text selects.

    `takes_away` says what is to be done to the findings (`ignored`, `lowered to info`), where it
    is something that not every finding allows; prefixes leave those out.
    """
    from rbdsl.rules.registry import rule_names

    names = rule_names()
    word = text.strip()
    code = word.upper()
    if not _CODE.fullmatch(code) and not _PREFIX.fullmatch(code):
        known = {name: code for code, name in names.items()}
        name = word.lower().replace("_", "-")
        if name not in known:
            best = closest(name, known)
            hint = f"did you mean `{best}`?" if best else "`rbc rules` lists all codes and names"
            return Refusal(f"there is no rule `{text}`", hint)
        code = known[name]
    selector = Selector(word, code)
    if not code.startswith("SC") and not any(map(selector.matches, names)):
        what = "is no rule" if selector.exact else "are no rules"
        return Refusal(f"there {what} `{text}`", "`rbc rules` lists all codes and names")
    if takes_away and not _may(selector):
        hold = "it holds" if selector.exact else "they hold"
        return Refusal(
            f"`{text}` can't be {takes_away}: {hold} for every plan of this language and level",
            "mend what is reported, and leave this out",
        )
    return selector


def binding(code: str) -> bool:
    """Whether a finding of that code can't be ignored or lowered."""
    from rbdsl.rules.registry import suppressible

    return not code.startswith("SC") and suppressible(code) is False


def _may(selector: Selector) -> bool:
    """Whether one of the codes may be allowed."""
    from rbdsl.rules.registry import rule_names

    if selector.start.startswith("SC"):
        return True
    return any(selector.matches(code) and not binding(code) for code in rule_names())
