"""What a trigger that fires looks at first, whom it tells, and what it starts."""

from __future__ import annotations

import json
import os
import shutil
import time
from itertools import pairwise
from pathlib import Path

import pytest

from tests.runtime.metric_server import Answer, MetricServer
from tests.runtime.monitored import Compiled, hear, monitored, stop, value, watch
from tests.runtime.running import wait_for

BREACH = value(9)


def test_a_rollback_by_hand_under_way_is_not_joined(
    compiled: Compiled, server: MetricServer
) -> None:
    server.says("/m/failures", BREACH)
    server.says("/hook", "")
    text = monitored(server, "failures > 5").replace(
        "run `touch rolled-back`", "run `touch begun; until [[ -e go ]]; do sleep 0.1; done`"
    )
    text = text.replace(
        "  phase work",
        f'  communications {{ channel webhook "{server.address}/hook"\n notify webhook on start }}\n  phase work',
        1,
    )
    scripts = compiled(text)
    with scripts.started("--no-color") as by_hand:
        wait_for(scripts.folder / "begun")
        while not server.bodies("/hook"):  # the run says by itself that it has begun
            time.sleep(0.05)
        done = scripts.run("--no-color", role="monitor")
        assert done.returncode == 5
        assert "op-1 is being rolled back by tester on" in done.stdout
        assert f"(process {by_hand.pid}, since " in (done.stdout)
        assert "already; nothing is begun, and this monitor ends" in done.stdout
        assert len(server.bodies("/hook")) == 1
        (scripts.folder / "go").touch()
        by_hand.communicate(timeout=60)
    assert by_hand.returncode == 0
    assert len(scripts.events("run_start")) == 1


def test_after_a_rollback_by_hand_there_is_a_pause(
    compiled: Compiled, server: MetricServer
) -> None:
    server.says("/m/failures", BREACH)
    scripts = compiled(monitored(server, "failures > 5", "cooldown 1m"))
    assert scripts.run().returncode == 0
    journal = scripts.run_folder / "journal.jsonl"
    text = journal.read_text()
    began = json.loads(text.splitlines()[0])

    def look(boot: str, clock: int, modified: float) -> str:
        # The run as it would be if it had been earlier, or before a reboot.
        changed = text.replace(began["boot"], boot, 1)
        journal.write_text(
            changed.replace(
                f":{began['began_clock_ms']},", f":{began['began_clock_ms'] - clock},", 1
            )
        )
        os.utime(journal, (time.time() - modified, time.time() - modified))
        return scripts.run("--once", "--no-color", role="monitor").stdout

    assert "would fire, but the last rollback was just now" in look(began["boot"], 0, 3600)
    assert "would fire" in look("other", 0, 0)
    assert "FIRES" in look(began["boot"], 100_000, 0)
    for run in scripts.folder.glob(".rbc/runs/*"):
        if run != journal.parent:
            shutil.rmtree(run)
    shutil.rmtree(scripts.folder / ".rbc" / "monitor")
    assert "FIRES" in look("other", 0, 3600)


def test_a_rehearsal_is_no_reason_to_wait(compiled: Compiled, server: MetricServer) -> None:
    server.says("/m/failures", BREACH)
    scripts = compiled(monitored(server, "failures > 5"))
    assert scripts.run("--rehearsal", "staging").returncode == 0
    assert "FIRES" in scripts.run("--once", role="monitor").stdout


def test_a_rollback_that_touched_nothing_may_be_tried_again(
    compiled: Compiled, server: MetricServer
) -> None:
    server.says("/m/failures", BREACH)
    text = monitored(server, "failures > 5").replace("touch rolled-back", "no-such-command")
    scripts = compiled(text)
    first = scripts.run("--once", "--no-color", role="monitor")
    assert first.returncode == 3
    assert "the rollback ended with status 3" in first.stdout
    scripts.stub("no-such-command", "touch rolled-back")
    assert scripts.run("--once", role="monitor").returncode == 0
    assert "rolled-back" in scripts.left()


