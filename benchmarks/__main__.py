"""Runs all measurements and prints them: `make bench`."""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hcl2
import tree_sitter
import tree_sitter_hcl

from benchmarks.measure import best, child, process
from benchmarks.texts import of_size, plan


def main() -> None:
    """Print a line for each measurement, with what is aimed at."""
    chosen = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        for section in (parsing, cold_start, many_plans, large_plan):
            if chosen and section.__name__ not in chosen:
                continue
            print(f"\n{section.__doc__}\n")
            for line in section(Path(folder)):
                print(f"  {line}", flush=True)


def parsing(folder: Path) -> Iterator[str]:
    """Parsing 2 MB (aim: at least 8 times the MB/s of python-hcl2)"""
    del folder
    from rbdsl.source import Source
    from rbdsl.syntax.parser import parse

    text, other = of_size(2)
    _, small = of_size(0.1)
    language = tree_sitter.Language(tree_sitter_hcl.language())
    parser = tree_sitter.Parser(language)
    tree, errors = parse(Source("p.rbplan", text))
    assert tree is not None, errors[:1]
    # python-hcl2 is measured on 0.1 MB: on 2 MB it takes minutes.
    sizes = {"rbc": len(text), "python-hcl2": len(small), "tree-sitter-hcl": len(other)}
    times = best(
        {
            "rbc": lambda: parse(Source("p.rbplan", text)),
            "python-hcl2": lambda: hcl2.loads(small),
            "tree-sitter-hcl": lambda: parser.parse(other.encode()),
        },
        rounds=3,
    )
    speed = {name: sizes[name] / 1e6 / seconds for name, seconds in times.items()}
    for name, megabytes in speed.items():
        ratio = "" if name == "rbc" else f"   rbc is {speed['rbc'] / megabytes:.2f} times as fast"
        yield f"{name:16} {megabytes:8.2f} MB/s{ratio}"


def cold_start(folder: Path) -> Iterator[str]:
    """A cold `rbc check` of one plan (aim: at most 3 times `python -c "import lark, click"`)"""
    path = folder / "one.rbplan"
    path.write_text(plan("one", 3, 4))
    times = best(
        {
            'python -c "import lark, click"': process("-c", "import lark, click"),
            "rbc check one.rbplan": process("-m", "rbdsl.cli.main", "check", str(path)),
            "rbc --version": process("-m", "rbdsl.cli.main", "--version"),
            "rbc compile one.rbplan": process(
                "-m", "rbdsl.cli.main", "compile", "--quiet", "--out", str(folder), str(path)
            ),
        },
        rounds=10,
    )
    base = next(iter(times.values()))
    for name, seconds in times.items():
        yield f"{name:32} {seconds * 1000:6.0f} ms   {seconds / base:5.2f} times"


def many_plans(folder: Path) -> Iterator[str]:
    """`rbc check` of plans of 100 lines in one process (aim: linear, at most 15 ms a plan)"""
    from rbdsl.cli.main import commands

    text = plan("name", 3, 4)
    lines = text.count("\n")
    each = []
    for count in (100, 250, 1000):
        plans = folder / f"plans-{count}"
        plans.mkdir()
        for number in range(count):
            content = text.replace("plan name", f"plan name{number}")
            (plans / f"{number}.rbplan").write_text(content)

        def run(plans: Path = plans) -> None:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
                commands.main(["check", str(plans)], prog_name="rbc", standalone_mode=False)

        seconds = best({"check": run}, rounds=2)["check"]
        each.append(seconds / count)
        took = f"{seconds:6.2f} s   {seconds / count * 1000:5.2f} ms each"
        yield f"{count:5} plans of {lines} lines   {took}"
    yield f"1000 plans take {each[-1] / each[0]:.2f} times as long each as 100"


def large_plan(folder: Path) -> Iterator[str]:
    """Compiling a plan of 10,000 steps (aim: linear, under 1 GB)"""
    rates = []
    for steps in (1250, 2500, 5000, 10000):
        path = folder / f"large-{steps}.rbplan"
        path.write_text(plan(f"large{steps}", steps // 50, 50, budget="8s", timeout="10ms"))
        out = str(folder / "out")
        seconds, peak = child(
            ["-m", "rbdsl.cli.main", "compile", "--quiet", "--out", out, str(path)]
        )
        rates.append(seconds / steps)
        yield (
            f"{steps:6} steps   {seconds:6.2f} s   {rates[-1] * 1000:5.2f} ms a step   "
            f"peak {peak:5.0f} MB"
        )
    yield f"10,000 steps take {rates[-1] / rates[0]:.2f} times as long each as 1,250"


if __name__ == "__main__":
    main()
