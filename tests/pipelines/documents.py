"""The examples of `docs/ci.md`, by the file names that they are shown under."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(
    r"^```(?P<kind>\w+)(?: (?P<name>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


def example(name: str) -> str:
    """The text of the fence with that file name."""
    text = (ROOT / "docs" / "ci.md").read_text("utf-8")
    (found,) = [match["text"] for match in _FENCE.finditer(text) if match["name"] == name]
    return str(found)


def validate(schema: str, path: Path, *options: str) -> None:
    """Check a file by one of the schemas that check-jsonschema brings."""
    command = [str(Path(sys.executable).parent / "check-jsonschema"), "--builtin-schema", schema]
    done = subprocess.run([*command, *options, path], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(done.stdout + done.stderr, pytrace=False)
