"""What programs do with the files that their arguments name, as a table.

A program is looked up by its name, with its verb where it has some (`docker save`); a row says
which options and which operands name files, and what happens to those.
"""

from __future__ import annotations

from enum import StrEnum

from rbdsl.record import dataclass


class Use(StrEnum):
    """What a command does with a file.

    `LOOK` asks whether it is there, and how large; `PROVE` reads it to see whether it is sound;
    `NAME` stands for a program that is not known: it may do anything with it.
    """

    READ = "read"
    WRITE = "write"
    LOOK = "look"
    PROVE = "prove"
    REMOVE = "remove"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Files:
    """Which arguments of a program name files.

    `reads`, `writes` and `proves` are options whose value is a file, without their dashes.
    `operands` says what the operands are, from the operand number `skip` on; with `target` the
    last one is written. None where operands are no files.
    """

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    operands: Use | None = None
    skip: int = 0
    target: bool = False


_READ = Files(operands=Use.READ)
_LOOK = Files(operands=Use.LOOK)
_PROVE = Files(operands=Use.PROVE)
_COPY = Files(operands=Use.READ, target=True)
_SEARCH = Files(operands=Use.READ, skip=1)
_MANIFESTS = Files(reads=("f", "filename"))
_CHECKSUM = Files(operands=Use.READ)

PROGRAMS: dict[str, Files] = {
    "cat": _READ, "zcat": _READ, "gzcat": _READ, "bzcat": _READ, "xzcat": _READ, "zstdcat": _READ,
    "head": _READ, "tail": _READ, "less": _READ, "sort": _READ, "uniq": _READ, "wc": _LOOK,
    "source": _READ, ".": _READ, "base64": _READ, "envsubst": Files(), "split": _READ,
    "grep": _SEARCH, "jq": _SEARCH, "yq": _SEARCH, "sed": _SEARCH, "awk": _SEARCH, "cut": _READ,
    "diff": _PROVE, "cmp": _PROVE, "comm": _PROVE,
    "sha256sum": _CHECKSUM, "sha1sum": _CHECKSUM, "sha512sum": _CHECKSUM, "md5sum": _CHECKSUM,
    "shasum": _CHECKSUM, "b2sum": _CHECKSUM,
    "ls": _LOOK, "stat": _LOOK, "test": _LOOK, "du": _LOOK, "file": _LOOK, "[": _LOOK,
    "rm": Files(operands=Use.REMOVE), "shred": Files(operands=Use.REMOVE),
    "unlink": Files(operands=Use.REMOVE),
    "cp": _COPY, "mv": _COPY, "install": _COPY, "scp": _COPY, "rsync": _COPY, "ln": _COPY,
    "tee": Files(operands=Use.WRITE), "touch": Files(operands=Use.WRITE), "truncate": _LOOK,
    "pg_dump": Files(writes=("f", "file")), "pg_dumpall": Files(writes=("f", "file")),
    "pg_basebackup": Files(writes=("D", "pgdata")),
    "pg_restore": Files(operands=Use.READ), "psql": Files(reads=("f", "file")),
    "mysqldump": Files(writes=("r", "result-file")),
    "mariadb-dump": Files(writes=("r", "result-file")),
    "mysql": Files(), "mariadb": Files(),
    "mongodump": Files(writes=("archive", "out", "o")),
    "mongorestore": Files(reads=("archive",), operands=Use.READ),
    "curl": Files(reads=("T", "upload-file"), writes=("o", "output")),
    "wget": Files(writes=("O", "output-document")),
    "redis-cli": Files(writes=("rdb",)),
    "gpg": Files(writes=("o", "output"), operands=Use.READ),
    "openssl": Files(reads=("in",), writes=("out",)),
    "unzip": _READ,
    "echo": Files(), "printf": Files(), "mkdir": Files(), "cd": Files(), "pushd": Files(),
    "chmod": Files(operands=Use.LOOK, skip=1), "chown": Files(operands=Use.LOOK, skip=1),
    "ssh": Files(), "exit": Files(), "return": Files(), "sleep": Files(), "set": Files(),
    "export": Files(), "basename": Files(), "dirname": Files(),
    "kubectl apply": _MANIFESTS, "kubectl create": _MANIFESTS, "kubectl replace": _MANIFESTS,
    "kubectl delete": _MANIFESTS, "kubectl diff": _MANIFESTS, "kubectl get": _MANIFESTS,
    "oc apply": _MANIFESTS, "oc create": _MANIFESTS, "oc replace": _MANIFESTS,
    "docker save": Files(writes=("o", "output")), "docker load": Files(reads=("i", "input")),
    "docker import": Files(operands=Use.READ), "docker export": Files(writes=("o", "output")),
    "podman save": Files(writes=("o", "output")), "podman load": Files(reads=("i", "input")),
    "kubectl cp": _COPY, "docker cp": _COPY, "podman cp": _COPY, "oc cp": _COPY,
    "aws s3": Files(operands=Use.READ, skip=1, target=True),
    "gsutil cp": _COPY, "gcloud storage": Files(operands=Use.READ, skip=1, target=True),
    "az storage": Files(reads=("f", "file")),
    "terraform apply": _READ, "terraform plan": Files(writes=("out",)), "terraform show": _READ,
    "helm upgrade": Files(reads=("f", "values")), "helm install": Files(reads=("f", "values")),
    "sqlite3": Files(), "etcdctl snapshot": Files(operands=Use.NAME, skip=1),
}  # fmt: skip
"""Rows by program, or program and verb. What is not here does something that is not known."""

VERBS = frozenset(name.partition(" ")[0] for name in PROGRAMS if " " in name)
"""Programs whose first operand is a verb."""

PACKERS = {"gzip": ".gz", "bzip2": ".bz2", "xz": ".xz", "zstd": ".zst", "pigz": ".gz"}
"""Programs that turn `file` into `file.gz`, with what they put behind its name."""

UNPACKERS = {"gunzip": ".gz", "bunzip2": ".bz2", "unxz": ".xz", "unzstd": ".zst", "unpigz": ".gz"}
