"""A command never ends by itself.

`tail -f`, `watch`, `kubectl logs -f`, `kubectl port-forward`, `docker compose up` without `-d`:
they show or serve something until somebody presses Ctrl-C.

## Why

The step runs into its time limit, whatever it shows, and counts as failed: the rollback ends
there, with the old version half restored.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step up "Start the old version" { timeout 1m; run `docker compose up` }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step up "Start the old version" {
    timeout 1m
    run `docker compose up -d --wait --wait-timeout 50`
  }
}
```

## How it can be fooled

By a stream that ends because its source does: the log of a job that is followed until it is done
is not reported. In the background (`&`), or behind `timeout`, it is somebody's intention. Behind it
in a pipe stands perhaps what ends it (`grep -q`, `head`), which is then a warning: it ends only
when the next line comes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rbdsl.analysis.calls import Call
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.hangs.running import begins, is_limited, operands, running
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB829", "never-ends", Severity.ERROR)


class _Stream(NamedTuple):
    """A command without an end: its verb, the options it takes, those that end it, the mend."""

    hint: str
    verb: tuple[str, ...] = ()
    only_with: tuple[str, ...] = ()
    not_with: tuple[str, ...] = ()


_FOLLOW = ("f", "follow", "F", "retry")
_LOGS = "leave `-f` out, and say how much: `--since=10m --tail=-1`"
_KUBECTL = (
    _Stream(_LOGS, ("logs",), ("f", "filename", "follow")),
    _Stream("use `kubectl wait` with `--timeout`", ("get|events",), ("w", "watch", "watch-only")),
    _Stream("put it into the background, and end it: `… & forward=$!`", ("port-forward|proxy",)),
)
_DOCKER = (
    _Stream("leave `-f` out, and say how much: `--since 10m`", ("logs",), ("f", "follow")),
    _Stream(
        "leave `-f` out, and say how much: `--since 10m`", ("compose", "logs"), ("f", "follow")
    ),
    _Stream(
        "add `-d`", ("compose", "up"), (), ("d", "detach", "wait", "no-start", "exit-code-from",
        "abort-on-container-exit")
    ),
    _Stream("add `--no-stream`", ("stats",), (), ("no-stream",)),
    _Stream("add `--until`", ("events",), (), ("until",)),
)  # fmt: skip
_STREAMS: dict[str, tuple[_Stream, ...]] = {
    "tail": (_Stream("leave `-f` out, or write `timeout 30 tail -f …`", (), _FOLLOW, ("pid",)),),
    "journalctl": (_Stream("leave `-f` out: `--since -10m`", (), ("f", "follow")),),
    "dmesg": (_Stream("leave `-w` out", (), ("w", "follow", "W", "follow-new")),),
    "watch": (_Stream("ask again by an `expect … within 1m every 5s`"),),
    "top": (_Stream("write `top -bn1`", (), (), ("b", "n", "batch")),),
    "htop": (_Stream("write `top -bn1`"),),
    "ping": (_Stream("add `-c 3 -w 5`", (), (), ("c", "w")),),
    "kubectl": _KUBECTL,
    "oc": _KUBECTL,
    "stern": (_Stream("add `--no-follow`", (), (), ("no-follow",)),),
    "docker": _DOCKER,
    "podman": _DOCKER,
    "docker-compose": (
        _Stream("add `-d`", ("up",), (), ("d", "detach", "wait", "no-start", "exit-code-from",
            "abort-on-container-exit")),
        _Stream("leave `-f` out", ("logs",), ("f", "follow")),
    ),
    "redis-cli": (_Stream("use `INFO`", ("monitor|MONITOR|subscribe|SUBSCRIBE|psubscribe",)),
        _Stream("leave it out", (), ("stat", "latency", "latency-history"))),
    "sleep": (_Stream("say how long", ("infinity|inf",)),),
    "kafka-console-consumer": (
        _Stream("add `--timeout-ms 10000`", (), (), ("max-messages", "timeout-ms")),
    ),
    "aws": (_Stream("leave `--follow` out", ("logs", "tail"), ("follow",)),),
    "pm2": (
        _Stream("add `--nostream`", ("logs|log",), (), ("nostream",)),
        _Stream("use `pm2 ls`", ("monit",)),
    ),
    "heroku": (_Stream("leave `--tail` out", ("logs",), ("t", "tail")),),
    "gcloud": (_Stream("use `gcloud logging read`", ("app", "logs", "tail")),),
}  # fmt: skip
_STREAMS["kafka-console-consumer.sh"] = _STREAMS["kafka-console-consumer"]
_SCREENS = ("top", "htop")
_ENDING = frozenset(["head", "grep", "sed", "awk"])
PROGRAMS = frozenset(_STREAMS)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such command."""
    for placed in running(context, PROGRAMS):
        call = placed.call
        if is_limited(call) or call.background:
            continue
        stream = next((s for s in _STREAMS[call.program] if _streams(call, s)), None)
        if stream and not _ends_with_its_source(call):
            yield _report(placed, stream)


def _streams(call: Call, stream: _Stream) -> bool:
    if stream.verb and not begins(call, *stream.verb):
        return False
    if stream.only_with and not call.has(*stream.only_with):
        return False
    if call.program == "tail" and call.stage > 0:
        return False  # what it reads ends
    ending = [n for n in stream.not_with if call.has(n)]
    return not ending and "=false" not in call.text


def _ends_with_its_source(call: Call) -> bool:
    """Whether it follows a job, whose log ends with it."""
    jobs = ("job/", "jobs/", "job.batch/")
    return any(word.text.startswith(jobs) or word.text == "job" for word in call.words[2:])


def _report(placed: PlacedCall, stream: _Stream) -> Diagnostic:
    call = placed.call
    behind = set(call.pipe[call.stage + 1 :])
    mildly = bool(behind & _ENDING)
    option = next((n for n in stream.only_with if call.has(n) and n != "filename"), "")
    dashes = "--" if len(option) > 1 else "-"
    name = " ".join((call.program, *operands(call)[: len(stream.verb)]))
    name += f" {dashes}{option}" if option else ""
    return CODE.at(
        placed.span,
        f"`{name}` is made for a terminal, and a step has none"
        if call.program in _SCREENS
        else f"`{name}` never ends by itself"
        + (", but when the line comes that is waited for" if mildly else ""),
        hint=stream.hint,
        severity=Severity.WARNING if mildly else Severity.ERROR,
    )
