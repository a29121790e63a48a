"""`rbc check` in the formats of review systems, and what its exit codes say."""

from __future__ import annotations

import json
import os
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from jsonschema import Draft4Validator, FormatChecker

from tests.cli.conftest import MODULE, PLAN, Rbc

FORMATS = ("concise", "json", "sarif", "github", "gitlab", "junit", "rdjson", "markdown")
WRONG = PLAN.replace("run back..proof }", "run back..proof; claims 3m }")
DOUBTFUL = PLAN.replace("run back..proof }", "run back..proof; claims 7m }")


@pytest.mark.parametrize("name", ["text", *FORMATS])
def test_every_format_reports_the_finding_and_exits_1(rbc: Rbc, plan: Path, name: str) -> None:
    plan.write_text(WRONG)
    done = rbc("check", plan.name, "--output-format", name)
    assert (done.returncode, done.stderr) == (1, "")
    assert "RB304" in done.stdout
    assert "scenario `quick` claims 3m and takes 6m" in done.stdout


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_reports_that_nothing_was_found(rbc: Rbc, plan: Path, name: str) -> None:
    done = rbc("check", plan.name, "--output-format", name)
    assert (done.returncode, done.stderr) == (0, "")
    assert "RB304" not in done.stdout


def test_the_plan_of_a_real_document_is_valid_sarif_and_junit(rbc: Rbc) -> None:
    tests = Path(__file__).parents[1]
    seed, schemas = tests / "seed" / "api-v2-1-as-written.rbplan", tests / "review" / "schemas"
    log = json.loads(rbc("check", seed, "--pedantic", "--output-format", "sarif").stdout)
    schema = json.loads((schemas / "sarif-2.1.0-rtm.5.json").read_text("utf-8"))
    Draft4Validator(schema, format_checker=FormatChecker()).validate(log)
    assert len(log["runs"][0]["results"]) > 20
    report = rbc("check", seed, "--pedantic", "--output-format", "junit").stdout
    xmlschema.XMLSchema(str(schemas / "junit-10.xsd")).validate(report.split("\n", 1)[1])


def test_allowed_findings_are_suppressed_results_of_sarif(rbc: Rbc, plan: Path) -> None:
    allowed = '# rbc: allow RB304 "the contract\'s words"\n  scenario'
    plan.write_text(WRONG.replace("scenario", allowed))
    done = rbc("check", plan.name, "--output-format", "sarif")
    assert done.returncode == 0, done.stdout
    (run,) = json.loads(done.stdout)["runs"]
    (result,) = run["results"]
    assert result["ruleId"] == "RB304"
    assert result["suppressions"] == [{"kind": "inSource", "justification": "the contract's words"}]
    for name in ("json", "gitlab"):
        assert rbc("check", plan.name, "--output-format", name).stdout == "[]\n"


def test_json_names_the_fix(rbc: Rbc, plan: Path) -> None:
    plan.write_text(WRONG)
    (found,) = json.loads(rbc("check", plan.name, "--output-format", "json").stdout)
    assert found["fix"] == {
        "description": "claim 6m",
        "safe": False,
        "edits": [{"range": found["range"], "text": "6m"}],
    }
    assert "url" not in found


def test_junit_fails_where_rbc_does(rbc: Rbc, plan: Path) -> None:
    plan.write_text(DOUBTFUL)
    for options, code in (((), 0), (("--strict",), 1)):
        done = rbc("check", plan.name, "--output-format", "junit", *options)
        assert done.returncode == code
        suite = ET.fromstring(done.stdout.encode()).find("testsuite")  # noqa: S314 - ours
        assert suite is not None
        assert suite.get("failures") == str(code)


def test_the_report_goes_into_a_file_and_the_summary_to_the_terminal(
    rbc: Rbc, plan: Path, folder: Path
) -> None:
    plan.write_text(WRONG)
    done = rbc("check", ".", "--output-format", "gitlab", "--output-file", "quality.json")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "1 error in 1 file\n")
    assert json.loads((folder / "quality.json").read_text())[0]["check_name"] == "RB304"
    done = rbc("check", ".", "--output-file", "report.txt", "--color", "auto")
    assert (folder / "report.txt").read_text().startswith("error[RB304]: ")


def test_a_file_that_can_not_be_written_exits_2(rbc: Rbc, plan: Path) -> None:
    done = rbc("check", plan.name, "--output-file", "none/such.json")
    assert done.returncode == 2
    assert "cannot write `none/such.json`: no such file or directory" in done.stderr
    done = rbc("check", plan.name, "--output-file", plan.name)
    assert done.returncode == 2
    assert "would write over `shop.rbplan`: it is a plan or module" in done.stderr
    assert plan.read_text() == PLAN


