"""Machines that fail: a full disk, a clock that jumps, a flood of output, a terminal that goes."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.killing import words
from tests.runtime.running import Scripts, one_phase, plan, wait_for

Compiled = Callable[[str], Scripts]
SECRET = {"TOKEN": "hunter2-and-more"}

# A whole one takes more than a minute, which is for continuous integration to wait for.
GIGABYTE = 1_000_000_000 if os.environ.get("CI") else 100_000_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a megabyte."""
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.needs("root", "mount")
def test_a_disk_that_fills_up_stops_the_run_in_order(compiled: Compiled, small_disk: Path) -> None:
    # What the disk has set aside for the journal's last block is filled by a few steps more.
    steps = "\n".join(f'step n{i} "N{i}" {{ run `echo {i} >>ran` }}' for i in range(30))
    scripts = compiled(
        plan(f"""  phase work "Work" {{ budget 60s
    step off "Off" {{ run `echo off >>ran`; undo `echo on >>ran` }}
    step fill "Fill" {{ run `head -c 2M /dev/zero >"$RBC_RUN_DIR/filler" || echo full >>ran` }}
    {steps}
    ensure step last "Last" {{ run `echo last >>ran` }}
  }}
  phase later "Later" {{ after work; budget 60s; step more "More" {{ run `echo more >>ran` }} }}""")
    )
    done = scripts.run("--run-dir", str(small_disk / "run"))
    assert done.returncode == 1, done.stdout + done.stderr
    # Without a journal nothing new is begun; what was done is taken back all the same.
    ran = words(scripts.folder / "ran")
    assert ran[:2] == ["off", "full"]
    assert ran[-2:] == ["on", "last"]
    assert ran[2:-2] == [str(i) for i in range(len(ran) - 4)]
    assert len(ran) < 30
    assert not (scripts.folder / ".rbc/locks/op-1").exists()
    assert "no room for the journal" in done.stdout
    assert [k for _, k, _ in outcomes(small_disk / "run")][-2:] == ["undo", "ensure"]
    # Once there is room again, the run goes on where it was.
    (small_disk / "run" / "filler").unlink()
    (scripts.folder / "ran").unlink()
    resumed = scripts.run("--resume", str(small_disk / "run"))
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    rest = [str(i) for i in range(len(ran) - 4, 30)]
    assert words(scripts.folder / "ran") == ["off", *rest, "last", "more"]


def outcomes(run: Path) -> list[tuple[str, str, str]]:
    lines = [json.loads(line) for line in (run / "journal.jsonl").read_text().splitlines()]
    return [(e["step"], e["kind"], e["outcome"]) for e in lines if e["event"] == "step_outcome"]


@pytest.mark.needs("root", "mount")
def test_a_disk_that_is_full_from_the_start_begins_nothing(
    compiled: Compiled, small_disk: Path
) -> None:
    scripts = compiled(one_phase('step a "A" { run `echo ran >>ran` }'))
    subprocess.run(["sh", "-c", f"head -c 2M /dev/zero >{small_disk}/filler"], check=False)
    done = scripts.run("--run-dir", str(small_disk / "run"))
    assert done.returncode == 3, done.stdout + done.stderr
    assert words(scripts.folder / "ran") == []
    assert not (scripts.folder / ".rbc/locks/op-1").exists()


def library() -> str:
    """Where libfaketime lies; `faketime` itself cannot change the time of a running program."""
    found = sorted(Path("/usr/lib").glob("**/libfaketime.so.1"))
    return str(found[0]) if found else ""


@pytest.mark.needs("faketime")
@pytest.mark.parametrize("jump", ["-7200", "+7200"])
def test_a_clock_that_is_set_changes_no_figure(compiled: Compiled, jump: str) -> None:
    scripts = compiled(
        plan(
            """  phase work "Work" { budget 60s
    step before "Before" { timeout 30s; run `date +%s >>dates` }
    step set "Set" { timeout 30s; run `echo "$JUMP" >clock; sleep 1.2` }
    step after "After" { timeout 30s; run `date +%s >>dates; sleep 1` }
  }
  phase proof "Proof" { after work; budget 60s; verify }
  verification { check c "C" { expect `true` } }"""
        )
    )
    (scripts.folder / "clock").write_text("+0\n")
    done = scripts.run(
        env={
            "LD_PRELOAD": library(),
            "FAKETIME_TIMESTAMP_FILE": str(scripts.folder / "clock"),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "JUMP": jump,
        }
    )
    assert done.returncode == 0, done.stdout + done.stderr
    before, after = (int(word) for word in words(scripts.folder / "dates"))
    assert abs(after - before) > 7000, "the clock was not set"
    metrics = scripts.document("metrics.json")["rollback_metrics"]
    assert 2 <= metrics["rollback_execution"]["total_duration_seconds"] <= 50
    assert metrics["rollback_execution"]["sla_met"] is True
    clocks = [line["clock_ms"] for line in scripts.journal()]
    assert clocks == sorted(clocks)
    assert scripts.events("sla_breach") == []


