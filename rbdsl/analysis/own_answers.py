"""Checks that give themselves the answer which is asked for where nobody else does.

`curl … || echo ok`, of which `contains "ok"` is asked. In: an expectation. Out: the stretch of the
command that answers. Only words that say that all is well, behind what prints an answer of its own:
a check that something is gone may well say `gone`, or `ok`, where it is not found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rbdsl.analysis.matching import holds
from rbdsl.patterns import lazy_pattern

if TYPE_CHECKING:
    from rbdsl.model.steps import Expectation

_FALLBACK = lazy_pattern(
    r"\|\|\s*(?P<call>(?:echo|printf)\s+(?P<quote>[\"']?)(?P<said>[^\"'$`;|&\n\\]*)(?P=quote))\s*\Z"
)
_ASKING = lazy_pattern(r"\s*(?:curl|wget|psql|mysql|mariadb|redis-cli)\s(?!.*/dev/null)")
_WELL = lazy_pattern(
    r"(?i)(?:ok(?:ay)?|up|healthy|ready|running|alive|fine|200|true|yes|success(?:ful)?|pass(?:ed)?)\Z"
)


def own_answer(expectation: Expectation) -> tuple[int, int] | None:
    """Where it stands in the shell, by offsets in characters; None where there is none."""
    matcher = expectation.matcher
    found = _FALLBACK.search(expectation.shell.text) if matcher is not None else None
    if matcher is None or found is None or not _WELL.match(found["said"].strip()):
        return None
    if not _ASKING.match(expectation.shell.text):
        return None
    return found.span("call") if holds(matcher, found["said"]) else None
