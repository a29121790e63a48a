"""When a point of no return is asked, and what counts as an answer."""

from __future__ import annotations

from collections.abc import Callable

from tests.runtime.running import Scripts, plan

Compiled = Callable[[str], Scripts]
PLAN = plan(
    """
  service api in production
  point_of_no_return gone "Migrated" {
    because "the schema changed"
    crossed when `PROBE`
    blocks database
    forward_fix { step fix "Compensate" { run `touch fixed` } }
  }
  phase before "Before" { budget 10s
    step a "A" { run `touch before` }
    step b "B" { run `test -e mended; touch again` } }
  phase database "Database" { needs before; budget 10s; step d "D" { run `touch database` } }
"""
)


def test_a_probe_that_hangs_counts_as_crossed(compiled: Compiled) -> None:
    scripts = compiled(PLAN.replace("PROBE", "sleep 600"))
    done = scripts.run()  # ends by itself, long before
    assert done.returncode == 4
    assert "the schema changed" in done.stdout
    assert scripts.left() == [".rbc"]


def test_it_is_asked_again_before_anything_is_resumed(compiled: Compiled) -> None:
    scripts = compiled(
        PLAN.replace("PROBE", "echo asked >>asked; ! test -e crossed || exit 0; exit 1")
    )
    assert scripts.run().returncode == 1
    (scripts.folder / "mended").touch()
    (scripts.folder / "crossed").touch()
    resumed = scripts.run("--resume")
    assert resumed.returncode == 4
    assert scripts.left() == [".rbc", "asked", "before", "crossed", "mended"]
