"""Preflight, and what capture.sh keeps for it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from tests.runtime.running import Scripts, plan

Compiled = Callable[[str], Scripts]


def test_preflight_lists_everything_at_once(compiled: Compiled) -> None:
    scripts = compiled(
        plan(
            """
  secret TOKEN
  capture { step c "C" { creates dump "x.dump" checksum sha256; run `echo data > "$dump"` } }
  phase work "Work" { budget 10s
    step a "A" { uses dump; requires some-tool; run `other-tool --x "$dump" "$TOKEN" | sudo -n third-tool; touch a` }
    step b "B" { run `if command -v maybe-tool; then maybe-tool; fi; ./no-script.sh` } }
"""
        )
    )
    result = scripts.run()
    assert result.returncode == 3
    for word in ("$TOKEN", "some-tool", "other-tool", "third-tool", "./no-script.sh", "x.dump"):
        assert word in result.stdout
    assert "maybe-tool" not in result.stdout
    assert scripts.left() == []


CAPTURE = plan(
    """
  capture {
    fact "Sessions" is "~12"
    step c "C" { creates dump "sub/x.dump" checksum sha256; run `CODE` }
  }
  phase work "Work" { budget 10s; step a "A" { uses dump; run `cp "$dump" restored` } }
"""
)


def test_what_was_captured_is_restored(compiled: Compiled) -> None:
    scripts = compiled(CAPTURE.replace("CODE", 'echo data > "$dump"'))
    captured = scripts.run(role="capture")
    assert captured.returncode == 0, captured.stdout + captured.stderr
    folder = scripts.folder / ".rbc" / "artifacts" / "demo"
    manifest = (folder / "manifest.txt").read_text()
    assert manifest.startswith(hashlib.sha256(b"data\n").hexdigest() + "  dump  sub/x.dump\n")
    assert "# plan_sha256 " in manifest
    assert "# fact Sessions: ~12" in manifest
    assert scripts.run().returncode == 0
    assert (scripts.folder / "restored").read_text() == "data\n"
    assert scripts.run(role="capture").returncode == 3
    assert scripts.run("--force", role="capture").returncode == 0
    assert [p.name for p in folder.parent.iterdir()] == ["demo"]


@pytest.mark.parametrize("code", ["false", 'echo data > "$dump"; false', "true", 'touch "$dump"'])
def test_a_capture_that_fails_leaves_nothing(compiled: Compiled, code: str) -> None:
    scripts = compiled(CAPTURE.replace("CODE", code))
    result = scripts.run(role="capture")
    assert result.returncode == 1, result.stdout
    assert list((scripts.folder / ".rbc" / "artifacts").iterdir()) == []


@pytest.mark.parametrize("damage", ["changed", "missing", "no checksum"])
def test_an_artifact_that_is_not_what_was_captured(compiled: Compiled, damage: str) -> None:
    scripts = compiled(CAPTURE.replace("CODE", 'echo data > "$dump"'))
    scripts.run(role="capture")
    folder = scripts.folder / ".rbc" / "artifacts" / "demo"
    if damage == "changed":
        (folder / "sub" / "x.dump").write_text("data and more\n")
    elif damage == "missing":
        (folder / "sub" / "x.dump").unlink()
    else:
        (folder / "manifest.txt").unlink()
    result = scripts.run()
    assert result.returncode == 3
    assert "dump" in result.stdout
    assert not (scripts.folder / "restored").exists()
