"""In which format a command writes a file, and which formats another one can read.

Known for dumps of databases, manifests and images; None for what is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rbdsl.analysis.calls import Call
from rbdsl.record import dataclass
from rbdsl.rules.placed_files import PlacedFile


@dataclass(frozen=True, slots=True)
class Format:
    """What is in a file: `kind` (empty where only the packing is known), and whether packed."""

    kind: str
    packed: bool = False

    def __str__(self) -> str:
        words = NAMES.get(self.kind, "")
        return f"{words}, compressed" if self.packed else words


NAMES = {
    "plain": "plain SQL",
    "custom": "a custom-format archive",
    "directory": "a directory archive",
    "tar": "a tar archive",
    "mysql": "SQL of MySQL",
    "rdb": "an RDB snapshot",
    "sqlite": "an SQLite database",
    "mongo": "a mongodump archive",
    "table": "a table for people",
    "image": "an image with its layers",
    "filesystem": "the files of a container",
}
_POSTGRES_FORMATS = {
    "p": "plain", "plain": "plain", "c": "custom", "custom": "custom", "d": "directory",
    "directory": "directory", "t": "tar", "tar": "tar",
}  # fmt: skip
READERS = {
    "pg_restore": frozenset(["custom", "directory", "tar"]),
    "psql": frozenset(["plain"]),
    "mysql": frozenset(["mysql"]),
    "mariadb": frozenset(["mysql"]),
    "mongorestore": frozenset(["mongo"]),
    "redis-cli": frozenset(["commands"]),
    "kubectl apply": frozenset(["manifest"]),
    "kubectl create": frozenset(["manifest"]),
    "kubectl replace": frozenset(["manifest"]),
    "oc apply": frozenset(["manifest"]),
    "docker load": frozenset(["image"]),
    "docker import": frozenset(["filesystem"]),
}
"""The kinds that a program can read, by its name with its verb."""

_UNPACKS_ITSELF = frozenset(["docker load", "docker import"])
_PASSES_ON = frozenset(["cat", "pv", "tee", "buffer", "mbuffer"])
_EDITS = frozenset(["sed", "grep", "awk", "tr", "iconv"])
_PACKERS = frozenset(["gzip", "pigz", "bzip2", "xz", "zstd"])
_UNPACKERS = frozenset(["gunzip", "zcat", "gzcat", "bunzip2", "bzcat", "unxz", "xzcat", "zstdcat"])
_PACKED = (".gz", ".bz2", ".xz", ".zst")


def written(file: PlacedFile) -> Format | None:
    """The format that a command writes a file in."""
    chain = file.file.pipeline
    if not file.file.redirected and file.file.call and file.file.call.program != "tee":
        return produced(file.file.call)
    found = produced(chain[0]) if chain else None
    for call in chain[1:]:
        if found is None:
            return None
        found = _through(call, found)
    return found


def reads(file: PlacedFile, found: Format) -> tuple[Call, str, Format] | None:
    """What gets a file in the end: the call, its name in `READERS`, and the format it then has.

    None where that is not known.
    """
    chain = _from(file)
    for call in chain[:-1]:
        after = _through(call, found)
        if after is None:
            return None
        found = after
    last = chain[-1] if chain else None
    name = reader_name(last) if last else None
    return (last, name, found) if last and name else None


def can_read(call: Call, name: str, found: Format) -> bool:
    """Whether a program can read a format."""
    if found.kind and found.kind not in READERS[name]:
        return False
    if name == "mongorestore":
        return found.packed == call.has("gzip")
    return not found.packed or name in _UNPACKS_ITSELF


def by_name(path: str) -> Format | None:
    """What a file's name alone tells for sure: that it is packed."""
    return Format("", packed=True) if path.endswith(_PACKED) else None


def produced(call: Call) -> Format | None:
    """What a program writes."""
    match call.program:
        case "pg_dump":
            kind = _POSTGRES_FORMATS.get(call.value("F", "format") or "plain")
            packs = call.value("Z", "compress") not in (None, "0", "none")
            return Format(kind, packed=packs and kind == "plain") if kind else None
        case "pg_dumpall" | "mysqldump" | "mariadb-dump":
            return Format("plain" if call.program == "pg_dumpall" else "mysql")
        case "sqlite3":
            kept = any(word.lstrip().startswith((".backup", ".save")) for word in call.operands)
            return Format("sqlite") if kept else None
        case "redis-cli":
            return Format("rdb") if call.has("rdb") else None
        case "mongodump":
            return Format("mongo", packed=call.has("gzip")) if call.has("archive") else None
        case "kubectl" | "oc":
            shown = call.value("output", "o")
            if call.operands[:1] == ("get",) and shown in (None, "wide"):
                return Format("table")
        case "docker" | "podman":
            kind = {"save": "image", "export": "filesystem"}.get((*call.operands, "")[0])
            return Format(kind) if kind else None
    return None


def reader_name(call: Call) -> str | None:
    """The name that a call has in `READERS`."""
    if call.program == "pg_restore" and call.has("l", "list"):
        return None
    if call.program == "redis-cli":
        return "redis-cli" if call.has("pipe") or not call.operands else None
    if call.program in READERS:
        return call.program
    named = f"{call.program} {(*call.operands, '')[0]}"
    return named if named in READERS else None


def _from(file: PlacedFile) -> Sequence[Call]:
    """The calls that what is in a file runs through, from the one that names it."""
    chain = file.file.pipeline
    at = next((i for i, call in enumerate(chain) if call is file.file.call), 0)
    return chain[at:]


def _through(call: Call, found: Format) -> Format | None:
    """The format behind a program of a pipe."""
    program = call.program
    if program in _PACKERS and not call.has("d", "decompress", "uncompress"):
        return replace(found, packed=True)
    if program in _UNPACKERS or program in _PACKERS:
        return replace(found, packed=False)
    if program in _PASSES_ON or (program in _EDITS and found.kind == "plain"):
        return found
    return None
