"""The examples compile without a finding, and their scripts do what the plans say."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from rbdsl.compiler import Checked, check, emit
from rbdsl.project.modules import ProjectLoader
from rbdsl.source import Source
from tests.checking import shipped_policies
from tests.examples.stand_ins import SECRETS, Site

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = ["api-v2.1", "kubernetes", "multi-region", "n8n", "terraform"]
LEVELS = {"api-v2.1": 3, "kubernetes": 2, "multi-region": 4, "n8n": 2, "terraform": 2}
SCRIPTS = ["capture.sh", "monitor.sh", "rollback.sh", "verify.sh"]
API_PHASES = [
    "preparation",
    "stop_traffic",
    "database",
    "application",
    "cache",
    "traffic",
    "verification",
    "cleanup",
]

SiteOf = Callable[[str], Site]


@cache
def plan(name: str) -> Checked:
    (path,) = (EXAMPLES / name).glob("*.rbplan")
    text = path.read_text(encoding="utf-8")
    return check(Source(path.name, text), ProjectLoader(path), shipped_policies())


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the outputs of every example below its name."""
    root = tmp_path_factory.mktemp("build")
    for name in NAMES:
        for output in emit(plan(name)):
            path = root / name / output.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(output.text, encoding="utf-8")
            path.chmod(0o755 if output.executable else 0o644)
    return root


@pytest.fixture
def site(compiled: Path, tmp_path: Path) -> SiteOf:
    """Makes a place to run an example's scripts, once what they restore has been captured."""

    def make(name: str) -> Site:
        place = Site(tmp_path, compiled / name)
        done = place.run("capture.sh")
        assert done.returncode == 0, done.stdout + done.stderr
        return place

    return make


def phases_of(place: Site) -> list[str]:
    """The phases that the only run finished, in the order in which they ended."""
    (journal,) = (place.folder / ".rbc").glob("runs/*/journal.jsonl")
    records = [json.loads(line) for line in journal.read_text().splitlines()]
    return [r["unit"] for r in records if r["event"] == "phase_end" and r["outcome"] == "done"]


