"""Every example of the language reference compiles, and every statement has one.

The word behind `rbplan` says what stands in a fence: nothing or `module` a whole file, `use` a plan
that uses the module of the page, `plan`, `phase` and `step` statements of such a block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from rbdsl.diagnostics import Severity
from rbdsl.source import Source
from rbdsl.syntax.grammar import parser
from rbdsl.syntax.parser import parse
from rbdsl.syntax.tree import Node, Token
from rbdsl.syntax.words import WORDS
from tests.checking import checked

PAGE = Path(__file__).parents[1] / "docs" / "language.md"

FENCE = re.compile(
    r"^(?P<ticks>`{3,})rbplan ?(?P<kind>\w*)\n(?P<text>.*?)^(?P=ticks)$", re.MULTILINE | re.DOTALL
)

IN_PLAN = """\
rbplan 1
plan example "Example" {{
level 2
{0}
{1}
}}
"""

IN_PHASE = """\
rbplan 1
plan example "Example" {{
  level 3
  service postgresql-primary in production
  capture {{
    step backup "Back up" {{ creates db_backup "backup.dump"; run `./dump.sh >"$db_backup"` }}
    step counts "Count" {{ creates counts "counts.txt"; run `./count.sh >"$counts"` }}
  }}
  communications {{
    channel slack "#incidents" using HOOK
    channel email "sre@example.com" using SMTP
  }}
  phase example "Example" {{
    budget 5m
{0}
  }}
}}
"""

IN_STEP = IN_PHASE.replace("{0}", '    step example "Example" {{ uses db_backup, counts\n{0}\n}}')

PHASE = 'phase example "Example" { budget 1m; step example "Example" { run `true` } }'


def fences() -> list[tuple[str, str, int]]:
    """The examples: what kind, the text, the line that they begin at."""
    page = PAGE.read_text(encoding="utf-8")
    return [
        (found["kind"], found["text"], page.count("\n", 0, found.start()) + 1)
        for found in FENCE.finditer(page)
    ]


def whole_file(kind: str, text: str) -> str:
    if kind in ("", "module", "use"):
        return text
    if kind == "plan":
        stated = {word for line in text.splitlines() for word in line.split()[:1]}
        frame = IN_PLAN.replace("level 2\n", "") if "level" in stated else IN_PLAN
        return frame.format(text, "" if "phase" in stated else PHASE)
    return {"phase": IN_PHASE, "step": IN_STEP}[kind].format(text)


MODULE = next(text for kind, text, _ in fences() if kind == "module")


@pytest.mark.parametrize(
    ("kind", "text"),
    [pytest.param(kind, text, id=f"line-{line}") for kind, text, line in fences()],
)
def test_an_example_compiles(kind: str, text: str) -> None:
    result = checked(whole_file(kind, text), {"shared/web.rbplan": MODULE})
    if kind == "module":
        assert result.is_module
    else:
        assert result.plan is not None, [f"{d.span}: {d.message}" for d in result.diagnostics]
        assert result.analysis is not None
    # A fragment lacks what its level demands and whatever stands elsewhere; a whole plan does not.
    fragment = kind not in ("", "module")
    errors = [d for d in result.diagnostics if d.severity is Severity.ERROR]
    assert [f"{d.span}: {d.message}" for d in errors if not fragment or d.code < "RB3"] == []


def trees() -> Iterator[Node]:
    for kind, text, _ in fences():
        tree, _ = parse(Source("example", whole_file(kind, text)))
        assert tree is not None
        yield from every_node(tree.root)


def every_node(node: Node) -> Iterator[Node]:
    yield node
    for inner in node.nodes():
        yield from every_node(inner)


def test_every_statement_of_the_grammar_has_an_example() -> None:
    rules = {str(rule.origin.name) for rule in parser().rules}
    # `top_statement` only names its alternatives, and `start` is what the parser begins with.
    statements = {name for name in rules if not name.startswith("_")} - {"start", "top_statement"}
    assert statements - {node.kind for node in trees()} == set()


def test_every_keyword_has_an_example() -> None:
    used = {child.type for node in trees() for child in node.children if isinstance(child, Token)}
    assert {word for kind, word in WORDS.items() if kind not in used} == set()
