"""Preflight, and what capture.sh keeps for it."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
from collections.abc import Callable

import pytest

from tests.runtime.metric_server import MetricServer
from tests.runtime.running import Scripts, is_running, plainly, plan, wait_for

Compiled = Callable[[str], Scripts]


def test_preflight_lists_everything_at_once(compiled: Compiled) -> None:
    scripts = compiled(
        plan(
            """
  secret TOKEN
  capture { step c "C" { creates dump "x.dump" checksum sha256; run `echo data > "$dump"` } }
  phase work "Work" { budget 10s
    step a "A" { uses dump; requires some-tool; run `other-tool --x "$dump" "$TOKEN" | sudo -n third-tool; touch a` }
    step b "B" { run `if command -v maybe-tool; then maybe-tool; fi; ./no-script.sh` } }
"""
        )
    )
    result = scripts.run()
    assert result.returncode == 3
    for word in ("$TOKEN", "some-tool", "other-tool", "third-tool", "./no-script.sh", "x.dump"):
        assert word in result.stdout
    assert "maybe-tool" not in result.stdout
    assert scripts.left() == []


CAPTURE = plan(
    """
  capture {
    fact "Sessions" is "~12"
    step c "C" { creates dump "sub/x.dump" checksum sha256; run `CODE` }
  }
  phase work "Work" { budget 10s; step a "A" { uses dump; run `cp "$dump" restored` } }
