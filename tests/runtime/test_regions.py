"""What is asked and counted in each region."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from tests.runtime.running import Scripts, wait_for_gate
from tests.runtime.test_points_and_gates import REGIONAL, REGIONS

Compiled = Callable[[str], Scripts]


def test_the_wait_between_waves_is_not_that_of_a_region(compiled: Compiled) -> None:
    scripts = compiled(REGIONS)
    (scripts.folder / "bad").write_text("none")
    path = scripts.folder / "rollback.sh"
    path.write_text(path.read_text().replace("sla=600", "sla=3"))
    with scripts.started() as run:
        wait_for_gate(scripts)
        time.sleep(4)
        assert scripts.run("--approve", "ok", "--as", "eve").returncode == 0
        run.communicate(timeout=60)
    assert run.returncode == 0
    execution = scripts.document("metrics.json")["rollback_metrics"]["rollback_execution"]
    assert execution["sla_met"] is True
    assert execution["total_duration_seconds"] < 3


SLOWLY_FIXED = REGIONAL.replace(
    'run `echo "$region" >> fixed`', 'run `sleep 2; echo "$region" >> fixed`'
)


def test_a_forward_fix_in_a_region_takes_its_time(compiled: Compiled) -> None:
    scripts = compiled(SLOWLY_FIXED)
    (scripts.folder / "crossed").write_text("eu")
    scripts.run(role="capture")
    refused = scripts.run()
    assert refused.returncode == 4
    assert "--forward-fix gone --region eu runs it" in refused.stdout
    done = scripts.run("--forward-fix", "gone", "--region", "eu", "--run-dir", "fix")
    assert done.returncode == 0, done.stdout
    assert re.search(r"DONE in [2-9]s", done.stdout), done.stdout


def test_a_preflight_asks_each_region_and_only_what_is_run(compiled: Compiled) -> None:
    text = REGIONAL.replace(
        "  phase check",
        """  point_of_no_return other "Other" {
    crossed when `echo other >> asked`
    blocks spare
  }
  phase spare "Spare" { global; after work; budget 10s; step s "S" { run `true` } }
  scenario part "Part" { run work, check; use_when "x" }
  phase check""",
        1,
    )
    scripts = compiled(text)
    (scripts.folder / "crossed").write_text("none")
    refused = scripts.run("--scenario", "part")  # for what was not captured
    assert refused.returncode == 3
    assert "nothing was touched" in refused.stdout
    assert (scripts.folder / "asked").read_text().splitlines() == ["us", "eu"]
    (scripts.folder / "crossed").write_text("eu")
    told = scripts.run("--scenario", "part").stdout
    assert "past the point of no return `Gone`" in told
    assert "missing" in told