def test_people_are_told_before_and_not_waited_for(
    compiled: Compiled, server: MetricServer
) -> None:
    text = monitored(server, "failures > 5").replace(
        "  phase work",
        f'  communications {{ channel webhook "{server.address}/hook"\n notify webhook on start }}\n  phase work',
        1,
    )
    scripts = compiled(text)

    def slow() -> Answer:
        wait_for(scripts.folder / "rolled-back")
        return Answer("")

    server.says("/m/failures", BREACH)
    server.answers["/hook"] = slow
    done = scripts.run("--once", "--no-color", role="monitor")
    assert done.returncode == 0, done.stdout
    assert "was not told" not in done.stdout
    assert "failures > 5; the automatic rollback starts" in server.bodies("/hook")[0]


def captured(text: str, *, phase: str = "work") -> str:
    """The plan with a backup that the step of one phase uses."""
    name = {"work": 'step a "A" { run', "other": 'step b "B" { run'}[phase]
    return text.replace(
        "  phase work",
        '  capture { step c "C" { creates dump "d" checksum sha256; run `date > "$dump"` } }\n  phase work',
        1,
    ).replace(name, name.replace("{ run", "{ uses dump; run"))


@pytest.mark.parametrize(("trigger", "status"), [("failures > 5", 3), ("failures > 5 -> part", 0)])
def test_the_backup_has_to_be_whole_where_it_is_used(
    compiled: Compiled, server: MetricServer, trigger: str, status: int
) -> None:
    server.says("/m/failures", BREACH)
    scripts = compiled(captured(monitored(server, trigger)))
    assert scripts.run(role="capture").returncode == 0
    (scripts.folder / ".rbc" / "artifacts" / "demo" / "d").write_text("changed\n")
    done = scripts.run("--once", "--no-color", role="monitor")
    assert done.returncode == status, done.stdout
    assert ("verify_backup_exists: the artifact dump is not what was captured" in done.stdout) == (
        status == 3
    )
    assert ("other" in scripts.left()) == (status == 0)


HEALTHY = """
  service shop in production { version "v1" }
  phase proof "Proof" { after work; budget 10s; verify }
  verification { check up "Up" { for shop; expect `cat health` equals "ok" } }
  phase work"""


def test_a_restored_version_that_is_not_healthy_is_no_success(
    compiled: Compiled, server: MetricServer
) -> None:
    server.says("/m/failures", BREACH)
    text = monitored(server, "failures > 5").replace("\n  phase work", HEALTHY, 1)
    scripts = compiled(text)
    (scripts.folder / "health").write_text("bad")
    done = scripts.run("--once", "--no-color", role="monitor")
    assert done.returncode == 7
    assert "verify_previous_version_healthy" not in done.stdout


def test_safety_checks_that_the_plan_can_not_make_are_named(
    compiled: Compiled, server: MetricServer
) -> None:
    server.says("/m/failures", BREACH)
    scripts = compiled(monitored(server, "failures > 5"))
    done = scripts.run("--once", "--no-color", role="monitor")
    assert done.returncode == 0
    assert "⚠ verify_rollback_tested: the plan has no passed test" in done.stdout
    assert "⚠ verify_previous_version_healthy: no critical check" in done.stdout


def test_past_the_point_of_no_return_nothing_is_touched(
    compiled: Compiled, server: MetricServer
) -> None:
    server.says("/m/failures", BREACH)
    text = monitored(server, "failures > 5").replace(
        "\n  phase work",
        '\n  point_of_no_return gone "Gone" { because "x"; crossed when `true`; blocks work }\n  phase work',
        1,
    )
    scripts = compiled(text)
    done = scripts.run("--once", "--no-color", role="monitor")
    assert done.returncode == 4
    assert "past the point of no return" in done.stdout
    assert "rolled-back" not in scripts.left()


def test_without_jq_it_does_not_begin(
    compiled: Compiled, server: MetricServer, tmp_path: Path
) -> None:
    scripts = compiled(monitored(server, "failures > 5"))
    tools = tmp_path / "tools"
    tools.mkdir()
    for folder in ("/usr/bin", "/bin"):
        for tool in Path(folder).iterdir():
            if tool.name != "jq" and not (tools / tool.name).exists():
                (tools / tool.name).symlink_to(tool)
    done = scripts.run("--once", role="monitor", env={"PATH": str(tools)})
    assert done.returncode == 3
    assert "the command `jq` is not here" in done.stderr


