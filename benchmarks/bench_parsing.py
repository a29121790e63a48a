"""Parsing a plan of 2 MB, beside two parsers of HCL with a file that says the same."""

from __future__ import annotations

import hcl2
import pytest
import tree_sitter
import tree_sitter_hcl
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.texts import of_size
from rbdsl.source import Source
from rbdsl.syntax.parser import parse

pytestmark = pytest.mark.benchmark(group="parsing 2 MB")
PLAN, HCL = of_size(2)


def bench_rbc(benchmark: BenchmarkFixture) -> None:
    benchmark.extra_info.update(name="rbc", size=len(PLAN) / 1e6, unit="MB", base=True)
    tree, errors = benchmark.pedantic(lambda: parse(Source("p.rbplan", PLAN)), rounds=5)
    assert tree is not None, errors[:1]


def bench_tree_sitter_hcl(benchmark: BenchmarkFixture) -> None:
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))
    benchmark.extra_info.update(name="tree-sitter-hcl", size=len(HCL) / 1e6, unit="MB")
    tree = benchmark.pedantic(lambda: parser.parse(HCL.encode()), rounds=5)
    assert not tree.root_node.has_error


def bench_python_hcl2(benchmark: BenchmarkFixture) -> None:
    benchmark.extra_info.update(name="python-hcl2", size=len(HCL) / 1e6, unit="MB")
    assert benchmark.pedantic(lambda: hcl2.loads(HCL), rounds=1)
