"""Each promise of docs/runtime.md names the tests that hold it, and these exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent


def promises() -> list[tuple[str, list[str]]]:
    text = (ROOT / "docs" / "runtime.md").read_text("utf-8").partition("## What they do not")[0]
    found = []
    for line in text.splitlines():
        if line.startswith("- "):
            sentence, _, tests = line.partition(" — ")
            found.append((sentence, re.findall(r"`(tests/[^`]+)`", tests)))
    return found


def names_in(path: str) -> set[str]:
    file = ROOT / path
    if not file.exists():
        return set()
    tree = ast.parse(file.read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_promise_names_a_test_that_exists() -> None:
    assert len(promises()) > 40
    for sentence, tests in promises():
        assert tests, f"nothing holds: {sentence}"
        for test in tests:
            path, _, name = test.partition("::")
            assert name in names_in(path), f"{test} does not exist: {sentence}"
