"""Options by which a command notices what goes wrong, and those by which it overlooks it: a table.

A line of `GUARDS` or `BLINDERS` is all that a further option needs. Time limits are in
`rbdsl.rules.time.own_limits`, clients that go on after an error in RB836.
"""

from __future__ import annotations

from collections.abc import Mapping

from rbdsl.analysis.calls import Call
from rbdsl.record import dataclass

HEEDS_STATUS: Mapping[str, tuple[str, ...]] = {
    "curl": ("f", "fail", "fail-with-body"),
    "http": ("check-status",),
    "https": ("check-status",),
}
"""The options by which a client of HTTP fails where the server answers with an error."""


@dataclass(frozen=True, slots=True)
class Guard:
    """An option: as it is `shown`, by all its `names` without dashes, and `why` it matters: what
    may happen where a guard is not there, or where a blinder is.

    `answer` says that it only guards an answer, so that whoever judges the answer needs it no more.
    Of `verbs` one has to be among the first words, or the option is about something else.
    """

    shown: str
    names: tuple[str, ...]
    why: str
    answer: bool = False
    verbs: tuple[str, ...] = ()


_AN_ERROR = "an HTTP error passes for success"
_BY_HALVES = "what was done before an error stays"
_TOO_EARLY = "it succeeds before anything of it runs"
_ANY_HOST = "whoever answers is believed, with any certificate"
_RELEASES = ("install", "upgrade", "rollback")

GUARDS: Mapping[str, tuple[Guard, ...]] = {
    "curl": (Guard("--fail", HEEDS_STATUS["curl"], _AN_ERROR, answer=True),),
    "http": (Guard("--check-status", HEEDS_STATUS["http"], _AN_ERROR, answer=True),),
    "https": (Guard("--check-status", HEEDS_STATUS["https"], _AN_ERROR, answer=True),),
    "jq": (Guard("--exit-status", ("e", "exit-status"), "`null` passes for a value", answer=True),),
    "pg_restore": (Guard("--single-transaction", ("1", "single-transaction"), _BY_HALVES),),
    "psql": (Guard("--single-transaction", ("1", "single-transaction"), _BY_HALVES),),
    "redis-cli": (Guard("-e", ("e",), "an error of Redis passes for success"),),
    "helm": (
        Guard("--wait", ("wait", "atomic", "rollback-on-failure"), _TOO_EARLY, verbs=_RELEASES),
    ),
    "docker": (Guard("--wait", ("wait",), _TOO_EARLY, verbs=("compose",)),),
    "docker-compose": (Guard("--wait", ("wait",), _TOO_EARLY, verbs=("up",)),),
}
"""Options without which a command notices less, by its program."""

_GOES_ON = "it goes on after an error"

BLINDERS: Mapping[str, tuple[Guard, ...]] = {
    "curl": (Guard("--insecure", ("k", "insecure"), _ANY_HOST),),
    "wget": (Guard("--no-check-certificate", ("no-check-certificate",), _ANY_HOST),),
    "make": (
        Guard("--keep-going", ("k", "keep-going"), _GOES_ON),
        Guard("--ignore-errors", ("i", "ignore-errors"), _GOES_ON),
    ),
    "systemctl": (Guard("--no-block", ("no-block",), _TOO_EARLY),),
    "gcloud": (Guard("--async", ("async",), _TOO_EARLY),),
    "az": (Guard("--no-wait", ("no-wait",), _TOO_EARLY),),
    "tar": (
        Guard("--ignore-failed-read", ("ignore-failed-read",), "what can't be read is left out"),
    ),
    "sha256sum": (
        Guard("--ignore-missing", ("ignore-missing",), "a file that is not there passes"),
    ),
}
"""Options with which a command notices less, by its program."""


def given(call: Call, table: Mapping[str, tuple[Guard, ...]]) -> tuple[Guard, ...]:
    """The options of a table that a call has."""
    return tuple(
        guard
        for guard in table.get(call.program, ())
        if call.has(*guard.names)
        and call.value(*guard.names) != "false"
        and (not guard.verbs or not set(guard.verbs).isdisjoint(call.operands[:3]))
    )
