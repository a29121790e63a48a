"""Package managers that refuse to install an older version unless they are told that it is meant.

Facts by their manuals. A version is older where it is the one that a service of the plan goes back
to; what has been removed before is no older version of anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.rules.acting import acting, near
from rbdsl.rules.context import Context
from rbdsl.rules.hangs.running import is_answered
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.restoring import mentions_version

_APT = ("apt", "apt-get")
REFUSING = (*_APT, "rpm")
"""The programs that refuse to go back, unless they are told to."""
_SAYING_YES = frozenset(["-y", "--yes", "--assume-yes", "-qq"])
_REMOVING = frozenset(["remove", "purge", "autoremove"])


def refused(context: Context) -> Iterator[tuple[PlacedCall, str, str]]:
    """The calls that refuse, each with the package and the option that allows it."""
    restored = [s.restored.plain for s in context.plan.services if s.restored]
    if not restored:
        return
    for placed in acting(context, *REFUSING):
        option = _of_apt(placed) if placed.call.program in _APT else _of_rpm(placed)
        package = _older(placed, restored) if option else ""
        if package:
            yield placed, package, option


def _of_apt(placed: PlacedCall) -> str:
    """`apt-get -y install name=1.2`: without `-y` it would ask, and with it it refuses."""
    call = placed.call
    texts = [word.text for word in call.words[1:]]
    says_yes = any(t in _SAYING_YES or re.match(r"-[a-z]*y[a-z]*\Z", t) for t in texts)
    allowed = any(re.search(r"(?i)allow-downgrades|force-yes|dry-run|simulate", t) for t in texts)
    if "install" not in call.operands or not says_yes or allowed or is_answered(call):
        return ""
    return "" if call.has("s", "d") or _is_removed(placed) else "--allow-downgrades"


def _of_rpm(placed: PlacedCall) -> str:
    """`rpm -Uvh name-1.2.rpm`."""
    call = placed.call
    upgrades = bool({"U", "F"} & call.bundled) or call.has("upgrade", "freshen")
    allowed = call.has("oldpackage", "force", "test")
    return "--oldpackage" if upgrades and not allowed else ""


def _older(placed: PlacedCall, restored: list[str]) -> str:
    """The package that it names by a version that comes back."""
    wanted = r"[\w.+:-]+=\S+\Z" if placed.call.program in _APT else r"\S+\.rpm\Z"
    named = (t for t in map(placed.filled, placed.call.operands) if re.match(wanted, t))
    found = (t for t in named if any(mentions_version(t, version) for version in restored))
    return next(found, "")


def _is_removed(placed: PlacedCall) -> bool:
    names = {operand.partition("=")[0] for operand in placed.call.operands if "=" in operand}
    return any(
        other.call.program in _APT
        and other.call.start < placed.call.start
        and not _REMOVING.isdisjoint(other.call.operands)
        and not names.isdisjoint(other.call.operands)
        for other in near(placed)
    )
