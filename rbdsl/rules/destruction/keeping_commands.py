"""Which calls of a plan keep data, and of what: dumps, snapshots, copies.

A script that says in its name that it makes a backup is believed, whatever it keeps. A copy of
files or objects keeps what it is a copy of, and nothing else.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.analysis.sql import CLIENTS, database
from rbdsl.record import dataclass
from rbdsl.rules.destruction.dumped import Parts, dumped_database, is_dump, named_database, parts
from rbdsl.rules.forms import Form, by_program, matching
from rbdsl.rules.placed_calls import PlacedCall

ANY = "any"
_FORMS = by_program(
    [
        # `loses` is the kind of store that is kept
        Form("pg_dump|pg_dumpall|pg_basebackup|mysqldump|mariadb-dump|mydumper", "", "sql"),
        Form("xtrabackup|mariabackup|wal-g", "", "sql"),
        Form("barman", "backup", "sql"),
        Form("pgbackrest", ".. backup", "sql"),
        Form("nodetool", "snapshot", "sql"),
        Form("mongodump|mongoexport", "", "mongo"),
        Form("redis-cli", "", "redis", options="rdb"),
        Form("redis-cli", ".. BGSAVE|SAVE|bgsave|save", "redis"),
        Form("etcdctl", "snapshot save", "keys"),
        Form("consul", "snapshot save", "keys"),
        Form("vault", "operator raft snapshot save", "keys"),
        Form("vault", "kv get", "keys"),
        Form("velero", "backup create", "cluster"),
        Form("velero", "create backup", "cluster"),
        Form("aws", "rds create-db-snapshot|create-db-cluster-snapshot", "cloud"),
        Form("aws", "dynamodb create-backup", "cloud"),
        Form("aws", "ec2 create-snapshot|create-image", "cloud"),
        Form("aws", "backup start-backup-job", "cloud"),
        Form("aws", "elasticache create-snapshot", "cloud"),
        Form("gcloud", "sql backups create", "cloud"),
        Form("gcloud", "sql export", "cloud"),
        Form("gcloud", "compute disks snapshot", "cloud"),
        Form("gcloud", "compute snapshots create", "cloud"),
        Form("az", "sql db export|copy", "cloud"),
        Form("az", "backup protection backup-now", "cloud"),
        Form("az", "snapshot create", "cloud"),
        Form("aws", "s3 cp|sync", "objects"),
        Form("gsutil|rclone|mc|azcopy", ".. cp|copy|sync|rsync|mirror|copyto", "objects"),
        Form("aws", "s3api put-bucket-versioning", "objects"),
        Form("terraform|tofu", "state pull", "state"),
        Form("lvcreate", "", "block", options="s snapshot"),
        Form("zfs", "snapshot|send", "block"),
        Form("btrfs", "subvolume snapshot", "block"),
        Form("iptables-save|ip6tables-save", "", "firewall"),
        Form("nft", "list ruleset", "firewall"),
        Form("rabbitmqadmin", "export", "queue"),
        Form("kafka-mirror-maker|kcat|kafkacat", "", "queue"),
        Form("restic|borg|borgmatic|duplicity", "", "files"),
        Form("tar|rsync", "", "files"),
        Form("cp|install", "", "files"),
    ]
)
_VOLUMES = "/volumes/"
"""In the path of what Docker and its like keep in volumes."""
_NAMED = r"(?i)backup|back-up|back_up|dump|snapshot|export|archive"
_KEEPING_SQL = (
    r"(?i)^(?:create (?:unlogged )?table \S+ (?:as|like)\b|select .* into \w|insert into \S+ "
    r"(?:\([^)]*\) )?select\b|copy .* to\b|alter (?:table|database|schema) \S+ rename to\b"
    r"|create database \S+ (?:with )?template\b|\.backup|vacuum into\b)"
)
_KEEPING_COMMANDS = r"(?is)\s*(?:\.backup|\.dump|\\copy\s.*\bto\b)"
"""Of the clients themselves, which are no SQL."""


@dataclass(frozen=True)
class Backup:
    """What a call keeps: the kind of store, the name of the database where it says one.

    `sources` are what a copy is a copy of; nothing where that is not known. `parts` is what a dump
    holds that is not of everything.
    """

    placed: PlacedCall
    store: str
    name: str
    start: int
    sources: tuple[str, ...] = ()
    parts: Parts | None = None


def backups_of(placed: PlacedCall) -> Iterator[Backup]:
    """What a call keeps."""
    sources = tuple(placed.filled(source) for source in _sources(placed.call))
    for store, name, start in _kept(placed, sources):
        copied = tuple(map(trimmed, sources)) if store in ("files", "objects") else ()
        yield Backup(placed, store, name, start, copied, parts(placed) if store == "sql" else None)


def _sources(call: Call) -> tuple[str, ...]:
    """What a copy is a copy of; nothing for a call that is none."""
    operands = call.operands
    match call.program:
        case "cp" | "install" | "rsync" | "scp":
            return operands[:-1]
        case "tar":
            old = len(call.words) > 1 and not call.words[1].text.startswith("-")  # `tar czf x y`
            folder = call.value("C", "directory") or ""
            return tuple(posixpath.join(folder, w).rstrip(".") for w in operands[2 * old :])
        case "aws" | "gsutil" | "rclone" | "mc" | "azcopy" | "gcloud":
            places = [word for word in operands if "[@]" not in word]  # no lists of options
            return tuple(w for w in places[:-1] if "/" in w or ":" in w or "$" in w)
        case _:
            return ()


def trimmed(path: str) -> str:
    """A path without what stands for all that is in it."""
    return path.rstrip("*").rstrip("/")


def _kept(placed: PlacedCall, sources: tuple[str, ...]) -> Iterator[tuple[str, str, int]]:
    """The kinds of store that a call keeps, the database of each, and where in the text."""
    call = placed.call
    start = call.start
    form = matching(call, _FORMS)
    if form:
        store = form.loses
        if store == "files" and (call.words[-1].text == "-" or _unpacks(call)):
            return
        if store == "objects" and not _from_bucket(placed):
            return
        yield store, _database(placed) if store == "sql" else "", start
        if store == "files" and (call.where or any(_VOLUMES in source for source in sources)):
            yield "volumes", "", start
        return
    if call.program in CLIENTS:
        yield from (("sql", "", at) for at in _kept_by_sql(placed))
        return
    program = placed.filled(call.words[0].text)
    if ("/" in program or program.endswith(".sh")) and re.search(_NAMED, program):
        yield ANY, "", start
    elif call.program in ("kubectl", "oc") and _of_cluster(placed):
        yield "cluster", "", start
    elif call.program in ("make", "just", "task") and re.search(_NAMED, call.text):
        yield ANY, "", start
    elif call.program == "createdb" and _is_copy(placed):
        yield "sql", "", start


def _unpacks(call: Call) -> bool:
    """Whether `tar` takes out of an archive, or only lists it."""
    if call.program != "tar":
        return False
    letters = call.bundled | set(call.words[1].text if len(call.words) > 1 else "")
    return not ({"c", "r", "u"} & letters) and not call.has("create", "append", "update")


def _kept_by_sql(placed: PlacedCall) -> Iterator[int]:
    """Where a client of a database copies a table, or renames one, or writes a file."""
    call = placed.call
    for one in placed.statements:
        if re.match(_KEEPING_SQL, one.text):
            yield one.start
    said = (*(word.text for word in call.words), *call.given)
    if any(re.match(_KEEPING_COMMANDS, text) for text in said):
        yield call.start


def _from_bucket(placed: PlacedCall) -> bool:
    """Whether objects are copied out of a bucket, not into it."""
    operands = placed.call.operands
    if placed.call.program != "aws" or operands[:1] != ("s3",) or len(operands) < 3:
        return True
    return placed.filled(operands[2]).startswith(("s3://", "$"))


def _is_copy(placed: PlacedCall) -> bool:
    template = placed.call.value("T", "template")
    return template not in (None, "template0", "template1")


def _of_cluster(placed: PlacedCall) -> bool:
    """Whether a volume is kept: by a VolumeSnapshot, or a copy of its files.

    A manifest in a file keeps what an object was, and nothing of what it held.
    """
    call = placed.call
    verb = call.operands[0] if call.operands else ""
    named = " ".join((*placed.texts, *call.given)).lower()
    return verb == "cp" or (verb in ("apply", "create") and "snapshot" in named)


def _database(placed: PlacedCall) -> str:
    """The database that a dump is of; empty where it is not said or not known."""
    if is_dump(placed.call):
        return dumped_database(placed)
    found = database(placed.call)
    return named_database(placed.filled(found[0])) if found else ""


def plain_name(name: str) -> str:
    """The name of a database as others are compared with it."""
    return name.strip("\"`'[]").lower()
