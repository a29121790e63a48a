"""A run that is killed at any record of its journal comes to the same end when it is resumed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.killing import lines_of, run_killed_at, words
from tests.runtime.running import Scripts, plan

Compiled = Callable[[str], Scripts]

# Each step leaves a word in `ran`, and changes the state that the next ones and the verification
# look at. Two phases run side by side; one step finds out by itself whether it was done.
PLAN = plan(
    """
  phase prepare "Prepare" { budget 30s
    step open "Open" { rerunnable; run `echo open >>ran; echo prepared >state` }
  }
  phase left "Left" { after prepare; budget 30s
    step restore "Restore" {
      done_when `test -e restored`
      run `echo restore >>ran; test ! -e restored; touch restored`
    }
    step after "After" { rerunnable; run `echo after >>ran; cp state left` }
    ensure step close "Close" { rerunnable; run `echo close >>ran; touch closed` }
  }
  phase right "Right" { after prepare; budget 30s
    step copy "Copy" { rerunnable; run `echo copy >>ran; cp state right`
      expect "the copy" `cat right` equals "prepared" }
  }
  phase proof "Proof" { after left, right; budget 30s; verify }
  verification { check same "Same" { expect `cat left right` matches "^prepared" } }
"""
)
EVERYTHING = {"open", "restore", "after", "close", "copy"}


def end_state(scripts: Scripts) -> dict[str, str]:
    names = ("state", "left", "right", "restored", "closed")
    return {n: (scripts.folder / n).read_text() for n in names if (scripts.folder / n).exists()}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Scripts:
    scripts = Scripts(tmp_path_factory.mktemp("undisturbed") / "demo", PLAN)
    done = scripts.run()
    assert done.returncode == 0, done.stdout + done.stderr
    return scripts


def test_killed_at_every_record_and_resumed(undisturbed: Scripts, tmp_path: Path) -> None:
    records = len(undisturbed.journal())
    assert records > 20
    for record in range(1, records + 1):
        scripts = Scripts(tmp_path / str(record), PLAN)
        run_killed_at(scripts, record)
        before = lines_of(scripts)
        assert len(before) >= record
        resumed = scripts.run("--resume")
        told = f"killed at record {record}, {before[-1]['event']}: {resumed.stdout}{resumed.stderr}"
        assert resumed.returncode == 0, told
        assert end_state(scripts) == end_state(undisturbed), told
        ran = Counter(words(scripts.folder / "ran"))
        assert set(ran) == EVERYTHING, told
        assert ran["restore"] == 1, told
        # What had an outcome before the kill is not run again.
        for line in before:
            if line["event"] == "step_outcome" and line["kind"] == "run":
                assert ran[line["step"]] == 1, told
        journal = scripts.journal()
        assert journal[: len(before)] == before, told
        assert [line["seq"] for line in journal] == list(range(1, len(journal) + 1)), told
        assert not (scripts.folder / ".rbc/locks/op-1").exists(), told


def test_killed_again_while_it_is_resumed(undisturbed: Scripts, tmp_path: Path) -> None:
    records = len(undisturbed.journal())
    scripts = Scripts(tmp_path / "again", PLAN)
    run_killed_at(scripts, records // 3)
    for record in range(records // 3 + 2, records, 6):
        run_killed_at(scripts, record, "--resume")
    resumed = scripts.run("--resume")
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert end_state(scripts) == end_state(undisturbed)
    assert Counter(words(scripts.folder / "ran"))["restore"] == 1
    assert scripts.document("metrics.json")["rollback_metrics"]["rollback_success"]["attempts"] > 2


@pytest.mark.parametrize("options", ["", "rerunnable; "])
def test_killed_while_it_undoes(compiled: Compiled, tmp_path: Path, options: str) -> None:
    text = plan(
        f"""
  phase work "Work" {{ budget 30s
    step off "Off" {{ {options}run `echo off >>ran; touch off`; undo `echo on >>ran; rm -f off` }}
    step bad "Bad" {{ rerunnable; run `echo bad >>ran; test -e mended` }}
    ensure step last "Last" {{ run `echo last >>ran` }}
  }}"""
    )
    whole = compiled(text)
    assert whole.run().returncode == 1
    undoing = [i for i, line in enumerate(whole.journal(), 1) if line.get("kind") == "undo"]
    for record, line in zip(undoing, (whole.journal()[i - 1] for i in undoing), strict=True):
        scripts = Scripts(tmp_path / str(record), text)
        run_killed_at(scripts, record)
        (scripts.folder / "mended").touch()
        resumed = scripts.run("--resume")
        if not options and line["event"] == "step_intent":
            # How far the undoing came nobody knows, and nothing in the plan says.
            assert resumed.returncode == 3, resumed.stdout
            assert "the outcome of `Off` (work/off) is unknown" in resumed.stderr
            continue
        assert resumed.returncode == 0, resumed.stdout + resumed.stderr
        # What may have been undone is done again before what needs it.
        assert words(scripts.folder / "ran")[-3:] == ["off", "bad", "last"]
        assert (scripts.folder / "off").exists()


def test_an_intent_is_flushed_before_its_deed(compiled: Compiled) -> None:
    scripts = compiled(
        plan("""  phase work "Work" { budget 30s
    step a "A" { run `cp flushed seen-by-a` }
    step b "B" { run `cp flushed seen-by-b` }
  }""")
    )
    # What the journal was when it was last flushed to the disk.
    scripts.stub("sync", '/usr/bin/sync "$@" && /usr/bin/cp "${@: -1}" flushed')
    assert scripts.run().returncode == 0
    for step in ("a", "b"):
        last = (scripts.folder / f"seen-by-{step}").read_text().splitlines()[-1]
        assert f'"event":"step_intent","unit":"work","step":"{step}"' in last


WAVES = """rbplan 1
plan demo "Demo" {
  operation "op-1"
  level 4
  regions {
    wave eu, us
    wave ap
  }
  phase work "Work" { budget 30s
    step a "A" { rerunnable; run `echo "$region-a" >>ran` }
    step b "B" { rerunnable; run `echo "$region-b" >>ran` }
  }
}
"""


def test_killed_in_the_middle_of_a_wave(tmp_path: Path) -> None:
    whole = Scripts(tmp_path / "whole", WAVES)
    assert whole.run().returncode == 0
    lines = whole.journal()
    wave = [i for i, line in enumerate(lines, 1) if line.get("unit") in {"eu/work", "us/work"}]
    for record in (wave[1], wave[len(wave) // 2], wave[-2], len(lines) - 2):
        scripts = Scripts(tmp_path / str(record), WAVES)
        run_killed_at(scripts, record)
        before = lines_of(scripts)
        resumed = scripts.run("--resume")
        assert resumed.returncode == 0, resumed.stdout + resumed.stderr
        ran = words(scripts.folder / "ran")
        assert set(ran) == {f"{r}-{s}" for r in ("eu", "us", "ap") for s in "ab"}
        # The second wave begins when the first is done, also over the kill.
        first = max(i for i, word in enumerate(ran) if not word.startswith("ap"))
        assert [i for i, word in enumerate(ran) if word.startswith("ap")] > [first], ran
        done = [x for x in before if x["event"] == "step_outcome"]
        for line in done:
            assert ran.count(f"{line['unit'].partition('/')[0]}-{line['step']}") == 1
