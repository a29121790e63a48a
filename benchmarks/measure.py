"""Taking times: the best of several runs, each thing in turn, so that noise hits all alike."""

from __future__ import annotations

import gc
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence


def best(tasks: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The shortest time of each task in seconds."""
    found = dict.fromkeys(tasks, float("inf"))
    for _ in range(rounds):
        for name, task in tasks.items():
            gc.collect()
            start = time.perf_counter()
            task()
            found[name] = min(found[name], time.perf_counter() - start)
    return found


def process(*arguments: str) -> Callable[[], object]:
    """A task that runs this Python with arguments, in a process of its own."""

    def run() -> None:
        command = [sys.executable, *arguments]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)

    return run


def child(arguments: Sequence[str]) -> tuple[float, float]:
    """Seconds and peak memory in MB of this Python with arguments."""
    probe = (
        "import resource, subprocess, sys, time\n"
        "start = time.perf_counter()\n"
        "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)\n"
        "peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss\n"
        "print(time.perf_counter() - start, peak / 1024)\n"
    )
    command = [sys.executable, "-c", probe, sys.executable, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, megabytes = map(float, done.stdout.split())
    return seconds, megabytes


def peak_here() -> float:
    """Peak memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