def test_without_triggers_it_does_not_begin(compiled: Compiled, server: MetricServer) -> None:
    text = monitored(server, "failures > 5").replace("automatic { failures > 5 }", "")
    done = compiled(text).run("--once", role="monitor")
    assert done.returncode == 3
    assert "no automatic trigger, so there is nothing to watch" in done.stderr


def test_addresses_hold_parameters_and_regions(compiled: Compiled, server: MetricServer) -> None:
    text = monitored(server, "failures > 5 for 2 consecutive\n load > 90% for 1h", "every 200ms")
    text = text.replace(
        f'metrics from http "{server.address}/m/${{metric}}"',
        'metrics from http "${base}/${region}/${metric}"',
    ).replace(
        "  metrics from prometheus",
        f'  param base: string = "{server.address}/wrong"\n'
        "  regions { wave north\n wave south, east }\n  metrics from prometheus",
        1,
    )
    text = text.replace("touch rolled-back", 'touch \\"$region\\"'.replace("\\", ""))
    scripts = compiled(text)
    for region in ("north", "south", "east"):
        server.says(f"/m/{region}/load", value(10))
        server.says(f"/m/{region}/failures", value(0))
    server.says("/m/south/failures", "", 404)
    option = f"--set=base={server.address}/m"
    with scripts.started("--no-color", option, role="monitor") as run:
        out = hear(run, "failures@north=0")
        assert "failures@south=error failures@east=0" in out
        assert "load@north=0.1 load@south=0.1 load@east=0.1" in out
        # One breach in each of two regions is not two in a row.
        server.says("/m/south/failures", BREACH)
        out = hear(run, "FIRES: failures@south > 5 (it is 9)")
        rest, _ = run.communicate(timeout=60)
    assert run.returncode == 0, out + rest
    assert {"north", "south", "east"} <= set(scripts.left())
    (start,) = scripts.events("run_start")
    assert (start["metric"], start["region"]) == ("failures", "")
    assert scripts.events("set")[0]["name"] == "base"


def test_one_bad_source_leaves_the_others_alone(compiled: Compiled, server: MetricServer) -> None:
    text = monitored(
        server, "load > 90% for 1h\n failures > 5 for 1h\n odd > 1 for 1h\n far > 1 for 1h"
    )
    text = text.replace(
        "  triggers",
        f"""  metrics from http "{server.address}/q?match={{job=[a,b]}}" json "length" {{ odd count }}
  metrics from http "no such://address" json "((" {{ far count }}
  triggers""",
        1,
    )
    server.says("/m/load", '{"data":{"value":85},"rest":"' + "x" * 1_100_000 + '"}')
    server.says("/m/failures", '{\n  "data": {\n    "value": 3\n  }\n}\n')
    server.says("/q", "[1, 2, 3]")
    out = compiled(text).run("--once", "--no-color", role="monitor").stdout
    shown = out.splitlines()[-1]
    assert all(part in shown for part in ("load=error", "failures=3", "odd=3", "far=error")), out
    assert "far: error curl: " in out
    assert any(path == "/q?match={job=[a,b]}" for path, _ in server.received)


def test_an_old_curl_is_enough(compiled: Compiled, server: MetricServer) -> None:
    scripts = compiled(monitored(server, "failures > 5 for 1h\n load > 90% for 1h"))
    scripts.stub(
        "curl",
        'case " $* " in\n'
        '*" --version "*) echo "curl 7.61.1 (x86_64) libcurl/7.61.1"; exit ;;\n'
        "*--parallel*) exit 2 ;;\n"
        "esac\n"
        'real="$(PATH="${PATH#*:}" type -P curl)"\n'
        "[[ $1 == -K && $# == 2 ]] || exit 2\n"
        """exec "$real" -K <(sed 's/%{exitcode} %{errormsg}/ /' "$2")""",
    )
    server.says("/m/failures", value(2))
    server.says("/m/load", value(20), delay=3)
    done = scripts.run("--once", role="monitor", env={"RBC_METRIC_TIMEOUT": "1"})
    assert "failures=2 load=error" in done.stdout
    assert "load: error curl: exit status 28" in done.stdout


