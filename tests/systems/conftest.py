"""Fixtures of the tests of real systems."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime.running import Scripts


@pytest.fixture
def compiled(tmp_path: Path) -> Callable[[str], Scripts]:
    """Writes the scripts of a plan text into a folder of the test."""
    return lambda text: Scripts(tmp_path / "demo", text)
