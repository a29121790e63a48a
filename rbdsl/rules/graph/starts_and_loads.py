"""Which commands bring an application up or take it down, and which loads may break off by halves.

Known by program and verb, as tables. What a script does is not seen.
"""

from __future__ import annotations

from rbdsl.rules.effects import database, deploys
from rbdsl.rules.objects import Object, changed
from rbdsl.rules.placed_calls import PlacedCall

LOADERS = ("mysql", "mariadb", "psql", "pg_restore", "mongorestore")
_STOPS = frozenset(["stop", "disable", "mask"])
_NO_APPLICATION = frozenset(
    """
    apache2 caddy cron haproxy httpd mariadb mysql mysqld nginx postgresql redis varnish
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_STARTS: dict[str, tuple[tuple[str, ...], ...]] = {
    **dict.fromkeys(("kubectl", "oc"), (("rollout", "restart"),)),
    "docker": (("start",), ("restart",), ("stack", "deploy")),
    "podman": (("start",), ("restart",)),
    "nomad": (("job", "run"), ("run",)),
    "supervisorctl": (("start",), ("restart",)),
    "pm2": (("start",), ("restart",), ("reload",)),
    "cf": (("start",), ("restart",), ("restage",)),
    "heroku": (("restart",), ("ps:restart",)),
    "az": (("webapp", "start"), ("webapp", "restart")),
}
"""Commands besides deployments that let an application come up."""
_SERVICE = (("start",), ("restart",))


def brings_up(placed: PlacedCall) -> bool:
    """Whether it brings an application up: deploys or restarts it, scales it to some size."""
    call = placed.call
    size = placed.filled(call.value("desired-count") or "")
    if size:
        return size.isdecimal() and int(size) > 0
    if deploys(call) or _composed(placed, "start", "up"):
        return True
    starts = _STARTS.get(call.program, ())
    if any(call.operands[: len(start)] == start for start in starts):
        return _NO_APPLICATION.isdisjoint(map(placed.filled, call.operands))
    if call.program in ("service", "rc-service") and call.operands[1:2] in _SERVICE:
        return call.operands[0] not in _NO_APPLICATION
    if "scale" in call.operands[:2]:
        sizes = [call.value("replicas") or "", *(w.partition("=")[2] for w in call.operands)]
        return any(size.isdecimal() and int(size) > 0 for size in map(placed.filled, sizes))
    if call.program != "systemctl" or call.operands[:1] not in (("start",), ("restart",)):
        return False
    units = {unit.removesuffix(".service") for unit in call.operands[1:]}
    return not units <= _NO_APPLICATION


def takes_down(placed: PlacedCall) -> bool:
    """Whether it takes an application down: scales it to nothing, stops its unit."""
    call = placed.call
    if "scale" in call.operands[:2]:
        sizes = (call.value("replicas") or "", *(w.partition("=")[2] for w in call.operands))
        return "0" in map(placed.filled, sizes)
    if placed.filled(call.value("desired-count") or "") == "0":
        return True
    return bool(_composed(placed, "stop", "kill")) or not _STOPS.isdisjoint(call.operands[:2])


def applications(placed: PlacedCall) -> set[Object]:
    """What a command brings up or takes down, by names that can be compared."""
    call = placed.call
    found = set(changed(placed)) | _composed(placed, "start", "up", "stop", "kill")
    if call.operands[:2] == ("ecs", "update-service"):
        names = (call.value("cluster") or "", call.value("service") or "")
        found.add(("ecs", *map(placed.filled, names)))
    if call.program == "nomad" and call.operands[:1] in (("job",), ("run",), ("stop",)):
        words = call.operands[2:] if call.operands[:1] == ("job",) else call.operands[1:]
        files = (placed.filled(word).rpartition("/")[2] for word in words[:1])
        found.update(("nomad", "job", file.partition(".")[0]) for file in files)
    return found


def _composed(placed: PlacedCall, *verbs: str) -> set[Object]:
    """The services that Compose starts or stops by name."""
    call = placed.call
    words = call.operands
    if call.program == "docker" and words[:1] == ("compose",):
        words = words[1:]
    elif call.program != "docker-compose":
        return set()
    if not words or words[0] not in verbs:
        return set()
    return {("compose", *call.where, placed.filled(name)) for name in words[1:]}


def loads_by_halves(placed: PlacedCall, own: set[str]) -> bool:
    """Whether it puts data in the place of what is there, and not as a whole or not at all."""
    call = placed.call
    name = placed.filled(database(call))
    if call.program not in LOADERS or (name and name in own):
        return False
    if call.has("single-transaction", "1", "dryRun"):
        return False
    if call.program == "pg_restore":
        return any(
            name == "clean" or (value is None and len(name) < 4 and "c" in name)
            for name, value in call.options
        )
    if call.program == "mongorestore":
        return call.has("drop")
    step = placed.place.step
    if step is None or not step.uses:
        return False
    read = any(r.operator == "<" for r in call.redirections) or call.has("file", "f")
    return read or (call.stage > 0 and not call.given)
