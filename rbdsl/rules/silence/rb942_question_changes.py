"""A question changes what it asks about: a probe, a `done_when` or a check that restarts or writes.

## Why

Questions are asked more than once, and by people who only want to look. A probe of a point of no
return is asked before the run, before each phase that it blocks and on resume; `done_when` before
the step, even where the step is then skipped; a check `within` a time every few seconds, and by
whoever runs `verify.sh`. A restart in it takes the service away each time. None of it is undone
with its step, a scenario that leaves the step out has it done all the same, and a marker that
`done_when` makes itself says that the work is done.

## Bad

```rbplan
phase back "Back" {
  budget 4m
  step config "The old settings" {
    run    `cp shop.conf.before /etc/shop.conf`
    expect `systemctl restart shop && curl -fsS --max-time 5 http://localhost/health` within 60s
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 4m
  step config "The old settings" {
    run    `cp shop.conf.before /etc/shop.conf && systemctl restart shop`
    expect `curl -fsS --max-time 5 http://localhost/health` within 60s
  }
}
```

## How it can be fooled

Sure for the commands that it knows, and where they are written out: what a script does is not
known. A check may write to see whether that goes (`redis-cli SET`, an order that is made and
cancelled), so of checks only what deploys, restarts and scales counts, and nothing that a name
calls a test. What is rolled back in the same text, dry runs, temporary tables and files below
`/tmp` are left alone. In a step's own check that is asked once it is a note.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.acting import shown
from rbdsl.rules.context import Context
from rbdsl.rules.effects import mutates
from rbdsl.rules.placed_calls import Place, PlacedCall, Role
from rbdsl.rules.silence.answers import expectation
from rbdsl.rules.silence.changes import redis_words

CODE = Code("RB942", "question-changes", Severity.WARNING)

_KUBECTL = frozenset(
    """
    apply replace patch scale set drain cordon rollout/undo rollout/restart rollout/pause
    rollout/resume
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_DEPLOYS: dict[str, frozenset[str]] = {
    # program → what it begins with where it puts something in place; `a/b` are two words
    "kubectl": _KUBECTL,
    "oc": _KUBECTL | {"rollback"},
    "helm": frozenset(["install", "upgrade", "rollback", "uninstall"]),
    "systemctl": frozenset(["start", "stop", "restart", "reload", "try-restart", "kill"])
    | {"reload-or-restart", "enable", "disable", "mask", "unmask"},
    "docker": frozenset(["restart", "stop", "service/update", "service/rollback", "stack/deploy"])
    | {"service/scale"},
    "terraform": frozenset(["apply", "destroy"]),
    "argocd": frozenset(["app/sync", "app/rollback", "app/set", "app/delete"]),
    "nomad": frozenset(["job/run", "job/revert", "job/stop"]),
    "supervisorctl": frozenset(["start", "stop", "restart"]),
    "flyway": frozenset(["migrate", "undo", "clean", "repair"]),
    "alembic": frozenset(["upgrade", "downgrade", "stamp"]),
}
_WRITES: dict[str, frozenset[str]] = {
    "kubectl": frozenset(["delete", "label", "annotate", "taint", "uncordon"]),
    "consul": frozenset(["kv/put", "kv/delete", "config/write"]),
    "vault": frozenset(["write", "kv/put", "kv/rollback"]),
    "etcdctl": frozenset(["put", "del"]),
}
_REDIS = frozenset(
    """
    set setex setnx mset del unlink incr incrby decr decrby hset hdel lpush rpush lpop rpop sadd
    srem zadd zrem expire persist rename flushdb flushall xadd
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_SQL = ("psql", "mysql", "mariadb")
_UNDONE = lazy_pattern(r"(?i)\brollback\b|\btemp(?:orary)?\b")
_CURL = ("PUT", "PATCH", "DELETE")
_TRIED = lazy_pattern(r"(?i)(?<![a-z])(?:smoke|tests?|checks?|probe|canary|verify|health)(?![a-z])")
_TEMPORARY = lazy_pattern(r"(?:/var)?/tmp/|/dev/|/run/|.*\$")
_WHEN = {
    Role.PROBE: "each time that the probe is asked: before the run, before each phase that it "
    "blocks and on resume",
    Role.DONE_WHEN: "before the step, also where that is then skipped, and nothing undoes it",
}
PROGRAMS = frozenset([*_DEPLOYS, *_WRITES, *_SQL, "redis-cli", "curl", "touch"])


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each call that changes something in a question."""
    for placed in context.calls:
        place, call = placed.place, placed.call
        if call.program not in PROGRAMS or call.has("help", "dry-run", "sql"):
            continue
        if place.role is Role.EXPECT:
            if _begins(call, _DEPLOYS) and not _TRIED.search(call.text):
                yield _report(placed, *_asked(place))
        elif place.role in _WHEN and (_begins(call, _DEPLOYS) or _writes(call)):
            yield _report(placed, _WHEN[place.role], CODE.severity)


def _begins(call: Call, table: dict[str, frozenset[str]]) -> bool:
    words = call.operands
    verbs = table.get(call.program, frozenset())
    return bool(words) and (words[0] in verbs or "/".join(words[:2]) in verbs)


def _writes(call: Call) -> bool:
    """Whether it writes into a database, a store or a file that others look at."""
    if call.program in _SQL:
        return mutates(call) and not _UNDONE.search(" ".join((call.text, *call.given)))
    match call.program:
        case "redis-cli":
            return next((word.lower() for word in redis_words(call)), "") in _REDIS
        case "curl":
            return call.value("X", "request") in _CURL
        case "touch":
            return any(not _TEMPORARY.match(word) for word in call.operands)
    return _begins(call, _WRITES) and not _TRIED.search(call.text)


def _asked(place: Place) -> tuple[str, Severity]:
    """When a check is asked, and how bad that is."""
    own = expectation(place)
    if own is not None and own.within is not None:
        every = str(own.every) if own.every else "5s"
        return f"every {every} until the check holds", CODE.severity
    if place.check is not None:
        return "whenever somebody runs `verify.sh`, and nothing undoes it", CODE.severity
    return "as a part of the check, and nothing undoes it", Severity.INFO


def _report(placed: PlacedCall, when: str, severity: Severity) -> Diagnostic:
    return CODE.at(
        placed.span,
        f"a question changes something: {shown(placed.call.text)} is run {when}",
        hint="do it in `run` of a step, and only ask here",
        severity=severity,
    )
