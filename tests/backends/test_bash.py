"""The scripts as text: well formed for ShellCheck and shfmt, verbatim, the same everywhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from rbdsl.backends.bash import emit, runtime
from rbdsl.backends.bash_pieces import body
from tests.backends.compiling import EXAMPLES, example, request_whatever_is_found
from tests.backends.hostile import hostile_plan

TOOLS = Path(sys.executable).parent
SHFMT = ["-ln", "bash", "-i", "2", "-ci"]
NOT_ASKED = "SC2250,SC2310,SC2311,SC2312"
"""What is left out of ShellCheck's optional checks; docs/shellcheck.md says why."""
EXAMPLE_NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/*.rbplan"))


def shellcheck(*arguments: str | Path) -> str:
    done = subprocess.run(
        [TOOLS / "shellcheck", "--norc", "--format=gcc", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin"},
    )
    return done.stdout + done.stderr


def shfmt(paths: list[Path]) -> tuple[int, str]:
    """The exit status, and what shfmt would change."""
    done = subprocess.run(
        [TOOLS / "shfmt", *SHFMT, "-d", *paths], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


def written(folder: Path, text: str | None = None, name: str = "") -> list[Path]:
    request = example(name) if text is None else request_whatever_is_found(text)
    assert request is not None
    paths = []
    for file in emit(request):
        paths.append(folder / file.path)
        paths[-1].write_text(file.text, encoding="utf-8")
    return paths


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("name", EXAMPLE_NAMES)
def test_examples_are_clean_for_shellcheck(tmp_path: Path, name: str, number: int) -> None:
    """The analysis of data flow is left to the plan with everything: it takes seconds a script."""
    paths = written(tmp_path, name=name)
    assert len(paths) == 4
    assert shellcheck("--extended-analysis=false", paths[number]) == ""


@pytest.mark.parametrize("name", EXAMPLE_NAMES)
def test_examples_are_clean_for_shfmt(tmp_path: Path, name: str) -> None:
    assert shfmt(written(tmp_path, name=name)) == (0, "")


def test_optional_checks_are_clean_but_for_those_that_the_docs_name(tmp_path: Path) -> None:
    found = shellcheck(
        "--enable=all", f"--exclude={NOT_ASKED}", *written(tmp_path, name="kubernetes")[:1]
    )
    assert found == ""


def test_a_plan_with_everything_is_clean(tmp_path: Path) -> None:
    text = "shellcheck disable=all $(x) `y` ~ \\ it’s “q” 'a' \"b\"\n} c"
    paths = written(tmp_path, hostile_plan(text, "true"))
    assert shellcheck(*paths) == ""
    assert shfmt(paths) == (0, "")


def test_a_plan_without_a_single_value_is_clean(tmp_path: Path) -> None:
    step = 'phase a "A" { budget 1m; step s "S" { run `true` } }'
    paths = written(tmp_path, f'rbplan 1\nplan x "X" {{ level 2\n{step}\n}}\n')
    assert shellcheck("--extended-analysis=false", paths[0]) == ""


def test_no_script_turns_a_check_off(tmp_path: Path) -> None:
    for path in written(tmp_path, name=EXAMPLE_NAMES[0]):
        assert "# shellcheck" not in path.read_text(encoding="utf-8")


def test_the_runtime_is_the_same_in_every_script() -> None:
    for name in EXAMPLE_NAMES:
        for file in emit(example(name)):
            assert file.executable
            assert file.text.count(runtime()) == 1


def test_what_people_read_of_a_script_is_short_and_stands_first() -> None:
    (script,) = [f.text for f in emit(example("api-v2.1")) if f.path == "rollback.sh"]
    plan, line, rest = script.partition("\n# THE RUNTIME: ")
    assert line
    # A plan of eight phases with all that it may run; what is below the line only grows on purpose.
    assert len(plan.encode()) < 60_000
    assert len(rest.encode()) < 175_000
    assert "\n# THE PLAN\n" in plan[:1500]
    third = plan.index("\n# Phase 3 of 8: Database Rollback (budget ")
    assert plan.index("\nphase.database() {", third) < plan.index("\n# Phase 4 of 8", third)


def test_shell_is_verbatim_and_indented_where_that_is_safe() -> None:
    assert body("a \\\n  b") == ["  a \\", "    b"]
    assert body("cat << X\nbody\nX\nb") == ["  cat << X", "body", "X", "  b"]
    assert body("# nothing") == ["  # nothing", "  :"]
    assert body("a\n\nb") == ["  a", "", "  b"]


def test_shell_that_does_not_parse_is_never_written() -> None:
    text = 'rbplan 1\nplan x "X" {\nlevel 2\nphase a "A" { budget 1m; step s "S" { run `}; touch x; {` } }\n}\n'
    request = request_whatever_is_found(text)
    assert request is not None
    with pytest.raises(ValueError, match="can't stand in a function"):
        emit(request)
