"""What is found does not depend on which texts were read before, and are kept in mind."""

from __future__ import annotations

from pathlib import Path

import pytest

from rbdsl.analysis.calls import calls
from tests.checking import checked

FIXTURES = Path(__file__).parent


@pytest.mark.parametrize("code", ["rb854", "rb950", "rb952", "rb960", "rb967", "rb978"])
def test_calls_that_are_read_again_are_the_same_calls(code: str) -> None:
    plans = (FIXTURES / f"{code}.rbplan").read_text("utf-8").split("\n\nrbplan 1\n")
    for plan in plans:
        text = plan if plan.startswith("rbplan") else f"rbplan 1\n{plan}"
        before = [(d.code, d.span.start) for d in checked(text).diagnostics]
        calls.cache_clear()
        assert [(d.code, d.span.start) for d in checked(text).diagnostics] == before
