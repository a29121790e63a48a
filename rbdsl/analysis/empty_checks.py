"""Checks that say nothing: all that is in them succeeds whatever the state is.

`kubectl get pods`, a SELECT, `docker ps`, `jq` without `-e`. Sure for the commands that are known;
`kubectl get deployment shop` asks whether there is one, and is a check.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rbdsl.analysis.calls import Call
from rbdsl.analysis.sql import sql
from rbdsl.patterns import lazy_pattern

SAYING = frozenset(["echo", "printf", "true", ":"])
ALWAYS = SAYING | {"date", "sleep", "ps", "df", "free", "uptime"}
_LISTS: dict[str, frozenset[str]] = {
    "docker": frozenset(["ps", "images"]),
    "podman": frozenset(["ps", "images"]),
    "docker-compose": frozenset(["ps"]),
    "helm": frozenset(["list", "ls"]),
    "git": frozenset(["log", "status", "branch"]),
    "terraform": frozenset(["show"]),
}
_FROM = lazy_pattern(r"\bfrom\b", re.IGNORECASE)
_RAISES = lazy_pattern(r"\braise\b|1\s*/|\bassert\b|pg_sleep", re.IGNORECASE)
_PASSIVE = frozenset(
    """
    cat head tail tee sort uniq wc cut tr sed column less more xargs yq nl fold gzip zstd base64
    rev pv ts jq tac echo
    """.split()  # noqa: SIM905 - a list of words is read as one
)
"""Programs that are content with whatever they are given to read."""


def empty(calls: Sequence[Call]) -> tuple[Call, str] | None:
    """The call for which a check of these can't fail, and why; None where it may."""
    own = doing(calls)
    if not own or any(call.substituted for call in own):
        return None  # who takes it may judge it
    if all(_always(call) or (call.stage and is_passive(call)) for call in own):
        first = next(call for call in own if not call.stage or not is_passive(call))
        return first, _why(first)
    if (last := own[-1]).program == "jq" and _picks(last):
        return last, "`jq` without `-e` succeeds for every value, `null` too"
    return None


def doing(calls: Sequence[Call]) -> list[Call]:
    """The calls without those that only have another one run that is found, too."""
    return [call for at, call in enumerate(calls) if not _runs_others(call, calls[at + 1 : at + 2])]


def _runs_others(call: Call, following: Sequence[Call]) -> bool:
    """Whether a call is there to run another one that is found, too: `kubectl exec`, `ssh`."""
    if not following or len(following[0].where) <= len(call.where):
        return False
    return call.start <= following[0].start and following[0].end <= call.end


def is_passive(call: Call) -> bool:
    """Whether a reader of a pipe is content with anything, also with nothing."""
    if call.program == "jq":
        return not call.has("e", "exit-status")
    return call.program in _PASSIVE


def _always(call: Call) -> bool:
    """Whether a call ends with 0 whatever the state is, as long as the system answers."""
    if call.tested == "!" or call.program in ("[", "test"):
        return False
    if call.program in ALWAYS:
        return not call.where  # elsewhere it asks whether that host or container answers
    if call.program in ("kubectl", "oc"):
        return _lists_pods(call)
    if call.program in ("psql", "mysql", "mariadb"):
        said = sql(call)
        return bool(said) and all(
            text.lower().startswith("select") and _FROM.search(text) and not _RAISES.search(text)
            for text in said
        )
    if call.program == "docker" and call.operands[:2] == ("compose", "ps"):
        return True
    return bool(call.operands) and call.operands[0] in _LISTS.get(call.program, ())


def _lists_pods(call: Call) -> bool:
    """Whether it is `kubectl get KIND`, without a name that has to exist."""
    words = [word for word in call.operands if word != "get"]
    if "get" not in call.operands or call.has("filename", "raw", "f"):
        return False
    return len(words) == 1 and "/" not in words[0]


def _picks(call: Call) -> bool:
    """Whether `jq` is to find a value, and is the last in a pipe whose status counts."""
    if not call.stage or call.stage + 1 != len(call.pipe) or is_passive(call) is False:
        return False
    program = call.operands[0] if call.operands else "."
    if any(word in program for word in ("error", "halt_error")):
        return False
    return not call.tested and not call.substituted


def _why(call: Call) -> str:
    if call.program in ALWAYS:
        return f"`{call.program}` always succeeds"
    if call.program in ("psql", "mysql", "mariadb"):
        return f"`{call.program}` ends with 0 whatever the query finds"
    what = " ".join((call.program, *call.operands[:2]))
    return f"`{what}` only lists, and succeeds for every state, also for an empty list"
