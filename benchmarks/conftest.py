"""Prints what was measured as ratios within this run; the times themselves say little.

A benchmark names its `group`; `extra_info` may hold `size` with its `unit` (the speed is then what
is compared), `base` (the others of the group are compared with it), `beside` (the seconds of the
base where it was timed in turn with this one), and `peak_mb`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pytest

AIMS = {
    "parsing 2 MB": "rbc at least 8 times as fast as python-hcl2",
    "cold start": "`rbc check` at most 3 times `import lark, click`, ShellCheck not counted",
    "rbc check in one process": "linear, at most 15 ms a plan of 100 lines",
    "rbc check of 1,000 plans, cold": "at most 1.3 times what ShellCheck alone takes on the same shell",
    "rbc check of 1,000 plans, unchanged": "at most 2 times `import click` and the hashes",
    "files of ten steps with shell": "rbc no slower than ansible-lint",
    "compiling one large plan": "linear, 10,000 steps under 1 GB",
    "running steps": "at most 15 ms more than a bare command, flush to the disk included",
    "one look of the monitor": "over 20 metrics the slowest answer plus 200 ms",
    "from the trouble to the rollback": "`for` plus one interval plus the time of the query",
}


@pytest.fixture(autouse=True, scope="session")
def _bytecode_is_kept() -> Iterator[None]:
    """An installed package has its bytecode: without it each process would compile the sources."""
    kept = os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    yield
    if kept is not None:
        os.environ["PYTHONDONTWRITEBYTECODE"] = kept


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """A table for each group, with what is aimed at."""
    measured: list[Any] = config._benchmarksession.benchmarks  # type: ignore[attr-defined]
    for group, members in groupby(measured, key=lambda b: b.group):
        terminalreporter.write_line(f"\n{group} (aim: {AIMS[group]})")
        rows = [member for member in members if member.stats.data]
        base = next((b for b in rows if b.extra_info.get("base")), rows[0])
        for row in rows:
            terminalreporter.write_line("  " + _line(row, base))


def _line(row: Any, base: Any) -> str:  # noqa: ANN401 - pytest-benchmark's record
    seconds = row.stats.min
    size, unit = row.extra_info.get("size"), row.extra_info.get("unit")
    peak = row.extra_info.get("peak_mb")
    name = row.extra_info.get("name", row.name)
    cells = [f"{name:34} {seconds * 1000:9.1f} ms"]
    if size:
        each = seconds / size
        compared = each / (base.stats.min / base.extra_info["size"])
        cells.append(f"{each * 1000:9.3f} ms a {unit}")
    else:
        compared = seconds / row.extra_info.get("beside", base.stats.min)
    cells.append(f"{compared:7.2f} times {base.extra_info.get('name', base.name)}")
    if peak:
        cells.append(f"peak {peak:.0f} MB")
    return "   ".join(cells)
