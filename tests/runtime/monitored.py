"""Plans that are watched, and what a source of metrics answers."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable

from tests.runtime.metric_server import MetricServer
from tests.runtime.running import Scripts, plan

Compiled = Callable[[str], Scripts]


def monitored(server: MetricServer, triggers: str, more: str = "every 1s") -> str:
    return plan(
        f"""
  metrics from prometheus "{server.address}" {{
    errors ratio `sum(rate(x{{code=~"5.."}}[1m]))`
    latency duration in s `latency`
  }}
  metrics from http "{server.address}/m/${{metric}}" json ".data.value" {{
    failures count
    load ratio in percent
  }}
  triggers {{
    automatic {{ {triggers} }}
    {more}
  }}
  phase work "Work" {{ budget 10s; step a "A" {{ run `touch rolled-back` }} }}
  phase other "Other" {{ budget 10s; step b "B" {{ run `touch other` }} }}
  scenario part "Part" {{ run other; use_when "x" }}
"""
    )


def prometheus(value: str | None, *more: str) -> str:
    result = [
        {"metric": {"a": '"value":[1,"7"]'}, "value": [1700000000.1, v]}
        for v in ([value] if value else []) + list(more)
    ]
    return json.dumps(
        {"status": "success", "data": {"resultType": "vector", "result": result}},
        separators=(",", ":"),
    )


def watch(scripts: Scripts, seconds: float = 20) -> tuple[int, str]:
    with scripts.started("--no-color", role="monitor") as run:
        out, _ = run.communicate(timeout=seconds)
    return run.returncode, out


def value(number: float) -> str:
    """What the HTTP source of `monitored` answers."""
    return json.dumps({"data": {"value": number}})


def hear(run: subprocess.Popen[str], text: str) -> str:
    """What a run under way says, up to a line that holds a text."""
    assert run.stdout is not None
    heard = ""
    for line in run.stdout:
        heard += line
        if text in line:
            return heard
    raise AssertionError(f"never said {text!r}: {heard}")


def stop(run: subprocess.Popen[str]) -> str:
    """Ends a monitor as a service manager does; what it said last."""
    run.terminate()
    out, _ = run.communicate(timeout=60)
    assert run.returncode == 143, out
    return out
