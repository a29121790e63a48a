"""What a configuration does to `rbc check`, `rbc compile` and `rbc graph`, from outside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import PLAN, Rbc

WRONG = PLAN.replace("run back..proof }", "run back..proof; claims 3m }")
"""RB304, an error: the scenario takes longer than it claims."""

LONG = PLAN.replace("run back..proof }", "run back..proof; claims 7m }")
"""RB304, a warning: the scenario claims more than it takes."""


@pytest.fixture
def wrong(plan: Path) -> Path:
    plan.write_text(WRONG)
    return plan


def test_ignored_findings_stop_neither_check_nor_compile(
    rbc: Rbc, wrong: Path, folder: Path
) -> None:
    assert rbc("compile", wrong).returncode == 1
    (folder / "rbc.toml").write_text('ignore = ["claimed-time-differs"]\n')
    assert rbc("check", wrong).stdout == "nothing to report in 1 file\n"
    assert rbc("compile", wrong).returncode == 0
    assert (folder / "build/shop/rollback.sh").exists()


def test_severities_decide_the_exit_code(rbc: Rbc, plan: Path, folder: Path) -> None:
    plan.write_text(LONG)
    assert rbc("check", plan).returncode == 0
    (folder / "rbc.toml").write_text('severity = { RB304 = "error" }\n')
    done = rbc("check", plan)
    assert done.returncode == 1
    assert "error[RB304]" in done.stdout
    assert rbc("compile", plan).returncode == 1


def test_strict_and_pedantic_hold_for_the_plans_below(rbc: Rbc, plan: Path, folder: Path) -> None:
    text = LONG.replace("after proof\n", "after proof, back\n")  # RB502, redundant-order
    plan.write_text(text)
    (folder / "strict").mkdir()
    (folder / "strict/rbc.toml").write_text("strict = true\npedantic = true\n")
    (folder / "strict/web.rbplan").write_text(text.replace("plan shop", "plan web"))
    done = rbc("check", plan)
    assert (done.returncode, "RB502" in done.stdout) == (0, False)
    done = rbc("check", "strict")
    assert (done.returncode, "pedantic[RB502]" in done.stdout) == (1, True)
    done = rbc("check", ".")
    assert done.returncode == 1
    assert done.stdout.count("[RB502]") == 1


def test_the_levels_of_a_configuration(rbc: Rbc, plan: Path, folder: Path) -> None:
    (folder / "org").mkdir()
    (folder / "org/levels.toml").write_text('format = 1\n[level.2]\nsla = "5m"\n')
    (folder / "rbc.toml").write_text('policy = "org/levels.toml"\n')
    assert "error[RB301]" in rbc("check", plan).stdout
    assert "SLA of level 2   5m" in rbc("graph", plan).stdout
    assert rbc("check", plan, "--no-config").returncode == 0
    (folder / "other.toml").write_text('format = 1\n[level.2]\nsla = "30m"\n')
    assert rbc("check", plan, "--policy", "other.toml").returncode == 0
    (folder / "org/levels.toml").write_text("format = 1\n[level.2]\nsla = 5\n")
    done = rbc("check", plan)
    assert done.returncode == 2
    assert "error[RB299]" in done.stdout
    assert " --> org/levels.toml:3:1" in done.stdout
    (folder / "org/levels.toml").unlink()
    done = rbc("check", plan)
    assert done.returncode == 2
    assert "error[RB299]: there is no policy `org/levels.toml`\n --> rbc.toml:1:1" in done.stdout


def test_a_broken_configuration_exits_2_and_says_where(rbc: Rbc, plan: Path, folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub/rbc.toml").write_text('\nignore = ["RB402", "clamed-time-differs"]\n')
    (folder / "sub/bad.rbplan").write_text(WRONG)
    plan.write_text(LONG)
    for command in ("check", "compile", "graph"):
        done = rbc(command, "sub")
        assert done.returncode == 2
        output = done.stdout + done.stderr
        assert "error[RB298]: `RB402` can't be ignored" in output
        assert " --> sub/rbc.toml:2:11" in output
        assert " --> sub/rbc.toml:2:20" in output
        assert "hint: did you mean `claimed-time-differs`?" in output
        assert "RB304" not in output
        assert "Traceback" not in output
    # The other plans are checked nevertheless.
    done = rbc("check", ".", "--output-format", "json")
    assert done.returncode == 2
    codes = [found["code"] for found in json.loads(done.stdout)]
    assert sorted(codes) == ["RB298", "RB298", "RB304"]


def test_the_command_line_overrides(rbc: Rbc, wrong: Path, folder: Path) -> None:
    (folder / "rbc.toml").write_text('ignore = ["RB304"]\n')
    assert rbc("check", wrong).returncode == 0
    assert rbc("check", wrong, "--select", "RB304").returncode == 1
    assert rbc("check", wrong, "--select", "RB8,SC", "--select", "RB9").returncode == 0
    assert rbc("check", wrong, "--no-config").returncode == 1
    assert rbc("check", wrong, "--no-config", "--ignore", "RB302,RB304").returncode == 0
    (folder / "ci.toml").write_text("strict = true\n")
    assert rbc("check", wrong, "--config", "ci.toml").returncode == 1
    assert rbc("compile", wrong, "--config", "ci.toml", "--ignore", "RB3").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--select", "RB0304"], "--select: there is no rule `RB0304`"),
        (["--ignore", "claimed-time-difers"], "did you mean `claimed-time-differs`?"),
        (["--ignore", "RB402"], "--ignore: `RB402` can't be ignored"),
        (["--ignore", "RB3,"], "--ignore: there is no rule ``"),
        (["--ignore", "RB302", "--select", "RB302"], "`RB302` is in --select and in --ignore"),
        (["--config", "x.toml", "--no-config"], "contradict each other"),
        (["--config", ""], "the path is empty"),
    ],
)
def test_wrong_options(rbc: Rbc, plan: Path, arguments: list[str], words: str) -> None:
    done = rbc("check", plan, *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stdout == ""


def test_a_configuration_that_is_named_has_to_be_there(rbc: Rbc, plan: Path) -> None:
    done = rbc("check", plan, "--config", "none.toml")
    assert done.returncode == 2
    assert "error[RB100]: there is no such file" in done.stdout


def test_what_is_excluded_is_checked_when_it_is_named(rbc: Rbc, wrong: Path, folder: Path) -> None:
    (folder / "rbc.toml").write_text('exclude = ["old/**"]\n')
    (folder / "old").mkdir()
    wrong.rename(folder / "old/a.rbplan")
    (folder / "good.rbplan").write_text(PLAN)
    assert rbc("check", ".").stdout == "nothing to report in 1 file\n"
    assert rbc("check", "**/*.rbplan").stdout == "nothing to report in 1 file\n"
    assert rbc("check", "old/a.rbplan").returncode == 1
    done = rbc("check", "old")
    assert done.returncode == 2
    assert "the *.rbplan file in 'old' is excluded: see rbc.toml:1" in done.stderr
    (folder / "rbc.toml").write_text('include = ["old/**"]\n')
    assert "1 error in 1 file" in rbc("check", ".").stdout


def test_what_is_not_included_is_called_so(rbc: Rbc, wrong: Path, folder: Path) -> None:
    (folder / "rbc.toml").write_text('include = ["*.foo"]\n')
    message = "the *.rbplan file in '.' is not included: see rbc.toml:1"
    assert message in rbc("check", ".").stderr
    (folder / "b.rbplan").write_text(PLAN)
    message = "none of the 2 *.rbplan files in '.' is included: see rbc.toml:1"
    assert message in rbc("check", ".").stderr
    (folder / "rbc.toml").write_text('include = ["*.foo"]\nexclude = ["b*"]\n')
    message = "all 2 *.rbplan files in '.' are excluded or not included: see rbc.toml:2, rbc.toml:1"
    assert message in rbc("check", ".").stderr
    del wrong


def test_a_named_file_is_left_out_where_that_is_forced(rbc: Rbc, wrong: Path, folder: Path) -> None:
    (folder / "rbc.toml").write_text('exclude = ["old"]\n')
    (folder / "old").mkdir()
    wrong.rename(folder / "old/a.rbplan")
    (folder / "good.rbplan").write_text(PLAN)
    for command in ("check", "compile"):
        done = rbc(command, "old/a.rbplan", "good.rbplan", "--force-exclude")
        assert done.returncode == 0, done.stderr
        assert rbc(command, "old/a.rbplan", "good.rbplan").returncode == 1
        for arguments in (["old/a.rbplan"], ["old"], ["old/*.rbplan"]):
            done = rbc(command, "--force-exclude", *arguments)
            assert done.returncode == 0
            assert done.stderr == "rbc: the one file is left out: see rbc.toml:1\n"
    # What is not there is no less a mistake.
    assert rbc("check", "--force-exclude", "old/a.rbplan", "none.rbplan").returncode == 2
    assert rbc("check", "--force-exclude", "old/a.rbplan", "x*.rbplan").returncode == 2


def test_a_plan_from_standard_input_has_the_settings_of_its_name(rbc: Rbc, folder: Path) -> None:
    (folder / "plans").mkdir()
    (folder / "plans/rbc.toml").write_text('[per-path."a*"]\nignore = ["RB304"]\n')
    name = ["-", "--stdin-filename"]
    assert rbc("check", *name, "plans/a.rbplan", stdin=WRONG).returncode == 0
    assert rbc("check", *name, "plans/b.rbplan", stdin=WRONG).returncode == 1
    assert rbc("check", "-", stdin=WRONG).returncode == 1


def test_pyproject(rbc: Rbc, wrong: Path, folder: Path) -> None:
    (folder / "rbc.toml").unlink()
    (folder / "pyproject.toml").write_text('[tool.rbc]\nignore = ["RB304"]\n')
    assert rbc("check", wrong).returncode == 0
    (folder / "pyproject.toml").write_text('[tool.rbc]\nignore = ["RB304"\n')
    done = rbc("check", wrong)
    assert done.returncode == 2
    assert "error[RB298]: the configuration is not valid TOML" in done.stdout


def test_a_path_that_does_not_exist_is_told(rbc: Rbc, plan: Path, folder: Path) -> None:
    (folder / "plans").mkdir()
    (folder / "rbc.toml").write_text(
        'ignore = ["RB5"]\n'
        '[per-path."plans/legcy/**"]\nignore = ["RB304"]\n'
        '[per-path."plans/*.rbplan"]\nignore = ["RB304"]\n'
        '[per-path."old"]\nignore = ["RB304"]\n'
        '[per-path."**/other/*"]\nignore = ["RB304"]\n'
        f'[per-path."./{plan.name}"]\nignore = ["RB304"]\n'
    )
    for _ in range(2):  # the second one from the cache
        done = rbc("check", plan, "--output-format", "concise")
        assert done.returncode == 0
        assert done.stdout == (
            "rbc.toml:2:2: warning[RB298] `plans/legcy/**` means no file: "
            "there is no `plans/legcy` beside this configuration\n"
        )
    assert rbc("check", plan, "--strict").returncode == 1
    assert rbc("check", plan, "--no-config").stdout == "nothing to report in 1 file\n"
