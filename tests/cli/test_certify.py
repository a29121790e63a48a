"""`rbc certify` against real runs of generated scripts."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from rbdsl.documents.schemas import schema
from tests.cli.conftest import MODULE, Rbc

PLAN = """\
rbplan 1
plan shop "Web shop" {
  level  2
  change "Web shop 3.2 goes live."
  service shop in production { version "3.1.4" -> "3.2.0" }
  phase back "Back" {
    budget 4m
    step undo "Go back" { for shop; timeout 3m; run `test ! -e broken` }
  }
  phase proof "Verification" { after back; budget 2m; verify }
  scenario quick "In a hurry" { run back }
  verification { check health "The shop answers" { expect `test ! -e down` } }
  testing { in staging { deploy `true` } }
}
"""
TESTED = PLAN.replace("deploy `true`", "passed 2025-12-08T10:00:00Z; took 5m")
LENIENT = 'format = 1\n[level.2]\ntitle = "Rehearsal"\nsla = "30m"\nbreach = "Warning, review rollback plan"\n'

Rehearse = Callable[..., int]
JsonObject = dict[str, Any]


@pytest.fixture
def plan(folder: Path) -> Path:
    """A plan that nothing says was tested."""
    (folder / "lenient.toml").write_text(LENIENT)
    path = folder / "shop.rbplan"
    path.write_text(PLAN)
    return path


@pytest.fixture
def rehearse(rbc: Rbc, plan: Path, folder: Path) -> Rehearse:
    """Compiles the plan as it is, and runs its script; the exit status."""

    def run(*arguments: str, script: str = "rollback.sh") -> int:
        compiled = rbc("compile", plan.name, "--policy", "lenient.toml")
        assert compiled.returncode == 0, compiled.stdout + compiled.stderr
        done = subprocess.run(
            [folder / "build/shop" / script, *arguments],
            cwd=folder,
            env={**os.environ, "RBC_GRACE": "0.5"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
        return done.returncode

    return run


def certificate(rbc: Rbc, *arguments: str) -> tuple[int, JsonObject]:
    done = rbc("certify", "shop.rbplan", "--format", "json", *arguments)
    assert done.stdout, done.stderr
    document = json.loads(done.stdout)
    jsonschema.validate(document, json.loads(schema("certificate")))
    return done.returncode, document


def requirement(document: JsonObject, name: str) -> tuple[str, str]:
    (found,) = (r for r in document["predicate"]["requirements"] if r["id"] == name)
    return found["status"], found["binding"]


def journal(folder: Path) -> Path:
    (path,) = folder.glob(".rbc/runs/*/journal.jsonl")
    return path


def test_nothing_says_that_it_was_tested(rbc: Rbc, plan: Path) -> None:
    done = rbc("certify", plan.name)
    assert done.returncode == 1
    assert "  ✗ RB402 Rollback tested in staging: missing\n" in done.stdout
    assert "the test in `staging` has no result yet (shop.rbplan:13)" in done.stdout
    assert "hint: note when it passed" in done.stdout
    assert done.stdout.endswith("level 2 is not reached: 2 of 3 requirements proven\n")


def test_what_the_plan_states_is_dated_and_bound_to_no_version(rbc: Rbc, plan: Path) -> None:
    plan.write_text(TESTED)
    done = rbc("certify", plan.name)
    assert done.returncode == 0
    assert "passed 2025-12-08T10:00:00Z in 5m, as the plan states" in " ".join(done.stdout.split())
    assert done.stdout.endswith(
        "level 2 is reached: 3 of 3 requirements proven, 1 of them only as the plan states\n"
    )
    code, document = certificate(rbc)
    assert (code, requirement(document, "staging-test")) == (0, ("proven", "stated"))
    assert requirement(document, "verification-checklist") == ("proven", "plan")
    code, document = certificate(rbc, "--only-runs")
    assert (code, requirement(document, "staging-test")) == (1, ("weakened", "stated"))


def test_a_statement_older_than_the_plan_is_stale(rbc: Rbc, plan: Path) -> None:
    plan.write_text(TESTED.replace("  level  2\n", "  level  2\n  updated 2025-12-09T10:00:00Z\n"))
    code, document = certificate(rbc)
    assert (code, requirement(document, "staging-test")) == (1, ("stale", "stated"))


def test_a_rehearsal_of_this_version_proves_it(
    rbc: Rbc, plan: Path, rehearse: Rehearse, folder: Path
) -> None:
    assert rehearse("--rehearsal", "staging") == 0
    done = rbc("certify", plan.name, "--runs", ".rbc/runs", "--only-runs")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("level 2 is reached: 3 of 3 requirements proven\n")
    code, document = certificate(rbc, "--runs", ".rbc/runs")
    assert (code, requirement(document, "staging-test")) == (0, ("proven", "run"))
    (run,) = document["predicate"]["runs"]
    manifest = json.loads((folder / "build/shop/manifest.json").read_text())["manifest"]
    assert run["plan_sha256"] == manifest["plan"]["sha256"]
    assert run["plan_sha256"] == document["predicate"]["plan"]["sha256"]
    last = journal(folder).read_bytes().splitlines()[-1]
    assert run["journal_head"] == sha256(last + b"\n").hexdigest()
    one = certificate(rbc, "--runs", str(journal(folder).parent), "--runs", ".rbc/runs")[1]
    assert one == document, "the folder of one run will do, and a run counts once"


def test_a_changed_plan_makes_its_rehearsal_stale(rbc: Rbc, plan: Path, rehearse: Rehearse) -> None:
    assert rehearse("--rehearsal", "staging") == 0
    plan.write_text(PLAN.replace("test ! -e broken", "test ! -e broken; true"))
    done = rbc("certify", plan.name, "--runs", ".rbc/runs")
    assert done.returncode == 1
    assert "  ~ RB402 Rollback tested in staging: stale\n" in done.stdout
    assert "of another version of the plan" in done.stdout


def test_a_note_of_the_test_itself_does_not_make_it_stale(
    rbc: Rbc, plan: Path, rehearse: Rehearse
) -> None:
    assert rehearse("--rehearsal", "staging") == 0
    plan.write_text(TESTED)
    code, document = certificate(rbc, "--runs", ".rbc/runs", "--only-runs")
    assert (code, requirement(document, "staging-test")) == (0, ("proven", "run"))
    (run,) = document["predicate"]["runs"]
    assert run["bound_by"] == "script"
    assert run["plan_sha256"] != document["predicate"]["plan"]["sha256"]


def test_a_kept_script_that_is_not_that_of_the_run_binds_nothing(
    rbc: Rbc, plan: Path, rehearse: Rehearse, folder: Path
) -> None:
    assert rehearse("--rehearsal", "staging") == 0
    plan.write_text(TESTED)
    assert rbc("compile", plan.name).returncode == 0
    kept = journal(folder).parent / "rollback.sh"
    kept.chmod(0o755)
    kept.write_text((folder / "build/shop/rollback.sh").read_text())
    code, document = certificate(rbc, "--runs", ".rbc/runs", "--only-runs")
    assert (code, requirement(document, "staging-test")) == (1, ("weakened", "stated"))
    assert document["predicate"]["runs"][0]["worth"] == "stale"


def test_a_run_that_failed_is_no_evidence_and_outweighs_a_statement(
    rbc: Rbc, plan: Path, rehearse: Rehearse, folder: Path
) -> None:
    plan.write_text(TESTED)
    (folder / "broken").touch()
    assert rehearse("--rehearsal", "staging") == 1
    done = rbc("certify", plan.name, "--runs", ".rbc/runs")
    assert done.returncode == 1
    assert "  ~ RB402 Rollback tested in staging: weakened\n" in done.stdout
    assert "in `staging`: ended with `failure`" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "worth", "why"),
    [
        (("--rehearsal", "staging", "--scenario", "quick"), "weak", "only a part: scenario quick"),
        (("--rehearsal", "staging", "--only", "back"), "weak", "only a part: only back"),
        ((), "none", "no rehearsal, but a rollback in earnest"),
    ],
)
def test_runs_that_prove_too_little(
    rbc: Rbc, plan: Path, rehearse: Rehearse, arguments: tuple[str, ...], worth: str, why: str
) -> None:
    assert plan.exists()
    assert rehearse(*arguments) == 0
    code, document = certificate(rbc, "--runs", ".rbc/runs")
    assert code == 1
    (run,) = document["predicate"]["runs"]
    assert (run["worth"], run["why"]) == (worth, why)


def test_a_rehearsal_elsewhere_is_no_test_in_staging(
    rbc: Rbc, plan: Path, rehearse: Rehearse
) -> None:
    assert plan.exists()
    assert rehearse("--rehearsal", "laptop") == 0
    code, document = certificate(rbc, "--runs", ".rbc/runs")
    assert (code, requirement(document, "staging-test")) == (1, ("missing", "none"))


def test_a_dry_run_is_no_evidence(rbc: Rbc, plan: Path, rehearse: Rehearse, folder: Path) -> None:
    assert rehearse("--rehearsal", "staging", "--dry-run") == 0
    (folder / ".rbc/runs").mkdir(parents=True, exist_ok=True)
    done = rbc("certify", plan.name, "--runs", ".rbc/runs")
    assert done.returncode == 1
    assert "RB402 Rollback tested in staging: missing" in done.stdout


def tampered(folder: Path, line: int, before: str, after: str) -> None:
    path = journal(folder)
    lines = path.read_text().splitlines(keepends=True)
    assert before in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(before, after)
    path.write_text("".join(lines))


@pytest.mark.parametrize(
    ("line", "before", "after", "named", "words"),
    [
        (
            1,
            '"rehearsal":"staging"',
            '"rehearsal":"production"',
            1,
            "this line was changed: line 2 has the hash of another one",
        ),
        (4, '"seconds":0', '"seconds":9', 4, "line 5 has the hash of another one"),
        (3, '"seq":3', '"seq":4', 3, "this line has number 4, and should have 3"),
        (5, "}\n", "}\n{}\n", 6, "this line has no number, and should have 6"),
        (5, '{"seq"', "[", 5, "this is no JSON"),
    ],
)
def test_a_journal_that_was_changed_is_refused_at_its_line(
    rbc: Rbc,
    plan: Path,
    rehearse: Rehearse,
    folder: Path,
    *,
    line: int,
    before: str,
    after: str,
    named: int,
    words: str,
) -> None:
    assert rehearse("--rehearsal", "staging") == 0
    tampered(folder, line, before, after)
    done = rbc("certify", plan.name, "--runs", ".rbc/runs", "--output", "out.json")
    assert done.returncode == 2
    assert f"journal.jsonl:{named}: the journal can't be evidence: " in done.stderr
    assert words in done.stderr
    assert done.stdout == ""
    assert not (folder / "out.json").exists()


def test_a_failure_that_was_made_a_success_at_the_end_is_refused(
    rbc: Rbc, plan: Path, rehearse: Rehearse, folder: Path
) -> None:
    (folder / "broken").touch()
    assert rehearse("--rehearsal", "staging") == 1
    end = len(journal(folder).read_text().splitlines())
    tampered(folder, end, '"status":1,"outcome":"failure"', '"status":0,"outcome":"success"')
    done = rbc("certify", plan.name, "--runs", ".rbc/runs")
    assert done.returncode == 2
    assert f"journal.jsonl:{end}: " in done.stderr
    assert "the end says `success`, and phase `back` was not done" in done.stderr


def emptied(text: str) -> str:
    return text[:0]


def garbage(text: str) -> str:
    return f"{text[:0]}\0\0"


def without_its_end(text: str) -> str:
    return "".join(text.splitlines(keepends=True)[:-1])


@pytest.mark.parametrize("change", [emptied, garbage, without_its_end])
def test_a_failure_can_not_be_cut_off_its_journal(
    rbc: Rbc, plan: Path, rehearse: Rehearse, folder: Path, change: Callable[[str], str]
) -> None:
    (folder / "broken").touch()
    assert rehearse("--rehearsal", "staging") == 1
    path = journal(folder)
    path.write_text(change(path.read_text()))
    done = rbc("certify", plan.name, "--runs", ".rbc/runs")
    assert done.returncode == 2
    assert "journal.jsonl:" in done.stderr
    assert "is missing" in done.stderr or "it holds no line" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("behind", ["x", '{"seq":', "\0"])
def test_nothing_may_be_written_behind_the_end_of_a_run(
    rbc: Rbc, plan: Path, rehearse: Rehearse, folder: Path, behind: str
) -> None:
    assert rehearse("--rehearsal", "staging") == 0
    path = journal(folder)
    count = len(path.read_text().splitlines())
    path.write_text(path.read_text() + behind)
    done = rbc("certify", plan.name, "--runs", ".rbc/runs")
    assert done.returncode == 2
    assert (
        f"journal.jsonl:{count + 1}: the journal can't be evidence: the run has ended"
        in done.stderr
    )
    assert done.stdout == ""


def test_a_run_that_a_crash_ended_is_no_evidence(
    rbc: Rbc, plan: Path, rehearse: Rehearse, folder: Path
) -> None:
    assert rehearse("--rehearsal", "staging") == 0
    path = journal(folder)
    path.write_bytes(path.read_bytes()[:-40])
    for report in path.parent.glob("*.json"):  # a run writes them when its end is in the journal
        report.unlink()
    code, document = certificate(rbc, "--runs", ".rbc/runs")
    assert (code, requirement(document, "staging-test")) == (1, ("missing", "none"))
    assert document["predicate"]["runs"][0]["why"] == "has not ended"
    assert plan.exists()


def test_the_statement_names_sources_and_outputs_by_their_hashes(
    rbc: Rbc, plan: Path, folder: Path
) -> None:
    (folder / "things.rbplan").write_text(MODULE)
    plan.write_text(TESTED.replace("rbplan 1\n", 'rbplan 1\nuse "things.rbplan" as things\n'))
    assert rbc("compile", plan.name).returncode == 0
    code, document = certificate(rbc)
    assert code == 0
    assert document["_type"] == "https://in-toto.io/Statement/v1"
    assert document["predicateType"] == "urn:rbdsl:predicate:certificate:1"
    subjects = {s["name"]: s["digest"]["sha256"] for s in document["subject"]}
    files = {"shop.rbplan": plan, "things.rbplan": folder / "things.rbplan"} | {
        f"shop/{p.relative_to(folder / 'build/shop')}": p
        for p in (folder / "build/shop").rglob("*")
        if p.is_file()
    }
    assert subjects == {name: sha256(p.read_bytes()).hexdigest() for name, p in files.items()}


def test_the_statement_is_the_same_unless_a_time_is_given(
    rbc: Rbc, plan: Path, folder: Path
) -> None:
    plan.write_text(TESTED)
    for name in ("a.json", "b.json"):
        assert rbc("certify", plan.name, "--output", name).returncode == 0
    first = (folder / "a.json").read_text()
    assert first == (folder / "b.json").read_text()
    assert json.loads(first)["predicate"]["certified_at"] is None
    dated = certificate(rbc, "--time", "2026-01-31T10:00:00Z")[1]
    assert dated["predicate"]["certified_at"] == "2026-01-31T10:00:00Z"
    dated["predicate"]["certified_at"] = None
    assert dated == json.loads(first)


def test_a_statement_of_a_plan_that_falls_short_says_so(rbc: Rbc, plan: Path, folder: Path) -> None:
    assert rbc("certify", plan.name, "--output", "out.json").returncode == 1
    document = json.loads((folder / "out.json").read_text())
    assert document["predicate"]["reached"] is False
    assert [s["name"] for s in document["subject"]] == ["shop.rbplan"], "it does not compile"


def test_an_error_that_no_evidence_makes_up_for(rbc: Rbc, plan: Path) -> None:
    plan.write_text(TESTED.replace("budget 4m", "budget 40m"))
    done = rbc("certify", plan.name)
    assert done.returncode == 1
    assert "errors that no evidence makes up for\n  - RB301 " in done.stdout
    assert done.stdout.endswith(", 1 error\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nothing.rbplan",), "there is no such file"),
        (("things.rbplan",), "is a module"),
        (("sub",), "is a folder"),
        (("shop.rbplan", "--runs", "nowhere"), "cannot read `nowhere`: no such file"),
        (("shop.rbplan", "--runs", "shop.rbplan"), "not a directory"),
        (("shop.rbplan", "--time", "yesterday"), "--time is 'yesterday'"),
        (("shop.rbplan", "--time", "2026-01-31T10:00:00"), "a time with its zone"),
        (("shop.rbplan", "--output", "nowhere/out.json"), "cannot write `nowhere/out.json`"),
        (("shop.rbplan", "--policy", "shop.rbplan"), "RB299"),
        (("*.rbplan",), "means 2 files"),
    ],
)
def test_wrong_usage(
    rbc: Rbc, plan: Path, folder: Path, arguments: tuple[str, ...], words: str
) -> None:
    plan.write_text(TESTED)
    (folder / "sub").mkdir()
    (folder / "things.rbplan").write_text(MODULE)
    done = rbc("certify", *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr


def test_a_plan_that_does_not_parse(rbc: Rbc, plan: Path) -> None:
    plan.write_text("rbplan 1\nplan x\n")
    done = rbc("certify", plan.name)
    assert (done.returncode, done.stdout) == (2, "")
    assert " --> shop.rbplan:" in done.stderr


def test_a_terminal_is_safe_from_what_a_journal_says(rbc: Rbc, plan: Path, folder: Path) -> None:
    run = folder / "runs/x"
    run.mkdir(parents=True)
    line = json.dumps({"seq": 1, "event": "run_start", "run": "\x1b[2J", "plan": "\x1b]0;x", "rehearsal": "a", "prev": "0" * 64}, separators=(",", ":"))  # fmt: skip
    (run / "journal.jsonl").write_text(line + "\n")
    done = rbc("certify", plan.name, "--runs", "runs")
    assert done.returncode == 1
    assert "of another plan" in done.stdout
    assert "\x1b" not in done.stdout


def test_places_are_those_that_a_check_shows(rbc: Rbc, plan: Path, folder: Path) -> None:
    (folder / "plans").mkdir()
    plan.rename(folder / "plans" / "shop.rbplan")
    done = rbc("certify", "plans/shop.rbplan")
    shown = re.findall(r"\((\S+):\d+\)", done.stdout)
    assert set(shown) == {"plans/shop.rbplan"}, done.stdout


def test_a_statement_is_never_written_over_what_it_is_about(
    rbc: Rbc, plan: Path, folder: Path, rehearse: Rehearse
) -> None:
    assert rehearse("--rehearsal", "staging") == 0
    (folder / "m.txt").write_text(MODULE)
    plan.write_text(PLAN.replace("rbplan 1\n", 'rbplan 1\nuse "m.txt" as m\n'))
    (folder / "levels.toml").write_text(LENIENT)
    (folder / "rbc.toml").write_text('policy = "levels.toml"\n')
    (folder / "link.json").symlink_to(plan)
    os.link(folder / "m.txt", folder / "hard.json")
    run = journal(folder).relative_to(folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for name in ("shop.rbplan", "link.json", "hard.json", "m.txt", "levels.toml", "rbc.toml", run, run.with_name("rollback.sh")):  # fmt: skip
        done = rbc("certify", plan.name, "--runs", ".rbc/runs", "--output", name)
        assert done.returncode == 2, name
        assert f"--output would write over `{name}`" in done.stderr
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.usefixtures("plan")
def test_the_statement_names_the_policy_that_was_used(rbc: Rbc, folder: Path) -> None:
    def policy(*arguments: str) -> JsonObject:
        return certificate(rbc, *arguments)[1]["predicate"]["level"]  # type: ignore[no-any-return]

    lenient = sha256(LENIENT.encode()).hexdigest()
    assert policy()["policy_sha256"] is None
    assert policy("--policy", "lenient.toml")["policy_sha256"] == lenient
    (folder / "rbc.toml").write_text('policy = "lenient.toml"\n')
    assert policy()["policy_sha256"] == lenient


def test_limits_that_are_shorter_than_the_budgets_are_no_worst_case(rbc: Rbc, plan: Path) -> None:
    done = rbc("certify", plan.name)
    assert "6m on the clock of 30m, limits end it after 4m" in done.stdout
    plan.write_text(PLAN.replace("timeout 3m", "timeout 8m"))
    assert "6m on the clock of 30m, worst case 9m" in rbc("certify", plan.name).stdout


def test_a_pipe_is_written_to_and_a_link_is_followed(rbc: Rbc, plan: Path, folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "link").symlink_to("statement.json")
    with subprocess.Popen(["cat", "pipe"], cwd=folder, stdout=subprocess.PIPE) as reader:
        rbc("certify", plan.name, "--output", "pipe")
        said, _ = reader.communicate(timeout=30)
    rbc("certify", plan.name, "--output", "link")
    assert (folder / "pipe").is_fifo()
    assert (folder / "link").is_symlink()
    assert json.loads(said) == json.loads((folder / "statement.json").read_text())


def test_a_run_whose_journal_was_taken_away_is_a_fault(
    rbc: Rbc, plan: Path, rehearse: Rehearse, folder: Path
) -> None:
    (folder / "broken").touch()
    assert rehearse("--rehearsal", "staging") == 1
    plan.write_text(TESTED)
    path = journal(folder)
    path.unlink()
    assert (path.parent / "failure.json").exists()
    done = rbc("certify", plan.name, "--runs", ".rbc/runs")
    assert (done.returncode, done.stdout) == (2, "")
    assert "journal.jsonl:1: the journal can't be evidence: it is missing" in done.stderr
    for report in ("failure.json", "metrics.json", "evidence.json", "report.md"):
        (path.parent / report).unlink()
    done = rbc("certify", plan.name, "--runs", ".rbc/runs")
    assert done.returncode == 0
    assert f"rbc: there is no `{path.relative_to(folder)}`" in done.stderr


def test_a_folder_without_a_run_is_said(rbc: Rbc, plan: Path, folder: Path) -> None:
    (folder / "runs").mkdir()
    plan.write_text(TESTED)
    done = rbc("certify", plan.name, "--runs", "runs")
    assert (done.returncode, done.stderr) == (0, "rbc: there is no run in `runs`\n")


@pytest.mark.parametrize("text", [PLAN, TESTED])
def test_a_script_that_was_edited_is_no_evidence(
    rbc: Rbc, plan: Path, folder: Path, text: str
) -> None:
    plan.write_text(text)
    assert rbc("compile", plan.name, "--policy", "lenient.toml").returncode == 0
    script = folder / "build/shop/rollback.sh"
    script.chmod(0o755)
    edited = script.read_text().replace("test ! -e broken", "true")
    assert edited != script.read_text()
    for content, proven in ((edited, False), (script.read_text(), True)):
        script.write_text(content)
        done = subprocess.run(
            [script, "--rehearsal", "staging"],
            cwd=folder,
            env={**os.environ, "RBC_GRACE": "0.5"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0
        code, document = certificate(rbc, "--runs", ".rbc/runs", "--only-runs")
        assert (code == 0) is proven
        run = document["predicate"]["runs"][-1]
        assert run["worth"] == ("proof" if proven else "fault")
        assert proven or "was edited" in run["why"]


def test_an_older_statement_of_a_plan_that_does_not_parse(
    rbc: Rbc, plan: Path, folder: Path
) -> None:
    assert rbc("certify", plan.name, "--output", "s.json").returncode == 1
    before = (folder / "s.json").read_text()
    plan.write_text("rbplan 1\nplan shop\n")
    done = rbc("certify", plan.name, "--output", "s.json")
    assert done.returncode == 2
    assert "rbc: `s.json` is not written, and older than this" in done.stderr
    assert (folder / "s.json").read_text() == before
