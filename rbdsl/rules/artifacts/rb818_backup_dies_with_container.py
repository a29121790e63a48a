"""A backup is written inside of a container, and nothing brings it out.

## Why

The file system of a container goes with it. The rollback replaces the pod, the node drains it, or
it is just restarted in the incident, and the backup is gone with what it was to save.

## Bad

```rbplan
capture {
  step dump "Dump" { run `kubectl -n shop exec db-0 -- sh -c 'pg_dump -Fc shop > /tmp/shop.dump'` }
}
phase restore "Restore" {
  budget 3m
  step load "Load" {
    run `kubectl -n shop exec db-0 -- pg_restore --exit-on-error --clean -d shop /tmp/shop.dump`
  }
}
```

## Good

```rbplan
capture {
  step dump "Dump" {
    creates dump "shop.dump"
    run `kubectl -n shop exec db-0 -- pg_dump -Fc shop > "$dump"`
  }
}
phase restore "Restore" {
  budget 3m
  step load "Load" {
    uses dump
    run `kubectl -n shop exec -i db-0 -- pg_restore --exit-on-error --clean -d shop < "$dump"`
  }
}
```

## How it can be fooled

Only `/tmp`, `/root`, `/home` and relative paths are looked at, as anything else may be a volume; so
may these, where somebody mounted one there. Copies (`cp`, `tar`) count where a phase reads the same
file again. A file that is copied out (`kubectl cp`, `cat` through
`kubectl exec`, an upload) is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.file_programs import Use
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.artifacts.formats import written
from rbdsl.rules.context import Context
from rbdsl.rules.placed_files import PlacedFile

CODE = Code("RB818", "backup-dies-with-container", Severity.WARNING)

_CONTAINERS = ("kubectl ", "oc ", "docker ", "podman ", "nerdctl ", "docker-compose ")
_FLEETING = ("/tmp/", "/root/", "/home/", "/var/tmp/")  # noqa: S108 - of the plan
_MOUNTED = frozenset(["-v", "--volume", "--mount"])
_COPIES = frozenset(["cp", "tar", "rsync", "install", "gzip", "cat", "etcdctl", "zstd"])
"""What makes a backup where a phase reads the same file again."""
_TAKES_ALONG = frozenset(["kubectl", "oc", "docker", "podman", "aws", "gsutil", "scp", "curl"])


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such file."""
    inside = [f for f in context.files if f.use is Use.WRITE and _inside(f)]
    read = {f.path for f in context.files if f.place.phase and f.use is Use.READ} if inside else ()
    for file in inside:
        kept = written(file) is not None or (
            file.place.captures and file.path in read and _program(file) in _COPIES
        )
        if kept and not any(_brings_out(other, file) for other in context.files):
            yield _report(file)


def _inside(file: PlacedFile) -> bool:
    """Whether it is written in a container, where no volume can be expected."""
    where = file.file.where
    if not where or not where[-1].startswith(_CONTAINERS) or not file.path:
        return False
    call = file.file.call
    wrapped = {word.text for words in (call.wrappers if call else ()) for word in words}
    mounted = (
        any(
            f"{c.call.program} ".startswith(_CONTAINERS) and not _MOUNTED.isdisjoint(c.texts)
            for c in file.place.calls
        )
        or wrapped & _MOUNTED
    )
    fleeting = file.path.startswith(_FLEETING) or not file.path.startswith(("/", "$", "~"))
    return fleeting and not mounted


def _brings_out(other: PlacedFile, file: PlacedFile) -> bool:
    """Whether a command takes the file along: `kubectl cp pod:file`, `exec … cat file > here`."""
    if other.file is file.file or file.path not in other.path:
        return False
    call = other.file.call
    if other.path.endswith(f":{file.path}"):
        return True
    if call is None or other.use not in (Use.READ, Use.NAME):
        return False
    goes = any(r.operator == ">" for r in call.redirections) or call.stage < len(call.pipe) - 1
    return other.use is Use.NAME or call.program in _TAKES_ALONG or (call.program == "cat" and goes)


def _program(file: PlacedFile) -> str:
    return file.file.pipeline[0].program if file.file.pipeline else ""


def _report(file: PlacedFile) -> Diagnostic:
    where = file.file.where[-1]
    program = _program(file) or "the dump"
    if program in _COPIES or program == "sqlite3":
        hint = f'bring it here: `{where} … cat {file.path} > "$ARTIFACT"`, as an artifact'
    else:
        hint = (
            "let the dump go to standard output, and write it here: "
            f'`{where} … {program} … > "$ARTIFACT"`'
        )
    return CODE.at(
        file.span,
        f"`{program}` writes `{file.path}` inside of the container (`{where}`), and nothing brings "
        "it out: it goes with the container",
        hint=hint,
    )