"""
)


def test_what_was_captured_is_restored(compiled: Compiled) -> None:
    scripts = compiled(CAPTURE.replace("CODE", 'echo data > "$dump"'))
    captured = scripts.run(role="capture")
    assert captured.returncode == 0, captured.stdout + captured.stderr
    folder = scripts.folder / ".rbc" / "artifacts" / "demo"
    manifest = (folder / "manifest.txt").read_text()
    assert manifest.startswith(hashlib.sha256(b"data\n").hexdigest() + "  dump  sub/x.dump\n")
    assert "# plan_sha256 " in manifest
    assert "# fact Sessions: ~12" in manifest
    assert scripts.run().returncode == 0
    assert (scripts.folder / "restored").read_text() == "data\n"
    assert scripts.run(role="capture").returncode == 3
    assert scripts.run("--force", role="capture").returncode == 0
    assert [p.name for p in folder.parent.iterdir()] == ["demo"]


@pytest.mark.parametrize("code", ["false", 'echo data > "$dump"; false', "true", 'touch "$dump"'])
def test_a_capture_that_fails_leaves_nothing(compiled: Compiled, code: str) -> None:
    scripts = compiled(CAPTURE.replace("CODE", code))
    result = scripts.run(role="capture")
    assert result.returncode == 1, result.stdout
    assert list((scripts.folder / ".rbc" / "artifacts").iterdir()) == []


@pytest.mark.parametrize("damage", ["changed", "missing", "no checksum"])
def test_an_artifact_that_is_not_what_was_captured(compiled: Compiled, damage: str) -> None:
    scripts = compiled(CAPTURE.replace("CODE", 'echo data > "$dump"'))
    scripts.run(role="capture")
    folder = scripts.folder / ".rbc" / "artifacts" / "demo"
    if damage == "changed":
        (folder / "sub" / "x.dump").write_text("data and more\n")
    elif damage == "missing":
        (folder / "sub" / "x.dump").unlink()
    else:
        (folder / "manifest.txt").unlink()
    result = scripts.run()
    assert result.returncode == 3
    assert "dump" in result.stdout
    assert not (scripts.folder / "restored").exists()


REGIONS = """rbplan 1
plan demo "Demo" {
  operation "op-1"
  level 4
  regions { wave us; wave eu }
  capture {
    step each "Each" { creates kept "${region}/kept" checksum sha256
      run `CODE; echo "$region $(cat value)" > "$kept"` }
    step once "Once" { creates all "all" checksum sha256; run `cat value > "$all"` }
    baseline `cat value`
  }
  phase work "Work" { budget 10s; step w "W" { uses kept, all; run `cat "$kept" "$all" >> log` } }
}
"""


def capture_regions(scripts: Scripts, value: str, *arguments: str) -> int:
    (scripts.folder / "value").write_text(value)
    return scripts.run(*arguments, role="capture").returncode


def test_a_region_is_captured_anew_beside_the_others(compiled: Compiled) -> None:
    scripts = compiled(REGIONS.replace("CODE", "true"))
    folder = scripts.folder / ".rbc" / "artifacts" / "demo"
    assert capture_regions(scripts, "1", "--region", "us") == 0
    assert capture_regions(scripts, "2", "--region", "eu") == 0
    assert capture_regions(scripts, "3", "--region", "us") == 3
    assert capture_regions(scripts, "4", "--region", "us", "--force") == 0
    snapshot = "baseline/snapshot.txt"
    kept = {name: (folder / name).read_text() for name in ("us/kept", "eu/kept", "all", snapshot)}
    assert kept == {"us/kept": "us 4\n", "eu/kept": "eu 2\n", "all": "1", snapshot: "1"}
    manifest = (folder / "manifest.txt").read_text().splitlines()
    files = sorted(line.split("  ")[2] for line in manifest if not line.startswith("#"))
    assert files == ["all", snapshot, "eu/kept", "us/kept"]
    assert sorted(line.split()[2] for line in manifest if line.startswith("# region ")) == [
        "eu",
        "us",
    ]
    result = scripts.run()
    assert result.returncode == 0, result.stdout + result.stderr
    assert (scripts.folder / "log").read_text() == "us 4\n1eu 2\n1"


def test_what_is_damaged_in_another_region_stays_visible(compiled: Compiled) -> None:
    scripts = compiled(REGIONS.replace("CODE", "true"))
    assert capture_regions(scripts, "1") == 0
    (scripts.folder / ".rbc/artifacts/demo/eu/kept").write_text("damaged")
    assert capture_regions(scripts, "2", "--region", "us", "--force") == 0
    result = scripts.run()
    assert result.returncode == 3
    assert "eu/kept has another checksum" in result.stdout


def test_a_region_that_fails_leaves_the_earlier_capture(compiled: Compiled) -> None:
    scripts = compiled(REGIONS.replace("CODE", "test ! -e fail"))
    assert capture_regions(scripts, "1") == 0
    folder = scripts.folder / ".rbc" / "artifacts"
    before = (folder / "demo" / "manifest.txt").read_text()
    (scripts.folder / "fail").touch()
    assert capture_regions(scripts, "2", "--region", "us", "--force") == 1
    assert [p.name for p in folder.iterdir()] == ["demo"]
    assert (folder / "demo" / "manifest.txt").read_text() == before
    assert (folder / "demo" / "us" / "kept").read_text() == "us 1\n"


def test_two_captures_at_once_do_not_lose_one(compiled: Compiled) -> None:
    wait = "touch here; while ! test -e go; do sleep 0.05; done"
    scripts = compiled(REGIONS.replace("CODE", wait))
    (scripts.folder / "value").write_text("1")
    with scripts.started("--region", "us", role="capture") as run:
        wait_for(scripts.folder / "here")
        second = scripts.run("--region", "eu", role="capture")
        (scripts.folder / "go").touch()
        run.communicate(timeout=60)
    assert run.returncode == 0
    assert second.returncode == 5
    assert "is being captured by tester" in second.stderr


@pytest.mark.parametrize("path", ["manifest.txt", "./.capture/x", "baseline", "Manifest.txt/x"])
def test_no_artifact_takes_the_place_of_the_own_files(compiled: Compiled, path: str) -> None:
    text = REGIONS.replace("CODE", "true").replace('"all"', '"${place}"')
    text = text.replace("level 4", "level 4\n  param place: string")
    scripts = compiled(text)
    result = scripts.run("--set", f"place={path}", role="capture")
    assert result.returncode == 3
    assert f"the path of a file of capture.sh itself: {path}" in result.stderr
    assert not (scripts.folder / ".rbc").exists()


def test_a_folder_with_something_else_in_it_is_not_replaced(compiled: Compiled) -> None:
    capture = 'capture { step c "C" { creates cc "x.txt"; run `echo hi >"$cc"` } }'
    scripts = compiled(
        plan(f'  {capture}\n  phase p "P" {{ budget 5s; step s "S" {{ run `true` }} }}')
    )
    other = scripts.folder / "backups/other"
    other.parent.mkdir()
    other.write_text("precious")
    for force in ((), ("--force",)):
        result = scripts.run("--artifacts", "backups", *force, role="capture")
        assert result.returncode == 3
        assert "holds something else" in result.stderr
        assert other.read_text() == "precious"
    other.unlink()
    assert scripts.run("--artifacts", "backups", role="capture").returncode == 0


CAPTURE_AND_WAIT = CAPTURE.replace(
    "CODE", 'echo data > "$dump"; touch here; while test -e wait; do sleep 0.05; done'
).replace("run `cp", "run `touch here; while test -e wait; do sleep 0.05; done; cp")


@pytest.mark.parametrize(("first", "second"), [("capture", "rollback"), ("rollback", "capture")])
def test_nothing_is_captured_beside_a_rollback(compiled: Compiled, first: str, second: str) -> None:
    scripts = compiled(CAPTURE_AND_WAIT)
    assert scripts.run(role="capture").returncode == 0
    (scripts.folder / "here").unlink()
    (scripts.folder / "wait").touch()
    force = {"capture": ["--force"], "rollback": []}
    with scripts.started(*force[first], role=first) as run:
        wait_for(scripts.folder / "here")
        refused = scripts.run(*force[second], role=second)
        (scripts.folder / "wait").unlink()
        run.communicate(timeout=60)
    assert run.returncode == 0
    assert refused.returncode == 5, refused.stdout + refused.stderr
    done = "captured" if first == "capture" else "rolled back"
    assert f"op-1 is being {done} by tester" in refused.stderr


@pytest.mark.parametrize("earlier", [True, False])
def test_a_capture_that_is_stopped_or_killed_leaves_the_earlier_one(
    compiled: Compiled, earlier: bool
) -> None:
    scripts = compiled(CAPTURE_AND_WAIT)
    folder = scripts.folder / ".rbc/artifacts"
    if earlier:
        assert scripts.run(role="capture").returncode == 0
        (scripts.folder / "here").unlink()
    (scripts.folder / "wait").touch()
    with scripts.started("--force", role="capture") as run:
        wait_for(scripts.folder / "here")
        run.terminate()
        told, _ = run.communicate(timeout=60)
    assert run.returncode == 143
    assert ("the earlier capture is as it was" if earlier else "nothing was kept") in told
    (scripts.folder / "here").unlink()
    with scripts.started("--force", role="capture") as run:
        wait_for(scripts.folder / "here")
        os.killpg(run.pid, signal.SIGKILL)
        run.wait(timeout=60)
    (scripts.folder / "wait").unlink()
    wait_until_gone(scripts)
    assert len(list(folder.glob("demo.unfinished.*"))) == 1
    result = scripts.run()
    assert result.returncode == (0 if earlier else 3), result.stdout
    assert scripts.run("--force", role="capture").returncode == 0
    assert [p.name for p in folder.iterdir()] == ["demo"]


def wait_until_gone(scripts: Scripts) -> None:
    """Until nothing runs any more that a killed capture has begun."""
    for mark in (scripts.folder / ".rbc/locks/op-1@@capture/alive").iterdir():
        pid = mark.read_text().split()
        while pid and is_running(pid[0]):
            time.sleep(0.05)


def test_a_folder_that_can_have_no_checksum_is_refused_at_the_capture(compiled: Compiled) -> None:
    scripts = compiled(CAPTURE.replace("CODE", 'mkdir "$dump"; echo a >"$dump/part"'))
    captured = scripts.run(role="capture")
    assert captured.returncode == 1
    assert "pack it with tar" in captured.stdout
    assert not (scripts.folder / ".rbc" / "artifacts" / "demo").exists()


def test_a_terminal_that_goes_away_stops_a_capture_in_order(compiled: Compiled) -> None:
    scripts = compiled(CAPTURE_AND_WAIT)
    (scripts.folder / "wait").touch()
    with scripts.started(role="capture") as run:
        wait_for(scripts.folder / "here")
        groups = [
            p.read_text().split()
            for p in (scripts.folder / ".rbc/locks/op-1@@capture/alive").glob("group.*")
        ]
        run.send_signal(signal.SIGHUP)
        told, _ = run.communicate(timeout=60)
    assert run.returncode == 143
    assert "nothing was kept" in told
    assert groups
    assert not any(is_running(pid) for pid, *_ in groups)
    assert not (scripts.folder / ".rbc/locks/op-1@@capture").exists()


def test_a_step_of_a_capture_tells_its_channel(compiled: Compiled, server: MetricServer) -> None:
    server.says("/hook", "")
    text = CAPTURE.replace("CODE", 'echo a >"$dump"').replace("run `", "notify webhook; run `", 1)
    assert "notify webhook" in text
    text = text.replace(
        "  capture {",
        f'  communications {{ channel webhook "{server.address}/hook" }}\n  capture {{',
        1,
    )
    scripts = compiled(text)
    captured = scripts.run(role="capture")
    assert captured.returncode == 0, captured.stderr
    assert captured.stderr == ""
    (body,) = server.bodies("/hook")
    assert json.loads(body)["event"] == "step"


def test_a_capture_of_somebody_else_is_not_called_missing(compiled: Compiled) -> None:
    scripts = compiled(CAPTURE.replace("CODE", 'echo a >"$dump"'))
    assert scripts.run(role="capture").returncode == 0
    (scripts.folder / ".rbc/artifacts/demo").chmod(0)  # as for anybody else
    done = scripts.execute(*plainly(), "./rollback.sh")
    (scripts.folder / ".rbc/artifacts/demo").chmod(0o700)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "is closed to tester: run this as its owner" in done.stdout
    assert "missing" not in done.stdout
