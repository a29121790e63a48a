"""Times two things in turn: a machine that is slow for a while is slow for both of them."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from pytest_benchmark.fixture import BenchmarkFixture

Act = Callable[[], object]


def in_turn(
    benchmark: BenchmarkFixture, run: Act, base: Act, rounds: int, before: Act = lambda: None
) -> None:
    """Benchmarks `run`. Before each round of it `base` is timed, whose best time is what the ratio
    in the table is to; `before` makes ready for a round, and is not timed.
    """
    times: list[float] = []

    def make_ready() -> None:
        begun = perf_counter()
        base()
        times.append(perf_counter() - begun)
        before()

    run(), base()  # the caches of a second start: bytecode, grammar, pages of files
    benchmark.pedantic(run, setup=make_ready, rounds=rounds)
    benchmark.extra_info["beside"] = min(times)