def test_the_next_look_is_an_interval_after_the_last(
    compiled: Compiled, server: MetricServer
) -> None:
    at: list[float] = []

    def answer() -> Answer:
        at.append(time.monotonic())
        time.sleep(0.9)
        return Answer(value(0))

    server.answers["/m/failures"] = answer
    scripts = compiled(monitored(server, "failures > 5", "every 1s"))
    with scripts.started(role="monitor") as run:
        while len(at) < 4:
            time.sleep(0.05)
        stop(run)
    # The pause is what an answer that took 0.9 s leaves of the interval, so not 1.9 s in all.
    gaps = [after - before for before, after in pairwise(at)]
    assert 0.99 < min(gaps) < 1.8, gaps


def test_a_trigger_fires_when_its_time_is_over_and_not_at_the_next_look(
    compiled: Compiled, server: MetricServer
) -> None:
    server.says("/m/failures", value(9))
    server.says("/m/load", value(100))
    triggers = "failures > 5 for 1s\n failures > 6 for 2 consecutive\n load > 90% for 1h"
    scripts = compiled(monitored(server, triggers, "every 30m"))
    status, out = watch(scripts)
    assert status == 0
    assert "FIRES: failures > 5 (it is 9)" in out
    assert out.count("FIRES") == 1
    asked = [path for path, _ in server.received]
    assert asked.count("/m/failures") == 2
    # The look in between is no look of the others.
    assert asked.count("/m/load") == 1


def test_a_look_that_fires_where_a_person_has_to_start_it_says_so(
    compiled: Compiled, server: MetricServer
) -> None:
    server.says("/m/failures", BREACH)
    text = monitored(server, "failures > 5").replace("level 2", "level 2\n  automation gated")
    scripts = compiled(text)
    done = scripts.run("--once", role="monitor")
    assert done.returncode == 6
    assert "FIRES" in done.stdout
    assert "wants a person to start it" in done.stdout
    assert not (scripts.folder / "rolled-back").exists()


def test_a_link_to_the_monitor_starts_the_rollback_beside_it(
    compiled: Compiled, server: MetricServer
) -> None:
    server.says("/m/failures", BREACH)
    scripts = compiled(monitored(server, "failures > 5"))
    linked = scripts.folder / "stubs" / "watch-demo.sh"
    linked.symlink_to("../monitor.sh")
    done = scripts.execute(str(linked), "--once")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (scripts.folder / "rolled-back").exists()


def test_an_archive_made_later_begins_no_new_pause(
    compiled: Compiled, server: MetricServer
) -> None:
    server.says("/m/failures", BREACH)
    text = monitored(server, "failures > 5", "cooldown 1m")
    scripts = compiled(
        text.replace("  metrics from", '  archive folder "audit"\n  metrics from', 1)
    )
    assert scripts.run().returncode == 0
    journal = scripts.run_folder / "journal.jsonl"
    lines = journal.read_text().splitlines()
    assert json.loads(lines[-1])["event"] == "archive"
    began = json.loads(lines[0])["began_clock_ms"]
    # As if it had been two minutes ago, and its records handed over once more just now.
    lines[0] = lines[0].replace(f":{began},", f":{began - 120_000},", 1)
    clock = json.loads(lines[-1])["clock_ms"]
    lines[-1] = lines[-1].replace(f'"clock_ms":{clock}', f'"clock_ms":{clock + 120_000}')
    journal.write_text("".join(f"{line}\n" for line in lines))
    assert "FIRES" in scripts.run("--once", "--no-color", role="monitor").stdout


def test_a_very_small_value_is_kept(compiled: Compiled, server: MetricServer) -> None:
    scripts = compiled(monitored(server, "failures > 5"))
    begun = ["--auto", "--reason", "r", "--metric", "m", "--value", "5e-05", "--threshold", "1"]
    assert scripts.run(*begun).returncode == 0
    execution = scripts.document("metrics.json")["rollback_metrics"]["rollback_execution"]
    assert execution["trigger_value"] == 5e-05
