"""`--status`, from another terminal: where the run is, and how much time is left."""

from __future__ import annotations

from collections.abc import Callable

from tests.runtime.running import Scripts, plan, wait_for

Compiled = Callable[[str], Scripts]

PLAN = plan("""
  phase first "First" { budget 60s
    step shaky "Shaky" { on_failure continue; run `echo "no such host" >&2; false` }
  }
  phase second "Second" { after first; budget 60s
    step wait "Wait for it" { run `touch here; while [ ! -e go ]; do sleep 0.05; done` }
  }
  phase third "Third" { after second; budget 60s; step last "Last" { run `true` } }
  phase spare "Spare" { after third; budget 60s; step more "More" { run `true` } }
  scenario some "Some" { run first..third; use_when "now" }""")


def test_the_status_of_a_run_under_way_and_of_one_that_ended(compiled: Compiled) -> None:
    scripts = compiled(PLAN)
    with scripts.started("--scenario", "some") as run:
        wait_for(scripts.folder / "here")
        begun, *lines = scripts.run("--status").stdout.splitlines()
        (scripts.folder / "go").touch()
        run.communicate(timeout=60)
    assert begun.startswith(f"run {scripts.run_folder.name}, scenario some, begun 20")
    elapsed = lines.pop()
    assert lines == [
        "  ✓ first: done",
        "  ▶ second: under way (Wait for it)",
        "  · third: waiting",
        "1 of 3 phases done",
        "last error: first: exit status 1: no such host",
    ]
    assert elapsed.startswith("elapsed ")
    assert elapsed.endswith("s of the SLA's 30m")
    lines = scripts.run("--status").stdout.splitlines()
    assert "3 of 3 phases done" in lines
    assert lines[-1] == "ended: success"


def test_the_status_of_nothing(compiled: Compiled) -> None:
    done = compiled(PLAN).run("--status")
    assert done.returncode == 3
    assert "there is no run here" in done.stderr


def test_a_run_that_is_archived_again_later_took_no_longer(compiled: Compiled) -> None:
    scripts = compiled(
        plan(
            'phase work "Work" { budget 9s; step a "A" { run `true` } }',
            header='  archive folder "audit"',
        )
    )
    assert scripts.run().returncode == 0
    assert scripts.run("--archive").returncode == 0
    (begun,) = scripts.events("run_start")
    ended, *_, archived = scripts.events("run_end", "archive")
    # Both on the clock of the run, which is that of the machine since it began.
    assert ended["clock_ms"] <= archived["clock_ms"] < begun["began_clock_ms"] + 60_000
    assert archived["clock_ms"] - ended["clock_ms"] < 60_000
    journal = scripts.run_folder / "journal.jsonl"
    late = f'"clock_ms":{archived["clock_ms"]},'
    journal.write_text(journal.read_text().replace(late, '"clock_ms":7200000,'))
    told = scripts.run("--status").stdout.splitlines()
    assert next(line for line in told if line.startswith("elapsed ")).split()[1] in {
        "0s",
        "1s",
        "2s",
    }


def test_a_broken_sla_and_the_end_are_two_lines(compiled: Compiled) -> None:
    scripts = compiled(plan('phase work "Work" { budget 9s; step a "A" { run `sleep 2` } }'))
    path = scripts.folder / "rollback.sh"
    path.write_text(path.read_text().replace("sla=1800", "sla=1"))
    assert scripts.run().returncode == 8
    told = scripts.run("--status").stdout.splitlines()
    assert told[-2].startswith(
        "the SLA of 1s is broken" if "the SLA of" in told[-2] else "the SLA is broken"
    )
    assert told[-1] == "ended: sla_breach"


def test_a_forward_fix_of_an_ordinary_run_has_a_line(compiled: Compiled) -> None:
    scripts = compiled(
        plan("""
  point_of_no_return mig "Migrated" {
    because "b"
    crossed when `test -e crossed`
    blocks x
    forward_fix { step comp "Comp" { run `touch fixed` } }
  }
  phase x "X" { budget 10s; step d "D" { run `touch done` } }""")
    )
    (scripts.folder / "crossed").touch()
    assert scripts.run("--auto", "--reason", "r").returncode == 4
    told = scripts.run("--status").stdout.splitlines()
    assert "  ✓ point.mig: done" in told
    assert "  · x: waiting" in told


def test_a_run_that_is_not_there_is_named(compiled: Compiled) -> None:
    scripts = compiled(PLAN)
    named = scripts.run("--resume", "nosuch")
    assert named.returncode == 3
    assert "there is no run to resume in .rbc/runs/nosuch" in named.stderr


def test_the_clock_of_a_run_that_failed_goes_on(compiled: Compiled) -> None:
    scripts = compiled(plan('phase work "Work" { budget 9s; step a "A" { run `false` } }'))
    assert scripts.run().returncode == 1
    journal = scripts.run_folder / "journal.jsonl"
    began = scripts.journal()[0]["began_clock_ms"]
    # As if it had begun two minutes earlier.
    journal.write_text(journal.read_text().replace(f":{began},", f":{began - 120_000},", 1))
    assert "elapsed 2m" in scripts.run("--status").stdout


def test_a_part_of_a_rollback_is_called_one(compiled: Compiled) -> None:
    scripts = compiled(PLAN)
    done = scripts.run("--only", "third")
    assert done.returncode == 0
    assert "scenario full, third alone" in done.stdout
    assert "scenario full, third alone" in scripts.run("--status").stdout
    assert "**Scenario**: full, third alone" in (scripts.run_folder / "report.md").read_text()