def test_every_folder_is_looked_at() -> None:
    assert sorted(p.name for p in EXAMPLES.iterdir() if p.is_dir()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_an_example_has_no_finding(name: str) -> None:
    assert [f"{d.span} {d.code} {d.message}" for d in plan(name).diagnostics] == []


@pytest.mark.parametrize("name", NAMES)
def test_an_example_reaches_its_level(name: str) -> None:
    analysis = plan(name).analysis
    assert analysis is not None
    assert analysis.plan.level.number == LEVELS[name]
    assert {r.status for r in analysis.requirements} == {"proven"}
    assert analysis.slowest_clock_ms <= analysis.policy.target_ms


@pytest.mark.parametrize("name", NAMES)
def test_no_example_names_a_person_or_a_real_host(name: str) -> None:
    (path,) = (EXAMPLES / name).glob("*.rbplan")
    hosts = re.findall(r"https?://([\w.-]*\.[a-z]+)|@([\w-]+\.\w+)", path.read_text())
    assert all((a or b).endswith(("example.com", ".example")) for a, b in hosts)


def test_the_api_plan_has_the_phases_and_scenarios_of_the_original() -> None:
    analysis = plan("api-v2.1").analysis
    assert analysis is not None
    assert [p.name.text for p in analysis.plan.phases] == API_PHASES
    assert (analysis.timeline.total_ms, analysis.timeline.clock_ms) == (720_000, 600_000)
    times = {s.scenario.name.text: s.timeline.total_ms / 60_000 for s in analysis.scenarios}
    assert times == {"application_only": 7, "database_only": 9, "auth_only": 4}
    assert len(analysis.plan.triggers.automatic if analysis.plan.triggers else ()) == 6


def output_of(program: str, *arguments: str) -> str:
    """What a linter has to say; nothing, where all is well."""
    path = Path(sys.executable).with_name(program)
    done = subprocess.run([str(path), *arguments], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_the_scripts_are_formatted(name: str, compiled: Path) -> None:
    scripts = [str(compiled / name / script) for script in SCRIPTS]
    assert output_of("shfmt", "-ln=bash", "-i=2", "-ci", "-d", *scripts) == ""


# The runtime, most of each script, is the same in all plans; the steps stand in these two.
@pytest.mark.parametrize(
    ("name", "script"),
    [("api-v2.1", s) for s in SCRIPTS]
    + [(name, s) for name in NAMES[1:] for s in ("capture.sh", "rollback.sh")],
)
def test_a_script_passes_shellcheck(name: str, script: str, compiled: Path) -> None:
    assert output_of("shellcheck", "--norc", str(compiled / name / script)) == ""


@pytest.mark.parametrize("name", NAMES)
def test_a_dry_run_touches_nothing(name: str, site: SiteOf) -> None:
    place = site(name)
    files, calls = place.files(), len(place.calls)
    done = place.run("rollback.sh", "--dry-run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (place.files(), len(place.calls)) == (files, calls)


@pytest.mark.parametrize("name", ["api-v2.1", "kubernetes", "n8n"])
def test_a_run_ends_verified_and_shows_no_secret(name: str, site: SiteOf) -> None:
    place = site(name)
    done = place.run("rollback.sh")
    assert done.returncode == 0, done.stdout + done.stderr
    written = [p.read_text(errors="replace") for p in place.folder.rglob("*") if p.is_file()]
    shown = "\n".join([done.stdout, done.stderr, *place.calls, *written])
    assert [secret for secret in SECRETS.values() if secret in shown] == []


def test_the_api_plan_runs_its_phases_in_order(site: SiteOf) -> None:
    place = site("api-v2.1")
    assert place.run("rollback.sh").returncode == 0
    ended = phases_of(place)
    assert sorted(ended) == sorted(API_PHASES)
    # The application is restored and the cache cleared at the same time: either may end first.
    assert [p for p in ended if p != "cache"] == [p for p in API_PHASES if p != "cache"]
    assert ended.index("database") < ended.index("cache") < ended.index("traffic")


@pytest.mark.parametrize(
    ("scenario", "phases", "never"),
    [
        ("application_only", API_PHASES[3:], "createdb"),
        ("database_only", [API_PHASES[2], *API_PHASES[4:]], "rollout restart"),
        (
            "auth_only",
            [p for p in API_PHASES if p not in ("preparation", "database")],
            "api-service ",
        ),
    ],
)
def test_a_scenario_of_the_api_plan_runs_its_part(
    scenario: str, phases: list[str], never: str, site: SiteOf
) -> None:
    place = site("api-v2.1")
    captured = len(place.calls)
    done = place.run("rollback.sh", "--scenario", scenario)
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(phases_of(place)) == sorted(phases)
    assert [call for call in place.calls[captured:] if never in call] == []
    assert any("enable-rollback-monitoring" in call for call in place.calls)
    assert any("disable-rollback-monitoring" in call for call in place.calls)


def test_the_new_version_is_removed_only_after_its_logs_are_kept(site: SiteOf) -> None:
    place = site("api-v2.1")
    assert place.run("rollback.sh").returncode == 0
    calls = place.calls
    stored = [
        i for i, call in enumerate(calls) if call.startswith("aws s3 cp") and "/rollbacks/" in call
    ]
    stopped = [i for i, call in enumerate(calls) if "--replicas=0" in call]
    deleted = [i for i, call in enumerate(calls) if "delete deployment" in call]
    assert len(deleted) == len(stopped) == 2
    assert len([i for i in stored if i < stopped[0]]) == 2
    assert len([i for i in stored if stopped[-1] < i < deleted[0]]) == 2


def test_a_damaged_backup_stops_the_rollback_before_anything_is_touched(site: SiteOf) -> None:
    place = site("api-v2.1")
    (backup,) = (place.folder / ".rbc").rglob("backup-pre-v2.1.dump")
    backup.chmod(0o644)
    backup.write_text("another dump\n")
    captured = len(place.calls)
    done = place.run("rollback.sh")
    assert done.returncode == 3
    assert "backup-pre-v2.1.dump" in done.stdout + done.stderr
    assert not [c for c in place.calls[captured:] if not c.startswith(("psql", "curl"))]


def test_a_latency_above_that_before_the_change_is_not_verified(site: SiteOf) -> None:
    place = site("api-v2.1")
    curl = (Path(__file__).parent / "commands" / "curl").read_text()
    place.replace("curl", curl.replace('"0.0001"', '"0.0002"'))
    done = place.run("verify.sh")
    assert done.returncode == 7
    failed = [line for line in done.stdout.splitlines() if "✗" in line]
    assert "latency_p99 <= baseline + 20%: it is 0.2 (bound: 0.12, baseline: 0.1 at " in failed[0]
    assert "NOT VERIFIED: 1 critical" in failed[1]


def test_the_database_is_opened_again_when_the_restore_fails(site: SiteOf) -> None:
    place = site("api-v2.1")
    place.replace("pg_restore", "exit 1")
    done = place.run("rollback.sh")
    assert done.returncode == 1
    ran = [
        call.split()[0] for call in place.calls if call.startswith(("psql", "dropdb", "pg_restore"))
    ]
    assert ran[ran.index("pg_restore") :].count("psql") >= 2
    assert phases_of(place) == ["preparation", "stop_traffic"]


@pytest.mark.parametrize("name", ["terraform", "multi-region"])
def test_a_gate_waits_for_somebody(name: str, site: SiteOf) -> None:
    place = site(name)
    gate = {"terraform": "review", "multi-region": "first_region"}[name]
    with subprocess.Popen(
        [str(place.scripts / "rollback.sh")],
        cwd=place.folder,
        env=place.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as started:
        try:
            assert started.stdout is not None
            seen = ""
            for line in started.stdout:
                seen += line
                if "--approve" in line:
                    break
            approved = place.run("rollback.sh", "--approve", gate, "--as", "platform-lead")
            assert approved.returncode == 0, seen + approved.stdout + approved.stderr
            rest, _ = started.communicate(timeout=60)
            assert started.returncode == 0, seen + rest
        finally:
            started.kill()
