"""Values can't become Markdown, HTML, Mermaid or JSON structure, whatever they are made of."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.errors import UnsatisfiedAssumption

from rbdsl.backends.output import EmitRequest, OutputFile
from rbdsl.backends.registry import emit
from tests.backends.compiling import documents_of, request_whatever_is_found
from tests.backends.hostile import hostile_plan
from tests.backends.reading import elements, fences, tables, tree

_PROSE = {"strong", "code", "code class", "p", "pre", "ul", "ol", "ol start", "li"}
"""What a change, a note or a message may be made of."""

_GANTT = re.compile(
    r"gantt|title [\w #;(),./–]*|dateFormat [\w:.-]+|axisFormat %[\w:%]+|tickInterval \d[a-z]+"
    r"|section [A-Za-z ]+|[\w #;(),./–]+ :(crit, |milestone, )?\w+, [\dT:.-]+, \d+(ms|s)"
)
_FLOWCHART = re.compile(
    r"flowchart TB|\w+\(\[[A-Za-z ]+\]\)|\w+\[\"[\w #;(),./–]*<br/>[\w #;(),./–]*\"\]"
    r"|\w+\{\{\"[\w #;(),./–]*\"\}\}|\w+ (-->|==>|-\. blocks \.-x) \w+"
    r"|classDef \w+ [a-z0-9:,# -]+|class [\w,]+ \w+"
)

PAYLOADS = [
    "$(touch x)",
    "`touch x`",
    "</script><script>alert(1)</script>",
    "a | b | c",
    "\n\n# heading\n\n",
    "\n\n```\nout of the fence\n",
    "~~~\nx\n~~~",
    "- [x] done\n- item",
    "1. one\n2. two",
    "> quote",
    "[link](https://example.org) ![image](x.png) <https://example.org>",
    "[ref]: https://example.org",
    "<!-- comment --> <!DOCTYPE x> <?php ?> <![CDATA[x]]>",
    "*em* __strong__ ~~del~~ ***both***",
    "${{ github.token }} ${HOME} $x$ $$y$$",
    "&lt;b&gt; &#60; &amp;",
    "title\n=====\n",
    "---\n",
    "| a | b |\n|---|---|\n| c | d |",
    "\\",
    "\\| \\` \\<b>",
    '"]; click p1 "javascript:alert(1)"',
    "#quot; %%{init: {}}%% ; end",
    "    indented code",
    "\n<b>\n",
    '"}, "injected": {"x": 1',
]

texts = st.one_of(
    st.text(alphabet=st.characters(exclude_categories=["C"]), max_size=30),
    st.lists(st.sampled_from([*PAYLOADS, "\n", "\n\n", " ", "x"]), max_size=4).map("".join),
    st.text(alphabet="`*_[]<>|#-+=!\\~&;:$(){}\"'\n x1.", max_size=30),
)
"""Control and direction characters are refused by the language, and never get this far."""


@pytest.fixture(scope="module")
def plain() -> dict[str, list[str]]:
    return _structure("words")


def _request(text: str, code: str = "true") -> EmitRequest:
    """The plan with a text everywhere; texts that can't be a title are passed over."""
    request = request_whatever_is_found(hostile_plan(text, code))
    if request is None:
        assert not text.strip(), text
        raise UnsatisfiedAssumption
    return request


def _pages(request: EmitRequest) -> dict[str, OutputFile]:
    files = emit(request, ["markdown", "report"])
    return {file.path: file for file in files if file.path.endswith(".md")}


def _structure(text: str) -> dict[str, list[str]]:
    return {
        path: [tag for tag in elements(file.text) if tag not in _PROSE]
        for path, file in _pages(_request(text)).items()
    }


@settings(max_examples=25, deadline=None)
@given(texts)
@example("a|b")
@example("<b>bold</b>")
def test_a_text_adds_no_elements_to_a_page(plain: dict[str, list[str]], text: str) -> None:
    assert _structure(text) == plain


@pytest.mark.parametrize("text", PAYLOADS)
def test_a_payload_adds_no_elements_to_a_page(plain: dict[str, list[str]], text: str) -> None:
    assert _structure(text) == plain


@settings(max_examples=15, deadline=None)
@given(texts)
@example("| |")
def test_a_text_adds_no_cells_to_a_table(text: str) -> None:
    for file in _pages(_request(text)).values():
        for table in tables(tree(file.text)):
            assert {len(row) for row in table} == {len(table[0])}


@settings(max_examples=15, deadline=None)
@given(texts)
@example('"] --> p9["x')
@example("x :crit, p9, 0, 1ms")
def test_a_text_stays_inside_of_its_label_in_a_drawing(text: str) -> None:
    page = tree(_pages(_request(text))["PLAN.md"].text)
    gantt, flowchart = fences(page, "mermaid")
    for drawing, allowed in ((gantt, _GANTT), (flowchart, _FLOWCHART)):
        for line in drawing.rstrip("\n").split("\n"):
            assert allowed.fullmatch(line.strip()), line


@settings(max_examples=15, deadline=None)
@given(texts)
@example("```\nout\n````\n")
def test_shell_stays_inside_of_its_fence(text: str) -> None:
    quoted = "'" + text.replace("'", "") + "'"
    code = f": {quoted}\ntrue"
    request = _request("words", code)
    (point,) = request.analysis.plan.points_of_no_return
    assert point.crossed_when is not None
    written = point.crossed_when.text
    page = _pages(request)["PLAN.md"].text
    assert any(block.rstrip("\n") == written for block in fences(tree(page), "bash"))
    reference = [t for t in elements(page) if t not in _PROSE]
    assert reference == _structure("words")["PLAN.md"]


@settings(max_examples=15, deadline=None)
@given(texts)
def test_a_text_in_json_is_the_text(text: str) -> None:
    request = _request(text)
    plan = request.analysis.plan
    files = documents_of(request)
    for path, file in files.items():
        if path.endswith(".json") and "schema" not in path:
            json.loads(file.text)
    tree_ = json.loads(files["auto-rollback.json"].text)["auto_rollback"]
    assert tree_["operation_id"] == text == plan.title.plain
    assert tree_["plan"]["title"] == text


@settings(max_examples=15, deadline=None)
@given(texts)
@example("$(touch x)")
@example("`id`; 'quoted' \"double\" \\ !x ~ *")
def test_variables_to_paste_hold_the_text_and_run_nothing(text: str) -> None:
    page = tree(_pages(_request(text))["PLAN.md"].text)
    variables = next(block for block in fences(page, "bash") if block.startswith("set -a"))
    done = subprocess.run(
        ["bash", "--norc", "-euc", variables + '\nprintf "%s\\0" "$value" "${values[@]}" "$given"'],
        env={"TOKEN": "secret", "PATH": "/nonexistent", "LC_ALL": "C.UTF-8"},
        executable="/bin/bash",
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().split("\0") == [text, text, text, text, ""]
    assert done.stderr == b""
