"""Whichever step of whichever example fails: what its phase did is undone, nothing new is begun,
and the run says where it failed.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rbdsl.compiler import emit
from rbdsl.model.plan import Phase, Plan
from rbdsl.model.steps import Step
from tests.examples.stand_ins import Site
from tests.examples.test_examples import NAMES, plan
from tests.runtime.running import JsonObject


def plan_of(name: str) -> Plan:
    found = plan(name).plan
    assert found is not None
    return found


def steps_of(name: str) -> list[tuple[Phase, Step]]:
    """The steps of an example that run something."""
    phases = plan_of(name).phases
    return [(p, s) for p in phases for s in p.all_steps if s.run is not None]


CASES = [
    pytest.param(name, phase, step, id=f"{name}-{phase.name}-{step.name}")
    for name in NAMES
    for phase, step in steps_of(name)
]


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """For each example a folder with its scripts and one with what its capture.sh saved."""
    folders = {}
    for name in NAMES:
        folders[name] = folder = tmp_path_factory.mktemp(name)
        for output in emit(plan(name)):
            if output.executable:
                (folder / output.path).write_text(output.text, encoding="utf-8")
                (folder / output.path).chmod(0o755)
        (folder / "capturing").mkdir()
        place = Site(folder / "capturing", folder)
        done = place.run("capture.sh", "--artifacts", str(folder / "artifacts"))
        assert done.returncode == 0, done.stdout + done.stderr
    return folders


@contextmanager
def everything_approved(folder: Path) -> Iterator[None]:
    """Answers each gate that opens, by the file that a run looks for."""
    over = threading.Event()

    def answer() -> None:
        while not over.is_set():
            for waiting in folder.glob(".rbc/runs/*/gates/*.waiting"):
                waiting.with_suffix("").write_text("approved tester\n", encoding="utf-8")
            time.sleep(0.1)

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def broken(script: str, phase: Phase, step: Step) -> str:
    """The script with a step that was not done before, and fails before it does anything."""
    if step.done_when is not None:
        asked = f"done.{phase.name}.{step.name}() {{\n"
        assert script.count(asked) == 1
        script = script.replace(asked, f"{asked}  return 1\n")
    head = f"step.{phase.name}.{step.name}() {{\n"
    assert script.count(head) == 1
    return script.replace(head, f'{head}  echo "no such thing" >&2\n  return 9\n')


@pytest.mark.parametrize(("name", "phase", "step"), CASES)
def test_a_failing_step(
    name: str, phase: Phase, step: Step, captured: dict[str, Path], tmp_path: Path
) -> None:
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    text = (captured[name] / "rollback.sh").read_text(encoding="utf-8")
    (scripts / "rollback.sh").write_text(broken(text, phase, step), encoding="utf-8")
    (scripts / "rollback.sh").chmod(0o755)
    place = Site(tmp_path, scripts)
    (place.commands / "sleep").write_text("#!/bin/bash\nexec /bin/sleep 0.02\n")  # between attempts
    (place.commands / "sleep").chmod(0o755)
    with everything_approved(place.folder):
        done = place.run("rollback.sh", "--artifacts", str(captured[name] / "artifacts"))
    (run,) = (place.folder / ".rbc/runs").iterdir()
    lines: list[JsonObject] = [
        json.loads(line) for line in (run / "journal.jsonl").read_text().splitlines()
    ]
    told = done.stdout + done.stderr
    assert "no such thing" in told
    assert not list((place.folder / ".rbc/locks").iterdir())
    if step.continue_on_failure:
        assert done.returncode == 0, told
        assert not (run / "failure.json").exists()
        return
    assert done.returncode == 1, told
    last = [
        i
        for i, line in enumerate(lines)
        if line["event"] == "step_outcome"
        and line["step"] == step.name.text
        and line["unit"].rpartition("/")[2] == phase.name.text
    ][-1]
    unit = lines[last]["unit"]
    assert lines[last]["outcome"] == "failed"
    assert lines[last]["error"] == "exit status 9: no such thing"
    rest = lines[last + 1 :]
    ended = next(i for i, x in enumerate(rest) if x["event"] == "phase_end" and x["unit"] == unit)
    assert not [line for line in rest[ended:] if line["event"] == "phase_start"], told
    own = [x for x in rest if x["event"] == "step_outcome" and x["unit"] == unit]
    ensured = [s.name.text for s in phase.ensure]
    if step.name.text in ensured:
        ensured = ensured[ensured.index(step.name.text) + 1 :]
        undone: list[str] = []
    else:
        before = [s for s in phase.steps if s.span.start < step.span.start]
        undone = [s.name.text for s in reversed(before) if s.undo is not None]
    assert [x["step"] for x in own if x["kind"] == "undo"] == undone, told
    assert [x["step"] for x in own if x["kind"] == "ensure"] == ensured, told
    failure = json.loads((run / "failure.json").read_text())["rollback_failure"]
    assert failure["failure_details"]["step"] == step.title.plain
    assert failure["failure_details"]["phase"] == phase.title.plain
    assert (run / failure["failure_details"]["logs"]).exists()
