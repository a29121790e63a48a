"""What the clock decides: rungs, the SLA and what it asks for, times of day, and a reboot."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.runtime.running import Scripts, kill_tree, one_phase, plan, wait_for

Compiled = Callable[[str], Scripts]
PROOF = 'phase proof "Proof" { after work; budget 5s; verify }\nverification { check c "C" { expect `true` } }'


def with_sla(scripts: Scripts, seconds: int) -> Scripts:
    """The same scripts, as for a level with another SLA."""
    path = scripts.folder / "rollback.sh"
    text, count = re.subn(r"sla=\d+", f"sla={seconds}", path.read_text())
    assert count == 1
    path.write_text(text)
    return scripts


@pytest.mark.parametrize(("before", "rung"), [("true", "At once"), ("sleep 12", "Later")])
def test_a_failure_is_on_the_rung_that_the_clock_has_reached(
    compiled: Compiled, before: str, rung: str
) -> None:
    ladder = """escalation {
      rung "At once" 0s..10s { contact "first" }
      rung "Later" 10s..1h { contact "second" }
    }"""
    steps = f'phase work "W" {{ budget 20s; step a "A" {{ run `{before}; false` }} }}'
    done = compiled(plan(f"{steps}\n{ladder}")).run()
    assert done.returncode == 1
    assert re.findall(r"escalation: ([^,]*), call", done.stdout)[-1] == rung


@pytest.mark.parametrize(
    ("level", "action"),
    [
        (2, "Warning, review rollback plan"),
        (3, "Incident review required"),
        (4, "Executive review required"),
    ],
)
def test_what_a_broken_sla_asks_for_is_that_of_the_level(
    compiled: Compiled, level: int, action: str
) -> None:
    work = 'phase work "W" { budget 9s; step a "A" { run `true` } }'
    text = plan(f"{work}\n{PROOF}").replace("level 2", f"level {level}")
    scripts = with_sla(compiled(text), 0)
    done = scripts.run()
    assert done.returncode == 8
    assert f"the SLA of 0s is broken: {action}\n" in done.stdout
    assert scripts.events("sla_breach")[0]["action"] == action
    assert (
        f"\n## Follow-up Actions\n- [ ] {action}\n"
        in (scripts.run_folder / "report.md").read_text()
    )


@pytest.mark.parametrize(("words", "status"), [("off_clock;", 0), ("", 8)])
def test_a_phase_off_the_clock_breaks_no_sla(compiled: Compiled, words: str, status: int) -> None:
    work = 'phase work "W" { budget 9s; step a "A" { run `true` } }'
    late = f'phase late "L" {{ after proof; {words} budget 20s; step b "B" {{ run `sleep 9` }} }}'
    scripts = with_sla(compiled(plan(f"{work}\n{PROOF}\n{late}")), 8)
    assert scripts.run().returncode == status
    assert bool(scripts.events("sla_breach")) == (status == 8)
    execution = scripts.document("metrics.json")["rollback_metrics"]["rollback_execution"]
    ends = {e["unit"]: e["clock_ms"] for e in scripts.events("phase_end")}
    last = ends["proof" if words else "late"]
    assert execution["total_duration_seconds"] == -(-last // 1000)


def test_times_are_those_of_utc_wherever_the_machine_stands(compiled: Compiled) -> None:
    scripts = compiled(one_phase('step a "A" { run `true` }'))
    done = scripts.run(env={"TZ": "Pacific/Kiritimati"})  # fourteen hours ahead
    now = datetime.now(UTC)
    times = [datetime.fromisoformat(line["time"]) for line in scripts.journal()]
    assert all(abs(now - when) < timedelta(hours=1) for when in times)
    assert done.stdout[:5] in {times[0].strftime("%H:%M"), times[-1].strftime("%H:%M")}


REBOOT = """
set -e
mount --bind boot_id /proc/sys/kernel/random/boot_id
mount --bind uptime /proc/uptime
exec ./rollback.sh --resume
"""


@pytest.mark.needs("root", "unshare", "mount")
def test_the_clock_goes_on_over_a_reboot(compiled: Compiled) -> None:
    scripts = compiled(
        plan(
            """phase work "W" { budget 50s
            step a "A" { rerunnable; run `touch here; while ! test -e go; do sleep 0.05; done` } }
            """
            + PROOF
        )
    )
    began = time.time()
    with scripts.started() as run:
        wait_for(scripts.folder / "here")
        kill_tree(run.pid)
        run.wait(timeout=10)
    (scripts.folder / "go").touch()
    (scripts.folder / "boot_id").write_text("00000000-0000-4000-8000-000000000000\n")
    (scripts.folder / "uptime").write_text("12.34 5.00\n")
    time.sleep(3)
    resumed = scripts.execute("unshare", "--mount", "bash", "-c", REBOOT)
    lasted = time.time() - began
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    clocks = [line["clock_ms"] for line in scripts.journal()]
    assert clocks == sorted(clocks)
    execution: dict[str, Any] = json.loads((scripts.run_folder / "metrics.json").read_text())[
        "rollback_metrics"
    ]["rollback_execution"]
    # To the second, in which the time of day is told.
    assert 3 <= execution["total_duration_seconds"] <= lasted + 2
