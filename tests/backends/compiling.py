"""Compiles plan texts and the shipped examples to what backends get."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from rbdsl.analysis.policy import shipped_policies
from rbdsl.backends.output import EmitRequest, OutputFile
from rbdsl.backends.registry import emit
from rbdsl.compiler import check, emit_request
from rbdsl.project.modules import ProjectLoader
from rbdsl.source import Source

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
DOCUMENT_TARGETS = ("json", "markdown", "report")

SMALL = """
rbplan 1
plan small "Small" {
  level 2
  phase first "First" {
    budget 2m
    step one "One" { run `true` }
  }
}
"""


def request_of(text: str, path: str = "test.rbplan") -> EmitRequest:
    """The request for a plan text, whose errors (if any) fail the test."""
    checked = check(Source(path, text), ProjectLoader(Path(path)), shipped_policies())
    errors = [f"{d.span} {d.message}" for d in checked.diagnostics if d.severity == "error"]
    assert not errors, "\n".join(errors)
    return emit_request(checked)


def request_whatever_is_found(text: str) -> EmitRequest | None:
    """The request for a plan text even where rules object to it; None where names or types do."""
    source = Source("test.rbplan", text)
    checked = check(source, ProjectLoader(Path(source.path)), shipped_policies())
    if checked.analysis is None:
        return None
    return emit_request(replace(checked, diagnostics=()))


@cache
def example(name: str) -> EmitRequest:
    """The request for a shipped example, by the name of its folder."""
    (path,) = (EXAMPLES / name).glob("*.rbplan")
    return request_of(path.read_text("utf-8"), str(path))


def documents_of(request: EmitRequest) -> dict[str, OutputFile]:
    """The files of the targets for people and machines (not the scripts), by path."""
    return {file.path: file for file in emit(request, DOCUMENT_TARGETS)}
