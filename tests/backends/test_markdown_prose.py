from __future__ import annotations

import pytest

from rbdsl.backends.markdown_prose import cell_code, prose_lines, sentence
from tests.backends.reading import elements, plain, tables, tree


def test_paragraphs_lists_bold_and_code_are_kept() -> None:
    text = "First **bold** and `code`.\n\n- one\n- two\n\n1. a\n2. b"
    assert elements(prose_lines(text)) == [
        "p", "strong", "code", "ul", "li", "li", "ol", "li", "li",
    ]  # fmt: skip


def test_a_fence_is_kept_with_its_language() -> None:
    (node, *_) = tree(prose_lines("```sql\nselect '|' from \"x\";\n\n\n-- `end`\n```"))
    assert node["type"] == "block_code"
    assert node["attrs"]["info"] == "sql"
    assert node["raw"] == "select '|' from \"x\";\n\n\n-- `end`\n"


def test_an_open_fence_ends_with_the_text() -> None:
    assert elements(prose_lines("before\n```\ninside") + "\n\nbehind") == ["p", "pre", "code", "p"]


@pytest.mark.parametrize(
    "text",
    [
        "# heading",
        "title\n=====",
        "title\n-----",
        "> quote",
        "---",
        "[link](https://example.org)",
        "![image](x.png)",
        "<b>bold</b>",
        "<!-- hidden",
        "| a | b |\n|---|---|\n| c | d |",
        "*em* _em_ ~~del~~",
        "**<b>**",
        "[a]: https://example.org",
        "&lt;b&gt;",
        "    indented",
    ],
)
def test_everything_else_is_only_text(text: str) -> None:
    assert set(elements(prose_lines(text))) <= {"p", "strong"}
    seen = " ".join(plain(node) for node in tree(prose_lines(text)))
    assert "".join(seen.split()) == "".join(text.replace("**", "").split())


def test_what_the_compiler_says_keeps_its_names_as_code() -> None:
    made = sentence("phase `a|b` waits for `c` | <d>")
    ((_, row),) = tables(tree(f"| x |\n|---|\n| {made} |"))
    assert row == ["phase a|b waits for c | <d>"] or row[0].endswith("waits for c | <d>")
    assert "code" in elements(f"| x |\n|---|\n| {made} |")


@pytest.mark.parametrize("text", ["a|b", "a\\|b", "|", "a*b*|<c>", "`|`", 'sum(x{a=~"b|c"})'])
def test_code_with_a_bar_stays_in_its_cell(text: str) -> None:
    page = f"| x | y |\n|---|---|\n| {cell_code(text)} | z |"
    ((_, row),) = tables(tree(page))
    assert len(row) == 2
    assert row[1] == "z"
    assert elements(page).count("td") == 2
