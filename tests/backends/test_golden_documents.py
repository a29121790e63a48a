"""The whole text of each document, for a plan with nearly every statement of the language.

A change here is a change that users see: look at the difference, then `pytest --snapshot-update`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.backends.compiling import documents_of, request_of

GOLDEN = Path(__file__).with_name("golden.rbplan")


@pytest.mark.parametrize(
    "path",
    [
        "PLAN.md",
        "auto-rollback.json",
        "report/rollback-failure.json",
        "report/rollback-metrics.json",
        "report/rollback-report.md",
    ],
)
def test_document(path: str, snapshot: SnapshotAssertion) -> None:
    assert documents_of(request_of(GOLDEN.read_text("utf-8"), GOLDEN.name))[path].text == snapshot
