"""What a program says of errors and warnings goes into the backup that it writes.

## Why

`2>&1` is what one writes to keep a log. Behind a dump it puts each warning between the statements,
`mysqldump: [Warning] Using a password …` on the first line: the load stops there, or reads it as
data, and an archive is broken in the middle. The dump ends well, and has the right size.

## Bad

```rbplan
capture {
  step dump "Dump" { creates dump "shop.sql"; run `pg_dump -w -d shop > "$dump" 2>&1` }
}
phase data "Data" {
  budget 3m
  step load "Load" { uses dump; run `psql -wX -v ON_ERROR_STOP=1 -d shop -f "$dump"` }
}
```

## Good

```rbplan
capture {
  step dump "Dump" { creates dump "shop.sql"; run `pg_dump -w -d shop > "$dump"` }
}
phase data "Data" {
  budget 3m
  step load "Load" { uses dump; run `psql -wX -v ON_ERROR_STOP=1 -d shop -f "$dump"` }
}
```

## How it can be fooled

By a file that is loaded by a script, or under another name. A log (`pg_dump -f a.dump shop > a.log
2>&1`) is no backup: only what a phase loads or applies is looked at. `2>&1 >file` sends messages to
the terminal, and what `grep` or `sed` take out of the file on its way is not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.analysis.file_programs import Use
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.effects import DUMPING
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.placed_files import PlacedFile

CODE = Code("RB959", "messages-in-backup", Severity.WARNING)

PROGRAMS = DUMPING | frozenset(
    """
    aws az consul curl docker etcdctl gcloud helm ip6tables-save iptables-save kubectl mysql nft oc
    podman psql redis-cli restic sqlite3 terraform tofu vault
    """.split()  # noqa: SIM905 - a list of words is read as one
)
"""The programs whose output is kept, and that warn of something where they end well."""
_LOADERS = frozenset(["helm", "iptables-restore", "ip6tables-restore", "nft", "crontab", "vault"])
"""Programs that take up a file, besides those that load data."""
_PASS_ON = frozenset(["gzip", "pigz", "bzip2", "xz", "zstd", "tee", "cat", "pv", "gpg", "openssl"])
_BOTH = lazy_pattern(r"[^\n|&;]*\|&")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each file that is written so and loaded, where it is written."""
    if PROGRAMS.isdisjoint(context.calls_by_program):
        return
    written = [(file, call) for file in context.files if (call := _mixing(file))]
    if not written:
        return
    loads = {file.path: file for file in reversed(context.files) if _is_loaded(file)}
    reported: set[tuple[int, int]] = set()
    for file, call in written:
        load = loads.get(file.path)
        if load is None or (id(file.place), file.file.word.start) in reported:
            continue
        reported.add((id(file.place), file.file.word.start))
        reader = load.reader.program if load.reader else "a later step"
        yield CODE.at(
            PlacedCall(call, file.place).span,
            f"what `{call.program}` says of warnings goes into `{file.path}`, and `{reader}` loads "
            "that",
            labels=(Label(load.command, "loaded here"),),
            hint="keep only the output, without `2>&1`: what is said of errors is in the log of "
            "the run",
        )


def _mixing(file: PlacedFile) -> Call | None:
    """The program whose messages go into a file together with its output; None where none do."""
    if file.use is not Use.WRITE or not (file.file.redirected or _is_piped(file)):
        return None
    source, *others = file.file.pipeline
    if source.program not in PROGRAMS or any(call.program not in _PASS_ON for call in others):
        return None
    return source if _mixes(source, file.place.shell.text) else None


def _is_piped(file: PlacedFile) -> bool:
    return bool(file.file.call and file.file.call.program == "tee")


def _mixes(call: Call, text: str) -> bool:
    """Whether messages go where the output goes: `>f 2>&1`, `&>f`, `2>&1 |`, `|&`."""
    goes = {1: "output", 2: "messages"}
    for redirection in call.redirections:  # in this order, as the shell does
        target, operator = redirection.target.text, redirection.operator
        if operator == ">&" and target.isdigit():
            goes[redirection.descriptor] = goes.get(int(target), target)
        elif operator.startswith("&") or operator == ">&":
            goes[1] = goes[2] = target
        elif operator.startswith(">"):
            goes[redirection.descriptor] = target
    if call.stage < len(call.pipe) - 1 and _BOTH.match(text, call.end):
        return goes[1] == "output"
    return goes[1] == goes[2] and goes[1] != "/dev/null"


def _is_loaded(file: PlacedFile) -> bool:
    """Whether a phase loads or applies a file."""
    if file.place.phase is None or not file.place.role.acts:
        return False
    reader = file.reader
    return file.restored or bool(
        reader and file.use in (Use.READ, Use.NAME) and reader.program in _LOADERS
    )
