"""The offsets of a group of consumers are set while the consumers run.

## Why

Kafka sets the offsets of groups without members only. While one consumer is connected the command
prints that the group is not inactive, and changes nothing; older versions end with 0 all the same.
The old consumers then start where the new ones have stopped, and read nothing again.

## Bad

```rbplan
phase offsets "Offsets" {
  budget 2m
  step reset "Reset" {
    run ```
      kafka-consumer-groups.sh --bootstrap-server kafka:9092 --group rater \\
        --reset-offsets --topic usage --to-datetime 2025-11-03T08:00:00.000 --execute
    ```
  }
}
phase app "App" {
  after offsets
  budget 2m
  step image "Image" { run `kubectl -n shop set image deployment/rater rater=rater:4.6` }
}
```

## Good

```rbplan
phase quiet "Nobody reads" {
  budget 2m
  step scale "Scale" { run `kubectl -n shop scale deployment/rater --replicas=0` }
}
phase offsets "Offsets" {
  needs quiet
  budget 2m
  step reset "Reset" {
    run ```
      kafka-consumer-groups.sh --bootstrap-server kafka:9092 --group rater \\
        --reset-offsets --topic usage --to-datetime 2025-11-03T08:00:00.000 --execute
    ```
  }
}
```

## How it can be fooled

Whatever may have stopped the consumers before silences it: a command, step or phase that says stop,
pause, zero replicas and the like, or that asks for the state of the group. Consumers that the
failed change has ended already are a false alarm.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.effects import comes_before, in_phases, quiet_before
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB538", "offsets-of-running-consumers", Severity.WARNING)

_GROUPS = ("kafka-consumer-groups", "kafka-consumer-groups.sh")
_STREAMS = ("kafka-streams-application-reset", "kafka-streams-application-reset.sh")
PROGRAMS = (*_GROUPS, *_STREAMS, "rpk")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such command."""
    by_program = context.calls_by_program
    if by_program.keys().isdisjoint(PROGRAMS):
        return
    asked = [call for call in in_phases(context) if _asks(call.call)]
    for call in in_phases(context):
        if not _sets(call.call) or quiet_before(context, call) or _is_asked(context, asked, call):
            continue
        group = call.call.value("group") or ""
        name = f" of `{call.filled(group)}`" if group and "$" not in call.filled(group) else ""
        yield CODE.at(
            call.span,
            f"the offsets{name} are set, and nothing before stops the consumers: Kafka sets those "
            "of inactive groups only",
            hint="let a phase before it, which this one `needs`, stop the consumers and wait until "
            "`--describe --state` says `Empty`",
        )


def _sets(call: Call) -> bool:
    if call.program in _GROUPS:
        return call.has("reset-offsets", "delete-offsets") and (
            call.has("execute") or call.has("delete-offsets")
        )
    if call.program in _STREAMS:
        return call.has("execute") or not call.has("dry-run")
    return call.program == "rpk" and call.operands[:2] == ("group", "seek")


def _asks(call: Call) -> bool:
    """Whether it asks if there are members: the group is waited for until there are none."""
    if call.program in _GROUPS:
        return call.has("describe") and call.has("state", "members")
    return call.program == "rpk" and call.operands[:2] == ("group", "describe")


def _is_asked(context: Context, asked: list[PlacedCall], call: PlacedCall) -> bool:
    return any(comes_before(context, other, call) for other in asked)
