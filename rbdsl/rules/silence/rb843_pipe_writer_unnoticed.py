"""A pipe in a text for another shell, whose first part may fail and nobody notices.

## Why

The shell of a step looks at every part of a pipe. That of a container or of a host does not: behind
`sh -c 'pg_dump … | gzip > file'` the status is that of `gzip`, which is content with half a dump.
The backup that the rollback stands on is then 20 bytes of nothing.

## Bad

```rbplan
capture {
  step backup "Backup" {
    run `kubectl -n db exec db-0 -- sh -c 'pg_dump shop | gzip >/backup/shop.gz'`
  }
}
```

## Good

```rbplan
capture {
  step backup "Backup" {
    run `kubectl -n db exec db-0 -- bash -o pipefail -c 'pg_dump shop | gzip >/backup/shop.gz'`
  }
}
```

The pipe may also stand outside: `kubectl exec db-0 -- pg_dump -Fc shop | gzip >file` is one of the
step's own shell.

## How it can be fooled

Sure where the reader is one that takes whatever it is given (`gzip`, `tee`, `head`, `psql` …). A
login shell that sets `pipefail` in its profile is not seen. Where an expectation compares what the
pipe says, it is reported only if nothing, or a count of 0, would pass; where the text on a host is
itself read by `grep` or `read`, it is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rbdsl.analysis.calls import Call
from rbdsl.analysis.empty_checks import is_passive
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.silence.answers import accepts, matched, readers

CODE = Code("RB843", "pipe-writer-unnoticed", Severity.WARNING)

_NEVER_FAIL = frozenset(
    ["echo", "printf", "yes", "seq", "date", "true", ":", "cd", "ls", "cat", "ps"]
)
_FILTERS = frozenset(["head", "tail", "wc", "tr", "cut", "uniq", "sort", "tee", "tac", "rev", "nl"])
"""What does not fail in the middle of a pipe."""
_SWALLOWING = frozenset(
    """
    psql mysql mariadb redis-cli aws gsutil openssl gpg xz bzip2 lz4 pigz pv ssh kubectl dd split
    awk sed logger mongosh sqlite3
    """.split()  # noqa: SIM905 - a list of words is read as one
)

_OF_NOTHING = frozenset(["read", "grep", "egrep", "fgrep"])
"""What fails where it is given nothing."""


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each part of a pipe whose failure is lost."""
    for placed in context.calls:
        call = placed.call
        if len(call.pipe) < 2 or call.strictness.pipefail or call.program in _NEVER_FAIL:
            continue
        if call.stage and call.program in _FILTERS:
            continue
        behind = list(readers(placed))
        if matched(placed.place) and not accepts(placed.place, "0" if _counts(behind) else ""):
            continue  # what is missing is seen in the output
        swallowed = behind and all(is_passive(r) or r.program in _SWALLOWING for r in behind)
        if swallowed and not _is_judged_outside(placed):
            yield _report(placed, behind[-1].program)


def _is_judged_outside(placed: PlacedCall) -> bool:
    """Whether what a host or a container prints is read by something that fails of nothing."""
    call = placed.call
    if not call.where:
        return False
    for other in placed.place.before(placed):
        outer = other.call
        if len(outer.where) < len(call.where) and outer.start < call.start <= outer.end:
            return any(
                reader.program in _OF_NOTHING or (reader.program == "jq" and not is_passive(reader))
                for reader in readers(other)
            )
    return False


def _counts(behind: Sequence[Call]) -> bool:
    """Whether the end of the pipe says 0 where it has nothing to read."""
    return any(r.program == "wc" or (r.program == "grep" and r.has("c", "count")) for r in behind)


def _report(placed: PlacedCall, reader: str) -> Diagnostic:
    where = placed.call.where
    shell = "that is run there" if where else "that is run here"
    return CODE.at(
        placed.span,
        f"a failure of `{placed.call.program}` goes unnoticed: the status of this pipe is that of "
        f"`{reader}`, in a shell {shell} without `pipefail`",
        hint="begin the text with `set -o pipefail;` (in bash), or pipe outside of it",
    )
