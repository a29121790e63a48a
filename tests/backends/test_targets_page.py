"""What docs/targets.md shows works as it is written there."""

from __future__ import annotations

import re
from pathlib import Path

from rbdsl.backends.registry import emit, load
from tests.backends.compiling import EXAMPLES, example
from tests.backends.reading import fences, tables, tree

PAGE = (EXAMPLES.parent / "docs" / "targets.md").read_text("utf-8")


def test_the_table_names_every_file_and_its_target() -> None:
    (table,) = tables(tree(PAGE))
    listed = {path for row in table[1:] for path in row[0].split(", ")}
    generated = {file.path for file in emit(example("api-v2.1"))}
    assert listed == {path for path in generated if not path.endswith(".schema.json")}


def test_the_target_of_ones_own_compiles(tmp_path: Path) -> None:
    (manifest,) = fences(tree(PAGE), "toml")
    (template,) = fences(tree(PAGE), "jinja")
    (tmp_path / "target.toml").write_text(manifest, "utf-8")
    (tmp_path / "page.html.j2").write_text(template, "utf-8")
    files = {file.path: file for file in emit(example("api-v2.1"), [load(tmp_path)])}
    page = files["wiki/page.html"].text
    assert page.startswith("<h1>API v2.1 Deployment</h1>\n<p>12 minutes of 15 minutes</p>\n<ol>")
    assert len(re.findall(r"^  <li>", page, re.MULTILINE)) == 8
