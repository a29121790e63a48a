"""Steps: strict mode, output, limits, retries, expectations, done_when."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime.running import Scripts, is_running, one_phase, wait_for

Compiled = Callable[[str], Scripts]


@pytest.mark.parametrize(
    "shell",
    [
        "false; touch reached",
        "false | cat; touch reached",
        'echo "$nowhere"; touch reached',
        "x=$(false; echo a); touch reached",
        "f() { false; touch reached; }; f",
    ],
)
def test_a_step_ends_at_its_first_failure(compiled: Compiled, shell: str) -> None:
    scripts = compiled(one_phase(f'step a "A" {{ run `{shell}` }}\nstep b "B" {{ run `touch b` }}'))
    result = scripts.run()
    assert result.returncode == 1, result.stdout
    assert scripts.outcomes() == [("a", "run", "failed")]
    assert scripts.left() == [".rbc"]


def test_a_step_has_no_stdin_and_its_output_is_kept_and_shown(compiled: Compiled) -> None:
    scripts = compiled(
        one_phase('step a "A" { run `cat; echo out; echo err >&2; printf "no newline"` }')
    )
    result = scripts.run(stdin="not for steps\n")
    assert result.returncode == 0, result.stdout + result.stderr
    log = (scripts.run_folder / "log" / "work.a.log").read_text()
    assert log == "out\nerr\nno newline\n"
    shown = [line for line in result.stdout.splitlines() if "│" in line]
    assert [line.split("│ ")[1] for line in shown] == ["out", "err", "no newline"]
    assert all(line.split()[1] == "work" for line in shown)


def test_steps_do_not_see_each_other_and_cannot_touch_the_runtime(compiled: Compiled) -> None:
    scripts = compiled(
        one_phase(
            """
            step a "A" { run `set +e; rbc_status=9; trap 'exit 0' EXIT; cd /; exec 4>&- 5>&-; x=1` }
            step b "B" { run `test -z "${x-}"; test -x rollback.sh` }
            """
        )
    )
    result = scripts.run()
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_time_limit_ends_the_whole_group(compiled: Compiled) -> None:
    scripts = compiled(
        one_phase(
            """
            step slow "Slow" {
              timeout 500ms
              run ```
                (trap '' TERM; sleep 30 & echo "$!" > grandchild; wait; sleep 30) &
                trap '' TERM
                sleep 30
                sleep 30
              ```
            }
            """,
            "budget 60s",
        )
    )
    result = scripts.run()
    assert result.returncode == 1
    (outcome,) = scripts.events("step_outcome")
    assert (outcome["outcome"], outcome["status"]) == ("timed_out", 124)
    assert "time limit of the step" in outcome["error"]
    assert not is_running((scripts.folder / "grandchild").read_text())


def test_a_status_of_124_alone_is_no_time_limit(compiled: Compiled) -> None:
    scripts = compiled(one_phase('step a "A" { run `exit 124` }'))
    assert scripts.run().returncode == 1
    assert scripts.outcomes() == [("a", "run", "failed")]


def test_what_a_step_leaves_running_is_stopped(compiled: Compiled) -> None:
    scripts = compiled(one_phase('step a "A" { run `sleep 60 & echo "$!" > child` }'))
    assert scripts.run().returncode == 0
    assert not is_running((scripts.folder / "child").read_text())


def test_retries_are_counted_and_journaled(compiled: Compiled) -> None:
    step = (
        'step a "A" {{ retry {} every 10ms; run `echo x >> tries; test "$(wc -l < tries)" -ge 3` }}'
    )
    scripts = compiled(one_phase(step.format(2)))
    assert scripts.run().returncode == 0
    assert scripts.outcomes() == [
        ("a", "run", "failed"),
        ("a", "run", "failed"),
        ("a", "run", "done"),
    ]
    assert [e["attempt"] for e in scripts.events("step_intent")] == [1, 2, 3]


def test_the_pause_before_an_attempt_ends_with_the_phase(compiled: Compiled) -> None:
    scripts = compiled(
        one_phase(
            'step a "A" { retry 1 every 8m; run `echo x >> tries; false` }',
            "budget 10s; timeout 2s",
        )
    )
    assert scripts.run().returncode == 1
    assert (scripts.folder / "tries").read_text() == "x\n"
    assert [line["outcome"] for line in scripts.events("phase_end")] == ["failed"]


def test_retries_come_to_an_end(compiled: Compiled) -> None:
    scripts = compiled(one_phase('step a "A" { retry 2; run `echo x >> tries; false` }'))
    assert scripts.run().returncode == 1
    assert (scripts.folder / "tries").read_text() == "x\n" * 3


@pytest.mark.parametrize(
    ("expectation", "holds"),
    [
        ("`true`", True),
        ("`false`", False),
        ('`printf "  a b\\n\\n"` equals "a b"', True),
        ('`echo abc` equals "ab"', False),
        ('`echo "a*"` equals "a?"', False),
        ('`echo xabcx` contains "abc"', True),
        ('`echo xabcx` contains "a*c"', False),
        ('`echo v2.0.8` matches "^v2\\\\.0\\\\.[0-9]+$"', True),
        ('`echo v2x0.8` matches "^v2\\\\.0\\\\.[0-9]+$"', False),
        ('`echo a` matches "("', False),
        ('`printf "1\\n2\\n"` equals_file "wanted.txt"', True),
        ('`echo 3` equals_file "wanted.txt"', False),
        ('`echo 3` equals_file "missing.txt"', False),
        ('`echo ""` equals_file "missing.txt"', False),
        ('`echo a; exit 3` equals "a"', False),
    ],
)
def test_expectations(compiled: Compiled, expectation: str, holds: bool) -> None:
    scripts = compiled(one_phase(f'step a "A" {{ run `true`; expect "it" {expectation} }}'))
    (scripts.folder / "wanted.txt").write_text("1\n2\n")
    result = scripts.run()
    assert result.returncode == (0 if holds else 1), result.stdout
    if not holds:
        assert scripts.events("step_outcome")[0]["error"].startswith("it: ")


def test_an_expectation_is_asked_until_it_holds(compiled: Compiled) -> None:
    scripts = compiled(
        one_phase(
            'step a "A" { run `true`\n'
            'expect `echo x >> asked; wc -l < asked` equals "3" within 10s every 50ms }'
        )
    )
    assert scripts.run().returncode == 0
    assert (scripts.folder / "asked").read_text() == "x\n" * 3


def test_done_already_is_not_done_again(compiled: Compiled) -> None:
    scripts = compiled(
        one_phase('step a "A" { done_when `test -e done`; run `echo x >> runs; touch done` }')
    )
    assert scripts.run().returncode == 0
    assert scripts.outcomes() == [("a", "run", "done")]
    second = scripts.run("--run-dir", "second")
    assert second.returncode == 0
    assert "already done" in second.stdout
    assert (scripts.folder / "runs").read_text() == "x\n"


def test_a_step_may_fail_where_the_plan_says_so(compiled: Compiled) -> None:
    scripts = compiled(
        one_phase('step a "A" { on_failure continue; run `false` }\nstep b "B" { run `true` }')
    )
    assert scripts.run().returncode == 0
    assert scripts.outcomes() == [("a", "run", "failed"), ("b", "run", "done")]


def test_heredocs_and_strings_keep_their_bytes(compiled: Compiled) -> None:
    scripts = compiled(
        one_phase(
            """
            step a "A" {
              run ````
                cat > out << 'END'
                first
                  second ```
                END
                printf '%s' 'one
                  two' > string
                if true; then
                  cat >> out <<- 'END'
                \ttabbed
                \tEND
                fi
              ````
            }
            """
        )
    )
    result = scripts.run()
    assert result.returncode == 0, result.stdout + result.stderr
    assert (scripts.folder / "out").read_text() == "first\n  second ```\ntabbed\n"
    assert (scripts.folder / "string").read_text() == "one\n  two"


def test_a_step_whose_log_is_read_no_more_says_so_and_is_tried_again(compiled: Compiled) -> None:
    run = (
        "touch here; while ! test -e go; do sleep 0.05; done; echo x; sleep 0.1; echo y; touch ran"
    )
    scripts = compiled(one_phase(f'step a "A" {{ retry 1 every 1s; run `{run}` }}', "budget 60s"))
    with scripts.started() as process:
        wait_for(scripts.folder / "here")
        alive = scripts.folder / ".rbc/locks/op-1/alive"
        (unit,) = (file.read_text().split()[0] for file in alive.glob("unit.*"))
        for child in Path(f"/proc/{unit}/task/{unit}/children").read_text().split():
            if Path(f"/proc/{child}/comm").read_text().strip() != "timeout":
                os.kill(int(child), signal.SIGKILL)
        (scripts.folder / "go").touch()
        told, _ = process.communicate(timeout=60)
    assert process.returncode == 0, told
    assert "the process that writes down what it prints was killed" in told
    assert [outcome for _, _, outcome in scripts.outcomes()] == ["failed", "done"]
    (log,) = scripts.run_folder.glob("log/work.a.log")
    assert log.read_text().split() == ["x", "y"]


def test_a_step_that_stops_itself_is_ended_by_its_time_limit(compiled: Compiled) -> None:
    scripts = compiled(one_phase('step a "A" { timeout 1s; run `kill -STOP 0; touch late` }'))
    done = scripts.run()
    assert done.returncode == 1, done.stdout
    assert "A: stopped at the time limit of the step" in done.stdout
    assert not (scripts.folder / "late").exists()


@pytest.mark.parametrize(
    ("expectation", "holds"),
    [
        ('equals_file "wanted.txt"', True),
        ('contains "19999"', True),
        ('matches "20000$"', True),
        ('contains "20001"', False),
    ],
)
def test_all_of_a_long_output_is_looked_at(
    compiled: Compiled, expectation: str, holds: bool
) -> None:
    scripts = compiled(one_phase(f'step a "A" {{ run `true`; expect `seq 20000` {expectation} }}'))
    wanted = "".join(f"{number}\n" for number in range(1, 20001))
    (scripts.folder / "wanted.txt").write_text(wanted)
    assert scripts.run().returncode == (0 if holds else 1)


def test_a_time_limit_of_the_login_shell_ends_no_step(compiled: Compiled) -> None:
    scripts = compiled(one_phase('step a "A" { run `sleep 3; echo "over: ${TMOUT-none}" >&2` }'))
    done = scripts.run(env={"TMOUT": "1"})  # as hardened hosts export it
    assert done.returncode == 0, done.stdout
    assert "over: none" in done.stdout
