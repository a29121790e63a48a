"""Tests that talk to real systems: what they need, and what happens where it is missing.

`@pytest.mark.needs("prometheus", "curl")` runs a test where these programs are. Elsewhere it is
skipped, and the end of the run says so loudly; in continuous integration it fails, since a
promise that nothing proves is none. `optional=True` is for what no package brings: there it is
skipped in continuous integration too.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHELLS = ROOT / ".cache" / "bash"
NODE_PACKAGES = ROOT / ".cache" / "node" / "node_modules"

_MISSING = " is not here: scripts/test-services installs what the tests need"


def where(program: str) -> Path | None:
    """The path of a program, or None; `bash-5.1` is that release of bash, `npm:x` a package,
    `root` the right to mount file systems, `locales` what locales are made of.
    """
    if program == "root":
        return Path("/") if os.geteuid() == 0 else None
    if program == "locales":
        sources = Path("/usr/share/i18n/locales/tr_TR")
        return sources if sources.exists() else None
    if program.startswith("npm:"):
        package = NODE_PACKAGES / program.removeprefix("npm:")
        return package if shutil.which("node") and package.is_dir() else None
    if program.startswith("bash-"):
        shell = SHELLS / program.removeprefix("bash-") / "bash"
        return shell if shell.exists() else None
    if program == "initdb":
        return postgresql_programs() and Path(str(postgresql_programs())) / "initdb"
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")
    return Path(found) if found else None


def postgresql_programs() -> Path | None:
    """The folder that holds `initdb` and `pg_ctl`, or None where no server is installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    places = (Path("/usr/lib/postgresql"), Path("/usr/local/pgsql"), Path("/opt/homebrew/opt"))
    return max((p.parent for place in places for p in place.glob("**/bin/initdb")), default=None)


def judge(item: pytest.Item) -> None:
    """Skips or fails a test whose programs are not here."""
    for mark in item.iter_markers("needs"):
        missing = [name for name in mark.args if where(name) is None]
        if not missing:
            continue
        what = ", ".join(missing)
        if os.environ.get("CI") and not mark.kwargs.get("optional"):
            pytest.fail(what + _MISSING, pytrace=False)
        pytest.skip(what + _MISSING)


def report(reporter: pytest.TerminalReporter) -> None:
    """Says at the end what was not tested, so that nobody takes it for tested."""
    not_run: Counter[str] = Counter()
    for skipped in reporter.stats.get("skipped", []):
        reason = skipped.longrepr[2] if isinstance(skipped.longrepr, tuple) else ""
        if reason.endswith(_MISSING):
            not_run[reason.removeprefix("Skipped: ").removesuffix(_MISSING)] += 1
    if not_run:
        reporter.section("NOT TESTED", sep="!", red=True, bold=True)
        for what, count in sorted(not_run.items()):
            reporter.write_line(f"{count} tests of {what}{_MISSING}")