@pytest.mark.parametrize("secret", ["", '  secret TOKEN "t"'])
def test_a_step_that_prints_a_gigabyte(compiled: Compiled, secret: str) -> None:
    size = 60_000_000 if secret else GIGABYTE
    line = "a line of output of a step that says the same again and again, as some do"
    scripts = compiled(
        one_phase(
            f"""step loud "Loud" {{ timeout 9m
      run ```
        {{ yes "{line}" || true; }} | head -c {size}
        printf '\\nthe last word is %s' "${{TOKEN-open}}"
      ``` }}""",
            "budget 10m",
        ).replace("  level 2", f"  level 2\n{secret}")
    )
    done = subprocess.run(
        [str(scripts.folder / "rollback.sh")],
        cwd=scripts.folder,
        env=scripts.environment(**SECRET),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    (log,) = scripts.run_folder.glob("log/work.loud.log")
    word = "***" if secret else "hunter2-and-more"
    end = f"\nthe last word is {word}\n"
    assert log.stat().st_size == size + len(end)
    with log.open("rb") as file:
        file.seek(-len(end), os.SEEK_END)
        assert file.read().decode() == end
    # The person at the terminal is told, and not drowned.
    assert "more than can be shown" in done.stdout
    assert len(done.stdout) < 2_000_000
    log.unlink()


def test_output_without_a_newline_does_not_hold_up_the_step(compiled: Compiled) -> None:
    size = 40_000_000
    scripts = compiled(
        one_phase(
            f"""step loud "Loud" {{ timeout 50s
      run `head -c {size} /dev/zero | tr '\\0' x` }}""",
            "budget 1m",
        )
    )
    done = scripts.run()
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    (log,) = scripts.run_folder.glob("log/work.loud.log")
    assert log.stat().st_size == size + 1
    log.unlink()


def test_no_byte_of_a_flood_is_lost_where_it_ends(compiled: Compiled) -> None:
    steps = "\n".join(
        f"""    step s{number} "S" {{ timeout 60s
      run ```
        for i in {{1..400}}; do echo "line $i"; done
        head -c {65536 * 3 - 200 + number * 13} /dev/zero | tr '\\0' x
        printf '%s' end
      ``` }}"""
        for number in range(32)
    )
    scripts = compiled(one_phase(steps, "budget 10m"))
    done = scripts.run()
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    lines = "".join(f"line {i}\n" for i in range(1, 401))
    for number in range(32):
        text = (scripts.run_folder / "log" / f"work.s{number}.log").read_text()
        assert text == lines + "x" * (65536 * 3 - 200 + number * 13) + "end\n"
    assert "rbc-flush" not in done.stdout


def test_a_secret_that_comes_in_pieces_and_floods_is_masked(compiled: Compiled) -> None:
    scripts = compiled(
        one_phase(
            """step loud "Loud" { timeout 60s
      run ```
        for i in {1..3000}; do echo "$i ${TOKEN}${TOKEN} x"; done
        printf '%s' "${TOKEN:0:9}"; sleep 0.3; printf '%s\\n' "${TOKEN:9}"
        printf '%70000s%s%70000s\\n' '' "$TOKEN" ''
      ``` }"""
        ).replace("  level 2", '  level 2\n  secret TOKEN "t"')
    )
    done = scripts.run(env=SECRET)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    (log,) = scripts.run_folder.glob("log/work.loud.log")
    text = log.read_text()
    for where in (text, done.stdout, (scripts.run_folder / "journal.jsonl").read_text()):
        assert "hunter2" not in where
    lines = text.splitlines()
    assert lines[:3000] == [f"{i} ****** x" for i in range(1, 3001)]
    assert lines[3000:] == ["***", f"{'':70000}***{'':70000}"]


def test_a_terminal_that_goes_away_in_the_middle(compiled: Compiled) -> None:
    scripts = compiled(
        one_phase(
            """step a "A" { run `touch here; while [ ! -e go ]; do sleep 0.05; done; echo a; echo a` }
    step b "B" { run `echo b >>ran` }""",
            "budget 60s",
        )
    )
    with subprocess.Popen(
        ["script", "-qec", "./rollback.sh", "/dev/null"],
        cwd=scripts.folder,
        env=scripts.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    ) as terminal:
        wait_for(scripts.folder / "here")
        terminal.kill()
        terminal.wait(timeout=20)
    (scripts.folder / "go").touch()
    wait_for(scripts.run_folder / "report.md")
    wait_for(scripts.folder / "ran")
    assert scripts.events("run_end")[0]["outcome"] == "success"