def test_statistics(rbc: Rbc, plan: Path, folder: Path) -> None:
    plan.write_text(WRONG)
    (folder / "two.rbplan").write_text(WRONG.replace("  level  2\n", "  levle  2\n"))
    (folder / "three.rbplan").write_text(WRONG)
    done = rbc("check", ".", "--statistics")
    assert done.returncode == 1
    rows = [line.split() for line in done.stdout.splitlines()]
    assert " ".join(rows[0]) == ("2 RB304 claimed-time-differs error, 2 can be mended by machine")
    assert rows[-1] == ["3", "in", "all"]
    counted = json.loads(rbc("check", ".", "--statistics", "--output-format", "json").stdout)
    assert counted[0] == {
        "code": "RB304",
        "name": "claimed-time-differs",
        "severity": "error",
        "count": 2,
        "fixable": 2,
    }
    done = rbc("check", ".", "--statistics", "--output-format", "sarif")
    assert done.returncode == 2
    assert "there is no sarif of it" in done.stderr


def test_exit_zero_is_about_findings_and_not_about_what_can_not_be_read(
    rbc: Rbc, plan: Path, folder: Path
) -> None:
    plan.write_text(WRONG)
    done = rbc("check", plan.name, "--exit-zero", "--strict")
    assert done.returncode == 0
    assert "error[RB304]" in done.stdout
    (folder / "empty.rbplan").touch()
    assert rbc("check", ".", "--exit-zero").returncode == 2
    assert rbc("check", "none/", "--exit-zero").returncode == 2


def test_text_marks_what_can_be_mended_and_says_how_much_it_is(rbc: Rbc, plan: Path) -> None:
    plan.write_text(WRONG.replace("  level  2\n", '  level  2 # rbc: allow RB305 "x"\n'))
    output = rbc("check", plan.name).stdout
    assert "hint: write `claims 6m` [unsafe fix]\n" in output
    assert "hint: remove the comment [fix]\n" in output
    assert output.endswith(
        "1 error and 1 warning in 1 file\n"
        "1 can be mended with --fix, 1 more with --fix --unsafe-fixes, to be looked at\n"
    )


def test_a_dash_for_the_file_is_standard_output(rbc: Rbc, plan: Path, folder: Path) -> None:
    done = rbc("check", plan.name, "--output-format", "json", "--output-file", "-")
    assert (done.returncode, done.stdout) == (0, "[]\n")
    assert not (folder / "-").exists()


def test_a_report_is_never_written_over_a_source(rbc: Rbc, plan: Path, folder: Path) -> None:
    (folder / "m.txt").write_text(MODULE)
    (folder / "levels.toml").write_text('format = 1\n[level.2]\nsla = "30m"\n')
    (folder / "b.json").write_text('{"format": 1, "findings": []}\n')
    (folder / "rbc.toml").write_text('policy = "levels.toml"\nbaseline = "b.json"\n')
    plan.write_text(PLAN.replace("rbplan 1\n", 'rbplan 1\nuse "m.txt" as m\n'))
    (folder / "ln.json").symlink_to(plan)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    for name in ("ln.json", "m.txt", "levels.toml", "b.json", "rbc.toml"):
        done = rbc("check", plan.name, "--output-format", "json", "--output-file", name)
        assert done.returncode == 2, name
        assert f"--output-file would write over `{name}`" in done.stderr
    assert {path: path.read_bytes() for path in before} == before
    assert rbc("check", plan.name, "--output-file", "report.txt").returncode == 0


def test_a_name_that_is_no_utf_8_is_an_address_of_its_bytes(rbc: Rbc, folder: Path) -> None:
    (folder / os.fsdecode(b"bad\xff.rbplan")).write_text(WRONG)
    (run,) = json.loads(rbc("check", ".", "--output-format", "sarif").stdout)["runs"]
    places = {
        r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]
    }
    assert places == {"bad%FF.rbplan"}


def test_faults_of_a_policy_are_told_at_their_place(rbc: Rbc, plan: Path, folder: Path) -> None:
    policy = folder / "levels.toml"
    policy.write_text('format = 1\n[level.2]\nsla = "30m"\n\n\n\n\n[levle.3]\nsla = "9m"\n')
    done = rbc("check", plan.name, "--policy", "levels.toml", "--output-format", "concise")
    assert done.stdout.startswith("levels.toml:8:2: error[RB299] a policy file has no `levle`")
    policy.write_text("")
    done = rbc("check", plan.name, "--policy", "levels.toml")
    assert done.returncode == 2
    assert "hint: write `format = 1`" in done.stdout
    assert "a plan starts with" not in done.stdout
