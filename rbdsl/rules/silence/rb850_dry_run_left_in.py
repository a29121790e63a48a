"""A command that only says what it would do: `--dry-run`, `--reset-offsets` without `--execute`.

## Why

It was put there to try the plan out, and stayed. The step succeeds, prints what would have been
done, and nothing is.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step offsets "Back to the offsets before" {
    run ```
      kafka-consumer-groups --bootstrap-server kafka:9092 --group orders --all-topics \\
        --reset-offsets --to-datetime 2025-12-09T14:00:00.000
    ```
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step offsets "Back to the offsets before" {
    run ```
      kafka-consumer-groups --bootstrap-server kafka:9092 --group orders --all-topics \\
        --reset-offsets --to-datetime 2025-12-09T14:00:00.000 --execute
    ```
  }
}
```

A dry run before the real one is a good check, and is left alone: where the same command follows
without it, where it is an expectation, and where what it prints is handed on (`kubectl create …
--dry-run=client -o yaml | kubectl apply -f -`).

## How it can be fooled

Sure that the command changes nothing. That it is there to show something to a person, the rule
cannot know; `terraform plan` counts only where the plan applies nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall, Role
from rbdsl.rules.silence.changes import verb

CODE = Code("RB850", "dry-run-left-in", Severity.WARNING)

_DRY: dict[str, tuple[str, ...]] = {
    # program → options by which it only says what it would do, besides `--dry-run`
    "rsync": ("n",),
    "aws": ("dryrun",),
    "ansible-playbook": ("check", "C"),
    "alembic": ("sql",),
    "flyway": ("dryRunOutput",),
    "apt-get": ("s", "simulate", "just-print"),
    "puppet": ("noop",),
    "make": ("n", "just-print"),
    "git": (),
}
_EXECUTED = {
    "kafka-consumer-groups": ("reset-offsets", ("execute", "export")),
    "kafka-consumer-groups.sh": ("reset-offsets", ("execute", "export")),
    "kafka-reassign-partitions": ("reassignment-json-file", ("execute", "verify", "cancel")),
    "kafka-reassign-partitions.sh": ("reassignment-json-file", ("execute", "verify", "cancel")),
}
_PREVIEWS = {"terraform": ("plan", "apply"), "tofu": ("plan", "apply"), "pulumi": ("preview", "up")}
_PREVIEWS |= {"cdk": ("diff", "deploy"), "liquibase": ("rollback-sql", "rollback")}
_SETS = frozenset(["apply", "create", "replace", "patch"])
"""What one of these tries, another may do."""
_OFF = ("none", "false", "no")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such command."""
    acting = [p for p in context.calls if p.place.role in (Role.RUN, Role.UNDO)]
    last = {_key(p.call): at for at, p in enumerate(acting) if not _dry(p.call)}
    previewed = {(p.call.program, word) for p in acting for word in _real_words(p.call)}
    for at, placed in enumerate(acting):
        call = placed.call
        if placed.place.captures or _is_handed_on(call):
            continue
        dry = _dry(call)
        if dry and last.get(_key(call), -1) < at:
            yield _report(placed, dry)
        elif call.program in _PREVIEWS and _only_previews(call, previewed):
            yield _report(placed, call.operands[0])


def _key(call: Call) -> tuple[str, str]:
    """What a call does, the same for one that only tries it."""
    word = verb(call)
    return call.program, "apply" if word in _SETS else word or next(iter(call.operands), "")


def _real_words(call: Call) -> tuple[str, ...]:
    return call.operands if call.program in _PREVIEWS else ()


def _is_handed_on(call: Call) -> bool:
    """Whether somebody decides by its status, or takes what it prints."""
    away = any(r.descriptor == 1 and r.target.text != "/dev/null" for r in call.redirections)
    return bool(call.tested or call.substituted or away or call.stage + 1 < len(call.pipe))


def _dry(call: Call) -> str:
    """The option by which a call does nothing, or what is missing for it to do something."""
    if call.program in _EXECUTED:
        asked, doing = _EXECUTED[call.program]
        return f"without --{doing[0]}" if call.has(asked) and not call.has(*doing) else ""
    for name, value in call.options:
        if name == "dry-run" and value not in _OFF:
            return "--dry-run"
    names = _DRY.get(call.program, ())
    found = next((name for name in names if call.has(name)), "")
    if not found:
        return ""
    return f"-{found}" if len(found) == 1 or call.program == "flyway" else f"--{found}"


def _only_previews(call: Call, real: set[tuple[str, str]]) -> bool:
    preview, doing = _PREVIEWS[call.program]
    if call.operands[:1] != (preview,) or call.has("detailed-exitcode", "refresh-only", "destroy"):
        return False
    return (call.program, doing) not in real


def _report(placed: PlacedCall, dry: str) -> Diagnostic:
    program = placed.call.program
    if dry.startswith("without"):
        fact, mend = f"`{program}` {dry} only prints what it would do", f"write `{dry[8:]}`"
    elif dry.startswith("-"):
        fact, mend = f"`{program} {dry}` changes nothing", f"leave `{dry}` out"
    else:
        real = _PREVIEWS[program][1]
        fact = (
            f"`{program} {dry}` changes nothing, and nothing in this plan runs `{program} {real}`"
        )
        mend = f"write `{program} {real}`"
    return CODE.at(placed.span, fact, hint=mend)
