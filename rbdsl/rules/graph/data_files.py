"""The files in which servers keep their data, as a table, and which commands of a plan write them.

A server is known by a part of its unit's, container's or pod's name.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from rbdsl.analysis.arguments import arguments
from rbdsl.record import dataclass
from rbdsl.rules.placed_calls import PlacedCall

WRITING = ("cp", "mv", "install", "rsync", "scp", "tar", "unzip", "kubectl", "oc", "docker",
    "podman", "cat", "zcat", "gunzip", "gzip", "zstd", "zstdcat", "lz4", "dd", "tee")  # fmt: skip
"""Programs that put files somewhere."""
_LAST = {
    # program → its options that take a value, by letter and by name; the target is the last operand
    "cp": ("tS", "target-directory suffix"),
    "mv": ("tS", "target-directory suffix"),
    "install": ("tSogm", "target-directory suffix owner group mode"),
    "rsync": ("eBfTM", "rsh timeout contimeout exclude include chown chmod bwlimit rsync-path"),
    "scp": ("cDFiJloPSX", ""),
}
_COPYING = ("kubectl", "oc", "docker", "podman")
_NO_DATA = (
    r"\.(?:sql|dump|gz|zst|tgz|tar|xz|conf|cnf|ini|sh|md5|sha256|ya?ml|json|pgpass|tmp|bak|old|in|new"
    r"|incoming|service|sock|pid)\Z"
)


@dataclass(frozen=True, slots=True)
class Store:
    """A server with files of data: its names, where they are, what it does when it stops."""

    names: str
    files: str

    def is_named(self, units: Iterable[str]) -> bool:
        """Whether one of these units runs it."""
        return any(re.search(self.names, unit) for unit in units)

    saves: bool = False


_STORES = (
    Store(
        r"redis|valkey|keydb",
        (
            r"(?:\A|/)(?:dump\.rdb|appendonly\.aof|appendonlydir(?:/.*)?)\Z"
            r"|/var/lib/(?:redis|valkey)/?\Z"
        ),
        saves=True,
    ),
    Store(
        r"postgres|pgsql|patroni",
        r"/var/lib/(?:postgresql|pgsql)/(?:\d|data)|\$PGDATA|/pgdata(?:/|\Z)",
    ),
    Store(r"mysql|mariadb|percona", r"/var/lib/mysql(?:/|\Z)"),
    Store(r"mongo", r"/var/lib/mongo(?:db)?(?:/|\Z)|/data/db(?:/|\Z)"),
    Store(r"etcd", r"/var/lib/etcd(?:/|\Z)"),
    Store(r"prometheus", r"/var/lib/prometheus(?:/|\Z)"),
    Store(r"influx", r"/var/lib/influxdb2?(?:/|\Z)"),
    Store(r"clickhouse", r"/var/lib/clickhouse(?:/|\Z)"),
    Store(r"elastic|opensearch", r"/var/lib/(?:elastic|open)search(?:/|\Z)"),
    Store(r"rabbit", r"/var/lib/rabbitmq/mnesia"),
    Store(r"grafana", r"grafana\.db\Z"),
    Store(r"jenkins", r"/var/lib/jenkins(?:/|\Z)"),
    Store(r"slapd|ldap", r"/var/lib/(?:open)?ldap(?:/|\Z)"),
)
_SQLITE = r"/[\w-]+\.(?:db|sqlite3?)\Z"
_COMMON = frozenset(["", "var", "lib", "srv", "opt", "data", "home", "db", "usr", "local", "etc"])


def store_written(placed: PlacedCall) -> tuple[Store, str] | None:
    """The server whose data a call puts in place, and the path; None where it writes none."""
    for path in _written(placed):
        if re.search(_NO_DATA, path):
            continue
        for store in _STORES:
            if re.search(store.files, path):
                return store, path
        folders = [re.escape(f) for f in path.split("/")[:-1] if f not in _COMMON]
        if folders and re.search(_SQLITE, path):
            names = rf"(?:\A|/)(?:{'|'.join(folders)})(?:\.service)?\Z"
            return Store(names, _SQLITE), path
    return None


def _written(placed: PlacedCall) -> Iterator[str]:
    """The paths that a call writes to, without a host before them."""
    call = placed.call
    for redirection in call.redirections:
        if redirection.descriptor == 1 and redirection.operator in (">", ">|", "&>"):
            yield placed.filled(redirection.target.text)
    if call.program in _LAST:
        letters, names = _LAST[call.program]
        operands = arguments(call, letters, names.split()).operands
        if len(operands) > 1:
            yield _path(placed.filled(operands[-1].text), placed.filled(operands[0].text))
    elif call.program in _COPYING:
        if call.operands[:1] == ("cp",) and len(call.operands) > 2:
            yield _path(placed.filled(call.operands[2]))
    elif call.program == "tar" and "x" in "".join(
        (*(w.text for w in call.words[1:2]), *call.bundled)
    ):
        yield placed.filled(call.value("C", "directory") or "")
    elif call.program in ("unzip", "tee"):
        yield placed.filled(call.value("d") or (call.operands or ("",))[-1])
    elif call.program == "dd":
        yield from (w.text[3:] for w in call.words[1:] if w.text.startswith("of="))


def _path(target: str, source: str = "") -> str:
    """Where a file lands: in a folder it keeps its name."""
    path = target.rpartition(":")[2]
    path = "./" if path == "." else path
    if path.endswith("/") and source and not source.endswith("/"):
        return path + posixpath.basename(source.rpartition(":")[2])
    return path
