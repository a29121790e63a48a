"""Which commands change something: a system, a database, a service. By program, as tables.

Only what is known to change something counts; a program that nobody knows is no change. Clearing
away what may not be there (`rm`, `docker rm`, `kill`) is none either: people ignore its failure
for good reasons.
"""

from __future__ import annotations

import re
from itertools import pairwise

from rbdsl.analysis.calls import Call
from rbdsl.analysis.sql import SQL_CLIENTS, sql
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.placed_calls import PlacedCall

_KUBECTL = frozenset(
    """
    apply create delete replace patch scale set label annotate cordon drain uncordon taint edit
    expose autoscale rollout/undo rollout/restart rollout/pause rollout/resume
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_COMPOSE = frozenset(["up", "down", "restart", "start", "stop", "pull"])
_VERBS: dict[str, frozenset[str]] = {
    # program → its words that change something; `a/b` are two words in a row
    "kubectl": _KUBECTL,
    "oc": _KUBECTL | {"rollback"},
    "helm": frozenset(["install", "upgrade", "rollback", "uninstall", "delete"]),
    "docker": frozenset(["run", "start", "restart", "load", "tag", "push", "pull"])
    | {"service/update", "service/rollback", "service/scale", "stack/deploy"},
    "podman": frozenset(["run", "start", "restart", "load", "tag", "push", "pull"]),
    "docker-compose": _COMPOSE,
    "systemctl": frozenset(
        """
        start stop restart reload try-restart reload-or-restart enable disable mask unmask
        daemon-reload isolate
        """.split()  # noqa: SIM905 - a list of words is read as one
    ),
    "terraform": frozenset(["apply", "destroy", "import", "taint", "untaint", "state/rm"])
    | {"state/mv", "state/push"},
    "git": frozenset(["push", "checkout", "reset", "revert", "merge", "pull", "switch"]),
    "flyway": frozenset(["migrate", "undo", "clean", "repair"]),
    "alembic": frozenset(["upgrade", "downgrade", "stamp"]),
    "argocd": frozenset(["app/sync", "app/rollback", "app/set", "app/delete"]),
    "nomad": frozenset(["run", "stop", "job/run", "job/revert", "job/stop", "deployment/fail"]),
    "supervisorctl": frozenset(["start", "stop", "restart", "reread", "update"]),
    "pm2": frozenset(["start", "stop", "restart", "reload", "delete"]),
    "consul": frozenset(["kv/put", "kv/delete", "config/write"]),
    "vault": frozenset(["write", "kv/put", "kv/rollback", "delete"]),
    "apt-get": frozenset(["install", "remove", "purge", "upgrade"]),
    "yum": frozenset(["install", "remove", "downgrade", "update"]),
    "dnf": frozenset(["install", "remove", "downgrade", "update"]),
    "npm": frozenset(["install", "ci", "publish"]),
    "rclone": frozenset(["copy", "copyto", "sync", "move", "moveto", "delete", "purge"]),
}
_WHOLE = frozenset(
    """
    pg_restore mongorestore rsync scp cp mv ln install ansible-playbook createdb dropdb
    pg_basebackup pgbackrest rails rake knex sequelize liquibase cqlsh chown chmod sysctl
    ip iptables nft tar unzip dpkg rpm robocopy xcopy
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_CLOUD_VERBS = lazy_pattern(
    r"(?:create|delete|update|put|restore|modify|start|stop|reboot|terminate|register|deregister|"
    r"rollback|promote|failover|change|set|enable|disable|attach|detach|deploy|swap|resize|patch|"
    r"add|remove|import|reset|restart|cp|mv|rm|sync)(?:-.*)?\Z"
)
_BY_OPTION = {
    "nginx": ("s",),
    "kafka-consumer-groups": ("reset-offsets", "delete", "delete-offsets"),
    "kafka-consumer-groups.sh": ("reset-offsets", "delete", "delete-offsets"),
    "kafka-topics": ("delete", "alter", "create"),
    "kafka-topics.sh": ("delete", "alter", "create"),
}
_LOOKS = {
    # program → the options, and the words, with which it changes nothing
    "tar": (("t", "list", "c", "create", "d", "diff"), ()),
    "unzip": (("l", "t", "p", "Z", "v"), ()),
    "dpkg": (("l", "list", "s", "status", "L", "S", "W", "show"), ()),
    "rpm": (("q", "query", "qa", "V", "verify"), ()),
    "ip": ((), ("show", "list", "get")),
    "nft": (("c", "check"), ("list",)),
    "iptables": (("L", "list", "S", "list-rules", "C", "check"), ()),
    "sysctl": (("n", "values", "a", "all"), ()),
    "robocopy": ((), ("/L", "/l")),
    "xcopy": ((), ("/L", "/l")),
}
_CLOUDS = ("aws", "gcloud", "az", "gsutil", "doctl", "eb")
_SQL_LOOKS = lazy_pattern(r"(?:select|show|explain|with|table|\\d|\\l|\\conninfo)", re.IGNORECASE)
_REDIS_LOOKS = frozenset(
    """
    get mget hget hgetall exists keys scan ttl type info dbsize ping strlen llen scard zcard lrange
    smembers zrange role time lastsave memory object slowlog
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_HTTP_CHANGES = ("PUT", "PATCH", "DELETE")
"""A POST often only tells somebody something."""
_KNOWN = frozenset([*_VERBS, *_WHOLE, *_CLOUDS, *_BY_OPTION, *SQL_CLIENTS, "redis-cli", "curl"])


def verb(call: Call) -> str:
    """The word that says what a command does: of two (`rollout undo`) with `/` between them."""
    operands = call.operands
    if call.program in ("docker", "podman") and operands[:1] == ("compose",):
        return next((f"compose/{word}" for word in operands if word in _COMPOSE), "")
    verbs = _VERBS.get(call.program, frozenset())
    pairs = ("/".join(pair) for pair in pairwise(operands))
    return next((v for v in (*pairs, *operands) if v in verbs), "")


def changes(call: Call) -> bool:
    """Whether a call is known to change something."""
    program = call.program
    if program not in _KNOWN or call.has("help", "version", "dry-run"):
        return False
    if program in _LOOKS and _looks(call):
        return False
    if program in _BY_OPTION:
        return call.has(*_BY_OPTION[program])
    if program in _VERBS:
        return bool(verb(call))
    if program in _CLOUDS:
        return any(_CLOUD_VERBS.match(word) for word in call.operands[:4])
    return program in _WHOLE or _changes_data(call)


def _looks(call: Call) -> bool:
    """Whether a program that may change something only looks here."""
    options, words = _LOOKS[call.program]
    if call.program == "tar" and len(call.words) > 1 and not call.words[1].text.startswith("-"):
        return not {"x"} & set(call.words[1].text)
    return call.has(*options) or any(word in words for word in call.operands)


def _changes_data(call: Call) -> bool:
    """Whether a client of a database, a cache or a service asks it to change something."""
    if call.program == "redis-cli":
        words = redis_words(call)
        return bool(words) and words[0].lower() not in _REDIS_LOOKS
    if call.program == "curl":
        method = call.value("X", "request") or ""
        return method in _HTTP_CHANGES
    return any(not _SQL_LOOKS.match(said) for said in sql(call)) or call.has("f", "file")


def redis_words(call: Call) -> tuple[str, ...]:
    """The command for the server in a call of `redis-cli`, or the first that it is to read."""
    if call.operands:
        return call.operands
    return tuple(call.given[0].split()) if call.given else ()


def act(placed: PlacedCall) -> str:
    """What a command does in two or three words: `kubectl rollout undo`."""
    call = placed.call
    word = verb(call).replace("/", " ")
    if not word and call.program in _CLOUDS:
        word = " ".join(call.operands[:2])
    return f"{call.program} {word}".strip()
