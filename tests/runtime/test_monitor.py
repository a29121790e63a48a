"""The monitor: what a sample is, when a trigger fires, and what it starts."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.runtime.metric_server import Answer, MetricServer
from tests.runtime.monitored import Compiled, hear, monitored, prometheus, stop, value, watch
from tests.runtime.running import Scripts, command_line, wait_until


def once(scripts: Scripts, **env: str) -> str:
    result = scripts.run(
        "--once", "--no-color", role="monitor", env={"RBC_METRIC_TIMEOUT": "1", **env}
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


GOOD = [
    ("0.005", "errors=0.005"),
    ("1e-3", "errors=0.001"),
    ("0", "errors=0"),
    ("5E-3", "errors=0.005"),
]
BAD = [
    (prometheus(None), "no_data"),
    (prometheus("NaN"), "no_data"),
    (prometheus("+Inf"), "error"),
    (prometheus("-Inf"), "error"),
    (prometheus("0.001", "0.002"), "error"),
    (prometheus("abc"), "error"),
    (prometheus("0x1"), "error"),
    (prometheus("1e999"), "error"),
    ('{"status":"error","error":"parse error"}', "error"),
    ("", "error"),
    ("<html>", "error"),
    ("\0\0", "error"),
]


@pytest.mark.parametrize(("value", "shown"), GOOD)
def test_good_samples(compiled: Compiled, server: MetricServer, value: str, shown: str) -> None:
    server.says("/api/v1/query", prometheus(value))
    out = once(compiled(monitored(server, "errors > 1% for 10s")))
    assert f"✓ {shown}" in out
    asked = unquote(server.received[0][0])
    assert asked.endswith('query=sum(rate(x{code=~"5.."}[1m]))')


@pytest.mark.parametrize(("body", "kind"), BAD)
def test_bad_answers_are_never_normal(
    compiled: Compiled, server: MetricServer, body: str, kind: str
) -> None:
    server.says("/api/v1/query", body)
    out = once(compiled(monitored(server, "errors > 1% for 10s")))
    assert f"errors: {kind}" in out
    assert f"⚠ errors={kind}" in out
    assert "✓" not in out


@pytest.mark.parametrize(
    ("body", "status", "delay", "shown"),
    [
        ('{"data": {"value": 2}}', 200, 0, "failures=2"),
        ('{"data": {"value": "3"}}', 200, 0, "failures=3"),
        ('{"data": {"value": null}}', 200, 0, "failures=no_data"),
        ('{"data": {}}', 200, 0, "failures=no_data"),
        ('{"data": {"value": true}}', 200, 0, "failures=error"),
        ('{"data": {"value": [1]}}', 200, 0, "failures=error"),
        ('{"data": {"value": ""}}', 200, 0, "failures=error"),
        ("not json", 200, 0, "failures=error"),
        ("", 200, 0, "failures=no_data"),
        ('{"data": {"value": 0}}', 500, 0, "failures=error"),
        ('{"data": {"value": 0}}', 302, 0, "failures=error"),
        ('{"data": {"value": 0}}', 200, 3, "failures=error"),
    ],
)
def test_answers_in_json(
    compiled: Compiled, server: MetricServer, body: str, status: int, delay: float, shown: str
) -> None:
    server.says("/m/failures", body, status, delay)
    assert shown in once(compiled(monitored(server, "failures > 5")))


def test_a_source_that_is_not_there(compiled: Compiled, server: MetricServer) -> None:
    text = monitored(server, "errors > 1% for 10s").replace(server.address, "http://127.0.0.1:9")
    assert "errors: error curl" in once(compiled(text))


def test_units_are_converted(compiled: Compiled, server: MetricServer) -> None:
    server.says("/api/v1/query", prometheus("0.45"))
    server.says("/m/load", '{"data":{"value":85}}')
    out = once(compiled(monitored(server, "latency > 500ms for 5s\n load > 90% for 5s")))
    assert "latency=450" in out
    assert "load=0.85" in out


def test_a_trigger_fires_and_starts_its_scenario(compiled: Compiled, server: MetricServer) -> None:
    server.says("/api/v1/query", prometheus("0.025"))
    scripts = compiled(monitored(server, "errors > 1% for 2s -> part", "every 500ms"))
    status, out = watch(scripts)
    assert status == 0, out
    assert "FIRES: errors > 1% (it is 0.025)" in out
    assert scripts.left() == [".rbc", "other"]
    (start,) = scripts.events("run_start")
    assert (start["trigger"], start["reason"], start["metric"]) == (
        "automatic",
        "errors_exceeded",
        "errors",
    )
    assert (float(start["value"]), float(start["threshold"])) == (0.025, 0.01)


def test_it_is_started_in_its_own_folder_by_bash(compiled: Compiled, server: MetricServer) -> None:
    server.says("/api/v1/query", prometheus("0"))
    scripts = compiled(monitored(server, "errors > 1% for 2s"))
    done = scripts.execute("bash", "monitor.sh", "--once")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_status_of_the_rollback_is_its_own(compiled: Compiled, server: MetricServer) -> None:
    server.says("/api/v1/query", prometheus("1"))
    text = monitored(server, "errors > 1% for 1s", "every 500ms").replace(
        "touch rolled-back", "exit 9"
    )
    assert watch(compiled(text))[0] == 1


def test_good_samples_in_between_start_anew(compiled: Compiled, server: MetricServer) -> None:
    values = iter(["1", "1", "0", "1", "1", "0"] + ["0"] * 500)
    server.answers["/m/failures"] = lambda: _answer(f'{{"data":{{"value":{next(values)}}}}}')
    scripts = compiled(monitored(server, "failures > 3 consecutive", "every 100ms"))
    with scripts.started(role="monitor") as run:
        while len(server.received) < 12:
            time.sleep(0.05)
        assert run.poll() is None
        run.terminate()
        run.communicate(timeout=10)
    assert run.returncode == 143
    assert "rolled-back" not in scripts.left()


def _answer(body: str) -> Answer:
    return Answer(body)


def test_the_third_breach_in_a_row_fires(compiled: Compiled, server: MetricServer) -> None:
    values = iter(["1", "0", "1", "1", "1", "0", "0", "0", "0"] * 100)
    server.answers["/m/failures"] = lambda: _answer(f'{{"data":{{"value":{next(values)}}}}}')
    scripts = compiled(monitored(server, "failures > 3 consecutive", "every 100ms"))
    assert watch(scripts)[0] == 0
    assert len(server.received) == 5
    assert "rolled-back" in scripts.left()


@pytest.mark.parametrize(
    ("policy", "samples", "fires"),
    [
        ("hold", "1 1 - 1", True),
        ("hold", "- - - - -", False),
        ("reset", "1 1 - 1 1 - 1", False),
        ("breach", "- - -", True),
        ("alert after 1m", "1 - 1 1", True),
    ],
)
def test_missing_samples(
    compiled: Compiled, server: MetricServer, policy: str, samples: str, fires: bool
) -> None:
    scripts = compiled(monitored(server, "failures > 3 consecutive", f"no_data {policy}"))
    lines = [f"{10 * i} failures {v}" for i, v in enumerate(samples.split())]
    (scripts.folder / "samples").write_text("\n".join(lines) + "\n")
    out = scripts.run("--replay", "samples", role="monitor").stdout
    assert out.splitlines()[-1] == f"{int(fires)} would have fired"


@pytest.mark.parametrize(
    ("samples", "fires"),
    [
        ([(0, 2), (60, 2), (119, 2)], []),
        ([(0, 2), (60, 2), (120, 2)], [120]),
        ([(0, 2), (60, 0), (120, 2), (239, 2), (240, 2)], [240]),
        ([(0, 2), (500, 2)], [500]),
    ],
)
def test_for_is_measured_by_timestamps(
    compiled: Compiled, server: MetricServer, samples: list[tuple[int, int]], fires: list[int]
) -> None:
    scripts = compiled(monitored(server, "failures > 1 for 2m"))
    text = "".join(f"{at} failures {value}\n" for at, value in samples)
    (scripts.folder / "samples").write_text(text)
    out = scripts.run("--replay", "samples", role="monitor").stdout.splitlines()
    assert [int(line.split(":")[0]) for line in out[:-1]] == fires


def test_blindness_is_told(compiled: Compiled, server: MetricServer) -> None:
    text = monitored(server, "errors > 1% for 1m", "every 300ms\n no_data alert after 1s").replace(
        "  phase work",
        """  secret HOOK
  communications { channel webhook "x" using HOOK
    notify webhook on failure }
  phase work""",
        1,
    )
    scripts = compiled(text)
    server.says("/hook", "ok")
    with scripts.started(role="monitor") as run:
        assert run.stdout is not None
        told = any("BLIND: no data from errors" in line for line in run.stdout)
        run.terminate()
        run.communicate(timeout=60)
    assert told
    assert run.returncode == 143


def test_what_is_known_survives_a_restart(compiled: Compiled, server: MetricServer) -> None:
    server.says("/m/failures", '{"data":{"value":1}}')
    scripts = compiled(monitored(server, "failures > 3 consecutive", "every 30s"))
    once(scripts)
    once(scripts)
    result = scripts.run("--once", role="monitor")
    assert "FIRES" in result.stdout
    assert "rolled-back" in scripts.left()


def test_after_a_rollback_there_is_a_pause(compiled: Compiled, server: MetricServer) -> None:
    server.says("/m/failures", '{"data":{"value":9}}')
    scripts = compiled(monitored(server, "failures > 5", "cooldown 30m"))
    assert "FIRES" in scripts.run("--once", role="monitor").stdout
    second = scripts.run("--once", role="monitor")
    assert "would fire" in second.stdout
    assert len(list(scripts.folder.glob(".rbc/runs/*"))) == 1


def test_all_metrics_are_sampled_at_once(compiled: Compiled, server: MetricServer) -> None:
    inside: list[int] = []
    most = 0

    def answer() -> Answer:
        nonlocal most
        inside.append(1)
        most = max(most, len(inside))
        time.sleep(0.5)
        inside.pop()
        return _answer('{"data":{"value":0}}')

    server.answers = {"/m/failures": answer, "/m/load": answer}
    once(compiled(monitored(server, "failures > 5\n load > 90% for 9s")))
    assert most == 2


def test_a_backup_that_is_missing_stops_the_automatic_rollback(
    compiled: Compiled, server: MetricServer
) -> None:
    text = (
        monitored(server, "failures > 5")
        .replace(
            "  phase work",
            '  capture { step c "C" { creates dump "d"; run `date > "$dump"` } }\n  phase work',
            1,
        )
        .replace('step a "A" { run', 'step a "A" { uses dump; run')
    )
    server.says("/m/failures", '{"data":{"value":9}}')
    scripts = compiled(text)
    result = scripts.run("--once", role="monitor")
    assert result.returncode == 3
    assert "verify_backup_exists" in result.stdout
    assert "rolled-back" not in scripts.left()


def test_a_plan_with_gates_is_not_started_by_itself(
    compiled: Compiled, server: MetricServer
) -> None:
    server.says("/m/failures", '{"data":{"value":9}}')
    scripts = compiled(
        monitored(server, "failures > 5").replace("level 2", "level 2\n  automation manual")
    )
    result = scripts.run("--once", role="monitor")
    assert "wants a person" in result.stdout
    assert not (scripts.folder / ".rbc" / "runs").exists()


def test_without_a_rollback_script(
    compiled: Compiled, server: MetricServer, tmp_path: Path
) -> None:
    scripts = compiled(monitored(server, "failures > 5"))
    result = scripts.run("--once", "--rollback", str(tmp_path / "none.sh"), role="monitor")
    assert result.returncode == 3


def replayed(scripts: Scripts, text: str) -> tuple[int, str, str]:
    (scripts.folder / "samples").write_text(text)
    result = scripts.run("--replay", "samples", role="monitor")
    return result.returncode, result.stdout, result.stderr


def test_replayed_samples_are_in_the_unit_of_their_source(
    compiled: Compiled, server: MetricServer
) -> None:
    scripts = compiled(monitored(server, "latency > 500ms for 5s\n load > 90% for 5s"))
    samples = "".join(f"{at} latency 0.45\n{at} load 85\n" for at in range(0, 30, 5))
    assert replayed(scripts, samples)[1] == "0 would have fired\n"
    samples = "# breached\n\n" + samples.replace("0.45", "0.55").replace("85", "95")
    status, out, _ = replayed(scripts, samples.rstrip("\n"))
    assert status == 0
    assert "5: latency > 500ms would fire (it is 550)" in out
    assert "5: load > 90% would fire (it is 0.95)" in out
    assert "before its unit is" in scripts.run("--help", role="monitor").stdout


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("x failures 1", "`x` is not a number of seconds"),
        ("garbage", "`garbage` is not a number of seconds"),
        ("30 nonsense 1", "no trigger looks at a metric `nonsense` (there are: failures)"),
        ("30", "no trigger looks at a metric ``"),
        ("30 failures", "the value is missing"),
        ("30 failures x", "`x` is not a finite number"),
        ("30 failures 1 2", "`1 2` is not a finite number"),
        ("10 failures 1", "goes back in time, from 20 to 10"),
    ],
)
def test_a_replay_of_wrong_lines_is_refused(
    compiled: Compiled, server: MetricServer, line: str, shown: str
) -> None:
    scripts = compiled(monitored(server, "failures > 5"))
    status, out, err = replayed(scripts, f"08 failures 1\n20 failures -\n{line}\n40 failures 9\n")
    assert status == 2
    assert out == ""
    assert f"samples line 3: {shown}" in err


def test_a_replay_of_no_file_is_refused(compiled: Compiled, server: MetricServer) -> None:
    scripts = compiled(monitored(server, "failures > 5"))
    for name in ("none", "."):
        result = scripts.run("--replay", name, role="monitor")
        assert result.returncode == 2
        assert f"the file {name} can't be read" in result.stderr
        assert "line " not in result.stderr
    assert replayed(scripts, "# nothing\n")[0] == 2


def test_breaches_that_are_counted_are_told_as_such(
    compiled: Compiled, server: MetricServer
) -> None:
    scripts = compiled(
        monitored(
            server, "failures > 3 consecutive\n errors > 1% for 2 consecutive\n load > 90% for 2m"
        )
    )
    shown = scripts.run("--dry-run", role="monitor").stdout
    assert "  failures above 0, 3 times in a row -> full rollback\n" in shown
    assert "  errors > 1%, 2 times in a row -> full rollback\n" in shown
    assert "  load > 90% for 2m -> full rollback\n" in shown
    samples = "".join(f"{at} failures 1\n" for at in range(3))
    assert replayed(scripts, samples)[1].startswith(
        "2: failures above 0, 3 times in a row would fire (it is 1)\n"
    )


def test_a_slow_receiver_does_not_hold_up_the_samples(
    compiled: Compiled, server: MetricServer
) -> None:
    text = monitored(server, "errors > 1% for 1m", "every 100ms\n no_data alert after 1s").replace(
        "  phase work",
        f"""  communications {{ channel webhook "{server.address}/hook"
    notify webhook on failure }}
  phase work""",
        1,
    )
    alerted, holding = threading.Event(), threading.Event()
    samples: list[int] = []

    def hook() -> Answer:
        alerted.set()
        holding.wait(60)
        return Answer("ok")

    def sample() -> Answer:
        # Further samples while the receiver still holds its answer back.
        if alerted.is_set():
            samples.append(1)
        if len(samples) == 4:
            holding.set()
        return Answer("", 500)

    server.answers = {"/hook": hook, "/api/v1/query": sample}
    with compiled(text).started(role="monitor") as run:
        assert holding.wait(60)
        run.terminate()
        out, _ = run.communicate(timeout=60)
    assert run.returncode == 143
    assert "was not told" not in out


def test_an_answer_is_never_the_one_before(compiled: Compiled, server: MetricServer) -> None:
    server.says("/m/failures", value(3))
    server.says("/m/load", value(50))
    scripts = compiled(monitored(server, "failures > 5\n load > 90% for 9s", "every 100ms"))
    with scripts.started("--no-color", role="monitor") as run:
        hear(run, "✓ failures=3 load=0.5")
        server.says("/m/failures", "")
        hear(run, "⚠ failures=no_data load=0.5")
        server.says("/m/failures", value(4))
        hear(run, "✓ failures=4 load=0.5")
        stop(run)


def test_a_secret_in_the_address_of_a_metric_is_in_no_command_line(
    compiled: Compiled, server: MetricServer
) -> None:
    server.answers["/m/hunter2-and-more"] = lambda: Answer(value(1), delay=2)
    text = monitored(server, "failures > 5").replace("/m/${metric}", "/m/${TOKEN}")
    scripts = compiled(text.replace("  metrics from", "  secret TOKEN\n  metrics from", 1))
    environment = {"TOKEN": "hunter2-and-more"}
    with scripts.started("--once", role="monitor", env=environment) as run:
        wait_until(lambda: bool(server.received), "nothing was asked")
        lines = [command_line(entry) for entry in Path("/proc").glob("[0-9]*/cmdline")]
        told, _ = run.communicate(timeout=60)
    assert run.returncode == 0, told
    assert server.received[0][0] == "/m/hunter2-and-more"
    assert any("curl" in line for line in lines)
    assert not any("hunter2" in line for line in lines)
