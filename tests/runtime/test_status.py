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
