"""Fixtures of the tests that run scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.runtime.metric_server import MetricServer, metric_server
from tests.runtime.running import Scripts


@pytest.fixture
def compiled(tmp_path: Path) -> Callable[[str], Scripts]:
    """Writes the scripts of a plan text into a folder of the test."""
    return lambda text: Scripts(tmp_path / "demo", text)


@pytest.fixture
def server() -> Iterator[MetricServer]:
    """A source of metrics that answers what the test tells it to."""
    with metric_server() as running:
        yield running
