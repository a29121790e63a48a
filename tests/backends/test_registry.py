from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from rbdsl.backends.registry import TargetError, emit, load, shipped, targets
from rbdsl.backends.templates import TemplateError, render_own
from tests.backends.compiling import example

WIKI = """
name = "wiki"
description = "the plan as a page of our wiki"

[[files]]
template = "page.html.j2"
path = "wiki/page.html"

[[files]]
template = "run.sh.j2"
path = "wiki/run.sh"
executable = true
"""

PAGE = """<h1>{{ plan.title.plain | e }}</h1>
{% for entry in analysis.timeline.phases %}
<li>{{ entry.phase.title.plain | e }}: {{ spoken(entry.budget_ms) }}</li>
{% endfor %}
"""


def wiki(folder: Path, manifest: str = WIKI) -> Path:
    (folder / "target.toml").write_text(manifest, "utf-8")
    (folder / "page.html.j2").write_text(PAGE, "utf-8")
    (folder / "run.sh.j2").write_text("echo {{ plan.title | sh }}\n", "utf-8")
    return folder


def test_the_shipped_targets_are_the_folders() -> None:
    assert targets() == ("bash", "json", "markdown", "report")


@pytest.mark.parametrize("name", ["json", "markdown", "report"])
def test_manifest_and_backend_say_the_same(name: str) -> None:
    target = shipped()[name]
    backend = import_module(f"rbdsl.backends.{target.backend}")
    assert (target.name, target.description) == (backend.NAME, backend.DESCRIPTION)


def test_naming_the_targets_imports_no_backend() -> None:
    code = (
        "import sys; from rbdsl.backends.registry import targets; targets();"
        "print([m for m in ('jinja2', 'pydantic', 'networkx') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_unknown_target_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        emit(example("n8n"), ["other"])


def test_a_target_of_ones_own_needs_templates_alone(tmp_path: Path) -> None:
    target = load(wiki(tmp_path))
    files = {f.path: f for f in emit(example("n8n"), ["json", target])}
    assert sorted(files) == ["auto-rollback.json", "manifest.json", "wiki/page.html", "wiki/run.sh"]
    title = example("n8n").analysis.plan.title.plain
    assert files["wiki/page.html"].text.startswith(f"<h1>{title}</h1>\n<li>")
    assert files["wiki/run.sh"].executable
    assert not files["wiki/page.html"].executable


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ title | e }}", "&lt;b&gt; &amp; $(x)"),
        ("{{ title | sh }}", r"$'<b> & $(x)'"),
        ("{{ title | md }}", r"\<b> & \$(x)"),
        ("{{ title | fence('sh') | indent(2) }}", "```sh\n  <b> & $(x)\n  ```"),
        ("{{ title | tojson }}", r'"\u003cb\u003e \u0026 $(x)"'),
        ("{{ [title, title] | map('code') | join(', ') }}", "`<b> & $(x)`, `<b> & $(x)`"),
        ("{{ 'a & b' | safe }}{{ 1 }}{{ 2.5 }}{{ '' }}{{ 7 * 6 }}", "a & b12.542"),
        ("{% for x in [1, 2] %}{{ loop.index }}{% endfor %}", "12"),
        (
            "{% macro m(x) %}<i>{{ x | e }}</i>{% endmacro %}{{ m(title) }}",
            "<i>&lt;b&gt; &amp; $(x)</i>",
        ),
        ("{% set x %}<i>{{ title | e }}{% endset %}{{ x }}", "<i>&lt;b&gt; &amp; $(x)"),
    ],
)
def test_a_template_of_ones_own_writes_filtered_texts(
    tmp_path: Path, template: str, text: str
) -> None:
    (tmp_path / "page.j2").write_text(template, "utf-8")
    assert render_own(tmp_path, "page.j2", title="<b> & $(x)") == text


@pytest.mark.parametrize(
    "template",
    [
        "{{ title }}",
        "{{ title.strip() }}",
        "{{ [title] }}",
        "{{ title if title else '' }}",
        "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(title) }}",
        "{% set x %}{{ title }}{% endset %}{{ x }}",
        "{{ nothing }}",
    ],
)
def test_a_text_without_a_filter_is_refused(tmp_path: Path, template: str) -> None:
    (tmp_path / "page.j2").write_text("\n" + template, "utf-8")
    with pytest.raises(TemplateError, match=r"page\.j2:2: the text “.*” passes no filter"):
        render_own(tmp_path, "page.j2", title="<b> & $(x)", nothing=None)


def test_two_targets_must_not_write_the_same_file(tmp_path: Path) -> None:
    target = load(wiki(tmp_path, WIKI.replace("wiki/page.html", "auto-rollback.json")))
    with pytest.raises(TargetError, match=r"auto-rollback\.json"):
        emit(example("n8n"), ["json", target])


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('name = "wiki"', "name = 1", "`name` is missing or not a text"),
        ('name = "wiki"', 'nam = "wiki"', "unknown key `nam`"),
        ('path = "wiki/page.html"', 'path = "../page.html"', "not a file below"),
        ('path = "wiki/page.html"', 'path = "/etc/passwd"', "not a file below"),
        ('path = "wiki/page.html"', 'path = "manifest.json"', "not a file below"),
        ('template = "page.html.j2"', "", "`template` is missing"),
        ("executable = true", 'executable = "yes"', "`executable` is true or false"),
        ("[[files]]", "[[file]]", "unknown key `file`"),
        ("description", "description =", r"target\.toml"),
    ],
)
def test_a_wrong_manifest_is_named_with_its_fault(
    tmp_path: Path, before: str, after: str, fault: str
) -> None:
    assert before in WIKI
    with pytest.raises(TargetError, match=fault) as caught:
        load(wiki(tmp_path, WIKI.replace(before, after)))
    assert "target.toml" in str(caught.value)


def test_a_manifest_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="no `"):
        load(wiki(tmp_path, WIKI[: WIKI.index("[[files]]")]))
