"""Rules ask for the time in one way, which notes what they asked: the cache depends on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from rbdsl.compiler import check
from rbdsl.project.entries import interval
from rbdsl.source import Source
from tests.checking import MemoryLoader, in_plan, shipped_policies

RULES = Path(__file__).parents[2] / "rbdsl" / "rules"
DAY = datetime(2025, 12, 8, tzinfo=UTC)
TEXT = in_plan(
    "created 2025-12-01T00:00:00Z\n"
    'testing { in staging { passed 2025-12-08T00:00:00Z; took 1m; evidence "x" } }'
)


def test_no_rule_looks_at_the_clock() -> None:
    readers = [
        path.name
        for path in RULES.rglob("*.py")
        if path.name != "context.py"
        and any(word in path.read_text("utf-8") for word in (".now", "import time\n", "utcnow"))
    ]
    assert readers == []


def test_findings_stay_the_same_between_two_moments() -> None:
    first = DAY - timedelta(days=30)
    said: dict[object, object] = {}
    for hours in range(0, 40 * 24, 5):
        now = first + timedelta(hours=hours)
        checked = check(Source("a.rbplan", TEXT), MemoryLoader({}), shipped_policies(), now)
        found = tuple((d.code, d.span.start) for d in checked.diagnostics)
        since, until = interval(checked.moments, now)
        assert since is None or since <= now.timestamp()
        assert until is None or until > now.timestamp()
        assert said.setdefault((since, until), found) == found
    assert len(said) == len(set(said.values())) == 3
