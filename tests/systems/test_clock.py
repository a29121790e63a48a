"""The clock of the machine is set while a monitor counts: nothing fires early, and it says so."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.runtime.metric_server import MetricServer, metric_server
from tests.runtime.monitored import hear, monitored, stop, value
from tests.runtime.running import Scripts

pytestmark = pytest.mark.needs("faketime", "curl", "jq")

LIBRARY = next(iter(glob.glob("/usr/lib/*/faketime/libfaketime.so.1")), "")


@pytest.fixture
def server() -> Iterator[MetricServer]:
    with metric_server() as running:
        yield running


class Clock(Scripts):
    """Scripts on a machine whose time of day a test sets; the time since its start goes on."""

    def set(self, offset: str) -> None:
        new = self.folder / "stubs" / "clock.new"
        new.write_text(f"{offset}\n")
        new.replace(self.folder / "stubs" / "clock")

    def environment(self, **more: str) -> dict[str, str]:
        faked = {
            "LD_PRELOAD": LIBRARY,
            "FAKETIME_TIMESTAMP_FILE": str(self.folder / "stubs" / "clock"),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }
        return super().environment(**faked, **more)


@pytest.fixture
def clock(tmp_path: Path) -> Callable[[str], Clock]:
    def make(text: str) -> Clock:
        scripts = Clock(tmp_path / "demo", text)
        scripts.set("+0")
        return scripts

    return make


def test_a_clock_that_is_set_makes_nothing_fire(
    clock: Callable[[str], Clock], server: MetricServer
) -> None:
    server.says("/m/failures", value(9))
    scripts = clock(monitored(server, "failures > 5 for 5m", "every 200ms"))
    with scripts.started("--no-color", role="monitor") as run:
        heard = hear(run, "[failures > 5: since 0s")
        for offset, jump in (("+3600", "3"), ("-7200", "-1"), ("+864000", "87")):
            scripts.set(offset)
            heard += hear(run, f"the clock was set by {jump}")
            heard += hear(run, "in a row]")
        heard += stop(run)
    assert "FIRES" not in heard


def test_a_clock_that_is_set_back_does_not_keep_it_from_firing(
    clock: Callable[[str], Clock], server: MetricServer
) -> None:
    server.says("/m/failures", value(9))
    scripts = clock(monitored(server, "failures > 5 for 2s", "every 200ms"))
    with scripts.started("--no-color", role="monitor") as run:
        heard = hear(run, "1 in a row]")
        scripts.set("-3600")
        heard += hear(run, "FIRES: failures > 5")
        rest, _ = run.communicate(timeout=60)
    assert run.returncode == 0, rest
    assert "the clock was set by -3" in heard


def test_a_clock_that_is_set_between_two_looks(
    clock: Callable[[str], Clock], server: MetricServer
) -> None:
    server.says("/m/failures", value(9))
    scripts = clock(
        monitored(server, "failures > 5 for 5m\n failures > 8 for 2 consecutive", "cooldown 1h")
    )

    def look(offset: str) -> str:
        scripts.set(offset)
        return scripts.run("--once", "--no-color", role="monitor").stdout

    assert "since 0s, 1 in a row" in look("+0")
    second = look("+600")
    assert "the clock was set by " in second
    assert "FIRES: failures > 8" in second
    (scripts.run_folder / "journal.jsonl").unlink()
    look("+600")
    assert "would fire, but the last rollback was just now" in look("+86400")
