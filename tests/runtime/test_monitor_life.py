"""A monitor's life: one at a time, signals, restarts, what it keeps and what it must not believe."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime.metric_server import Answer, MetricServer
from tests.runtime.monitored import Compiled, hear, monitored, stop, value
from tests.runtime.running import Scripts, is_running, wait_for

BREACH = value(9)


def runs(scripts: Scripts) -> int:
    return len(list(scripts.folder.glob(".rbc/runs/*")))


def state(scripts: Scripts) -> Path:
    return scripts.folder / ".rbc" / "monitor" / "demo"


def held(server: MetricServer, path: str) -> tuple[threading.Event, threading.Event]:
    """Holds answers back: the first event says that somebody asks, the second lets them go."""
    asked, go = threading.Event(), threading.Event()

    def answer() -> Answer:
        asked.set()
        go.wait(60)
        return Answer(BREACH)

    server.answers[path] = answer
    return asked, go


def test_one_monitor_of_a_plan_at_a_time(compiled: Compiled, server: MetricServer) -> None:
    server.says("/m/failures", value(0))
    scripts = compiled(monitored(server, "failures > 5", "every 200ms"))
    with scripts.started("--no-color", role="monitor") as first:
        hear(first, "✓ failures=0")
        for options in ([], ["--once"]):
            second = scripts.run(*options, role="monitor")
            assert second.returncode == 5
            assert f"is being watched already, by process {first.pid}" in second.stderr
        stop(first)
    # The first has cleaned up behind it; one that is killed can't, and is noticed to be dead.
    with scripts.started("--no-color", role="monitor") as killed:
        hear(killed, "✓ failures=0")
        killed.kill()
        killed.wait()
    third = scripts.run("--once", role="monitor")
    assert third.returncode == 0
    assert f"(process {killed.pid}) is dead; taking its place" in third.stdout
    assert not (state(scripts).parent / "demo.lock").is_symlink()


def test_two_looks_of_cron_at_once_fire_once(compiled: Compiled, server: MetricServer) -> None:
    asked, go = held(server, "/m/failures")
    scripts = compiled(monitored(server, "failures > 5"))
    with scripts.started("--once", role="monitor") as first:
        assert asked.wait(60)
        assert scripts.run("--once", role="monitor").returncode == 5
        go.set()
        out, _ = first.communicate(timeout=60)
    assert first.returncode == 0, out
    assert "would fire" in scripts.run("--once", role="monitor").stdout
    assert runs(scripts) == 1


def test_a_lock_of_another_machine_is_left_alone(compiled: Compiled, server: MetricServer) -> None:
    scripts = compiled(monitored(server, "failures > 5"))
    state(scripts).parent.mkdir(parents=True)
    (state(scripts).parent / "demo.lock").symlink_to("1 2 boot elsewhere")
    done = scripts.run("--once", role="monitor")
    assert done.returncode == 5
    assert "by process 1 on elsewhere" in done.stderr
    assert "if it is surely dead" in done.stderr


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_while_it_samples_or_pauses(
    compiled: Compiled, server: MetricServer, sent: signal.Signals, status: int
) -> None:
    scripts = compiled(monitored(server, "failures > 5", "every 1h"))
    asked, go = held(server, "/m/failures")
    with scripts.started("--no-color", role="monitor") as run:
        assert asked.wait(60)
        children = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()
        run.send_signal(sent)
        out, _ = run.communicate(timeout=60)
    assert (run.returncode, "⚠" in out, "FIRES" in out) == (status, False, False), out
    assert children
    assert not any(is_running(child) for child in children)
    go.set()
    server.says("/m/failures", value(0))
    with scripts.started("--no-color", role="monitor") as run:
        hear(run, "✓ failures=0")
        run.send_signal(sent)
        run.communicate(timeout=60)
    assert run.returncode == status


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_rollback_in_order(
    compiled: Compiled, server: MetricServer, sent: signal.Signals
) -> None:
    server.says("/m/failures", BREACH)
    text = monitored(server, "failures > 5").replace(
        "run `touch rolled-back` }",
        'run `touch begun; sleep 60` }\n ensure step e "E" { run `touch ensured` }',
    )
    scripts = compiled(text)
    with scripts.started("--no-color", role="monitor") as run:
        wait_for(scripts.folder / "begun")
        run.send_signal(sent)
        out, _ = run.communicate(timeout=60)
    assert run.returncode == 143, out
    assert "the rollback ended with status 143" in out
    assert (scripts.folder / "ensured").exists()
    assert scripts.events("run_end")


def test_a_terminal_that_goes_away_stops_nothing(compiled: Compiled, server: MetricServer) -> None:
    server.says("/m/failures", value(0))
    text = monitored(server, "failures > 5", "every 200ms").replace(
        "run `touch rolled-back`", "run `touch begun; until [[ -e go ]]; do sleep 0.1; done`"
    )
    scripts = compiled(text)
    with scripts.started("--no-color", role="monitor") as run:
        hear(run, "✓ failures=0")
        os.killpg(run.pid, signal.SIGHUP)
        assert run.stdout is not None
        run.stdout.close()
        server.says("/m/failures", BREACH)
        wait_for(scripts.folder / "begun")
        os.killpg(run.pid, signal.SIGHUP)
        (scripts.folder / "go").touch()
        assert run.wait(timeout=60) == 0
    assert scripts.events("run_end")[0]["outcome"] == "success"


def counted(scripts: Scripts, *options: str) -> str:
    done = scripts.run("--once", "--no-color", *options, role="monitor")
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda _: "", "is not readable"),
        (lambda _: "08 x\n", "is not readable"),
        (lambda text: text.replace("breach", "br\0ach"), ""),
        (lambda text: text[: len(text) - 5], ""),
        (lambda text: text.replace(text.split()[4], "0" * 64), "of another version of the plan"),
        (lambda text: text.replace(text.split()[3], "other-boot"), ""),
    ],
)
def test_a_state_that_is_not_its_own_counts_for_nothing(
    compiled: Compiled, server: MetricServer, damage: Callable[[str], str], said: str
) -> None:
    server.says("/m/failures", BREACH)
    scripts = compiled(monitored(server, "failures > 5 for 2 consecutive", "every 30s"))
    assert "1 in a row" in counted(scripts)
    state(scripts).write_text(damage(state(scripts).read_text()))
    out = counted(scripts)
    assert said in out
    assert "1 in a row" in out
    assert "FIRES" in counted(scripts)


def test_a_state_that_can_not_be_kept_is_no_secret(
    compiled: Compiled, server: MetricServer, tmp_path: Path
) -> None:
    server.says("/m/failures", value(0))
    scripts = compiled(monitored(server, "failures > 5", "every 100ms"))
    (tmp_path / "file").touch()
    place = f"--state={tmp_path}/file/state"
    done = scripts.run("--once", place, role="monitor")
    assert done.returncode == 3
    assert "can't be written: what is counted would not survive" in done.stdout
    with scripts.started(place, role="monitor") as run:
        out = "".join(hear(run, "failures=0") for _ in range(3)) + stop(run)
    assert out.count("would not survive") == 1
    server.says("/m/failures", BREACH)
    assert scripts.run("--once", place, role="monitor").returncode == 0
    assert runs(scripts) == 1


def test_the_pause_outlives_a_new_version_of_the_plan(
    compiled: Compiled, server: MetricServer, tmp_path: Path
) -> None:
    server.says("/m/failures", BREACH)
    text = monitored(server, "failures > 5")
    scripts = compiled(text)
    assert "FIRES" in counted(scripts)
    newer = Scripts(tmp_path / "newer", text.replace('"Other"', '"Another"'))
    for path in newer.folder.glob("*.sh"):
        path.replace(scripts.folder / path.name)
    (scripts.run_folder / "journal.jsonl").unlink()
    assert "would fire, but the last rollback was just now" in counted(scripts)


def test_what_was_seen_before_a_gap_does_not_count(
    compiled: Compiled, server: MetricServer
) -> None:
    server.says("/m/failures", BREACH)
    scripts = compiled(monitored(server, "failures > 5 for 1s", "every 100ms"))
    server.says("/m/failures", BREACH)
    assert "since 0s" in counted(scripts)
    # As if that had been an hour ago, by the clock of the system.
    # As if that had been a minute earlier, by the clock of the system.
    first, breach = state(scripts).read_text().splitlines()
    epoch, clock, *others = first.split()
    _, name, _, streak = breach.split()
    earlier = str(max(1, int(clock) - 60_000))
    lines = [[str(int(epoch) - 60), earlier, *others], ["breach", name, earlier, streak]]
    state(scripts).write_text("".join(" ".join(words) + "\n" for words in lines))
    out = counted(scripts)
    assert "s ago: breaches before that don't count any more" in out
    assert "FIRES" not in out


def test_blindness_is_told_by_cron_too(compiled: Compiled, server: MetricServer) -> None:
    server.says("/m/failures", "", 503)
    scripts = compiled(
        monitored(server, "failures > 5 for 1h", "every 1m\n no_data alert after 10s")
    )
    assert "failures: error HTTP status 503" in counted(scripts)
    first, blind = state(scripts).read_text().splitlines()
    kind, name, since, told = blind.split()
    assert (kind, name, told) == ("blind", "failures", "0")
    state(scripts).write_text(f"{first}\n{kind} {name} {max(0, int(since) - 60_000)} 0\n")
    assert "BLIND: no data from failures since " in counted(scripts)
    assert "BLIND" not in counted(scripts)
    server.says("/m/failures", value(0))
    assert "failures answers again" in counted(scripts)
