"""A checksum is printed, and nobody keeps it.

## Why

`sha256sum backup.dump` in the capture scrolls by in a log. To compare with it before the restore,
somebody has to find that log, in the incident, and compare 64 letters by eye.

## Bad

```rbplan
capture {
  step dump "Dump" {
    creates dump "before.dump"
    run ```
      pg_dump -Fc -d shop > "$dump"
      sha256sum "$dump"
    ```
  }
}
phase restore "Restore" { budget 3m; step load "Load" { uses dump; run `./load.sh "$dump"` } }
```

## Good

```rbplan
capture {
  step dump "Dump" {
    creates dump "before.dump" checksum sha256
    run `pg_dump -Fc -d shop > "$dump"`
  }
}
phase restore "Restore" { budget 3m; step load "Load" { uses dump; run `./load.sh "$dump"` } }
```

## How it can be fooled

It is sure that nothing in the plan keeps the sum: it goes to no file, pipe, variable or
comparison. Somebody may still copy it from the log.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall, Role

CODE = Code("RB819", "checksum-not-kept", Severity.WARNING)

PROGRAMS = frozenset(["sha256sum", "sha1sum", "sha512sum", "md5sum", "shasum", "b2sum"])


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such command in the capture."""
    artifacts = {artifact.path.plain: artifact for artifact in context.plan.artifacts}
    for call in context.calls:
        if call.call.program not in PROGRAMS or not _only_prints(call):
            continue
        program = call.call.program
        files = [call.filled(text) for text in call.call.operands]
        known = next((artifacts[path] for path in files if path in artifacts), None)
        if known and known.checksum:
            continue
        yield CODE.at(
            call.span,
            f"`{program}` prints a checksum, and nothing keeps it to compare with",
            hint=f"say `creates {known.name} {known.path.span.text} checksum sha256` instead"
            if known
            else f"keep it: `{call.call.text} > {(*files, 'FILE')[0]}.sha256`, as an artifact",
        )


def _only_prints(call: PlacedCall) -> bool:
    """Whether the sum goes to the log and nowhere else."""
    one = call.call
    if not call.place.captures or call.place.role is not Role.RUN:
        return False
    quiet = one.has("c", "check") or one.substituted or one.redirections or one.function
    return not quiet and one.stage == len(one.pipe) - 1 and bool(one.operands)
