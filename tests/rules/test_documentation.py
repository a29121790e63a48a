"""The documentation of the rules is complete, true, and the pages in docs/rules are made of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rbdsl.analysis.policy import parse_policies
from rbdsl.compiler import Checked, check
from rbdsl.rules.documentation import (
    SECTIONS,
    Example,
    examples,
    explain,
    index,
    main,
    modules,
    page,
    pages,
    sections,
    stale,
    table_of_needs,
)
from rbdsl.rules.needs import TABLE
from rbdsl.rules.registry import FAMILIES, Rule, all_rules
from rbdsl.source import Source
from tests.checking import MemoryLoader, shipped_policies

ROOT = Path(__file__).parents[2]
RULES = pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code.id)
WITHOUT_PLANS = {
    "RB100": "it is about files that hold no text",
    "RB108": "it takes a hundred errors",
    "RB297": "it is about baselines",
    "RB298": "it is about configurations",
    "RB299": "it is about policy files",
    "RB897": "it takes a hundred thousand characters",
    "RB915": "it is about baselines",
}
STANDS_ON_NOTHING = datetime(2026, 1, 1, tzinfo=UTC)


def compiled(rule: Rule, section: str, text: str) -> Checked:
    loader = MemoryLoader(modules(rule, section))
    return check(Source("example.rbplan", text), loader, shipped_policies(), STANDS_ON_NOTHING)


@RULES
def test_file_name_is_the_code_and_the_name(rule: Rule) -> None:
    slug = f"{rule.code.id}_{rule.code.name}".lower().replace("-", "_")
    assert rule.module.rsplit(".", 1)[1] == slug
    assert any(int(rule.code.id[2:]) in numbers for numbers in FAMILIES[rule.family])


def test_every_rule_module_is_found_without_a_list() -> None:
    folder = ROOT / "rbdsl" / "rules"
    on_disk = {f"{path.parent.name}/{path.stem}" for path in folder.glob("*/rb*.py")}
    assert on_disk == {f"{r.family}/{r.module.rsplit('.', 1)[1]}" for r in all_rules()}


def test_codes_and_names_are_unique() -> None:
    rules = all_rules()
    assert len({rule.code.id for rule in rules}) == len(rules)
    assert len({rule.code.name for rule in rules}) == len(rules)


@RULES
def test_documentation_is_complete(rule: Rule) -> None:
    assert tuple(sections(rule)) == SECTIONS
    assert all(sections(rule).values())
    assert rule.summary.endswith(".")
    too_long = [
        line
        for line in re.sub(r"```.*?```", "", rule.documentation, flags=re.DOTALL).splitlines()
        if len(line) > 100
    ]
    assert too_long == []


@RULES
def test_bad_examples_trigger_the_rule(rule: Rule) -> None:
    found = examples(rule, "Bad")
    assert found or rule.code.id in WITHOUT_PLANS
    for example in found:
        codes = {d.code for d in compiled(rule, "Bad", example.plan).diagnostics}
        assert rule.code.id in codes, example.plan


@RULES
def test_good_examples_are_plans_that_the_rule_spares(rule: Rule) -> None:
    found = examples(rule, "Good")
    assert found or rule.code.id in WITHOUT_PLANS
    for example in found:
        checked = compiled(rule, "Good", example.plan)
        assert checked.plan is not None, checked.diagnostics
        assert rule.code.id not in {d.code for d in checked.diagnostics}, example.plan


@RULES
def test_explain_finds_a_rule_by_code_and_by_name(rule: Rule) -> None:
    assert explain(rule.code.id.lower()) == page(rule)
    assert explain(rule.code.name) == page(rule)


def test_the_bad_policy_of_the_page_is_one() -> None:
    rule = next(r for r in all_rules() if r.code.id == "RB299")
    example = re.findall(r"```toml\n(.*?)```", sections(rule)["Bad"], re.DOTALL)[0]
    policies, problems = parse_policies(Source("levels.toml", example))
    assert policies is None
    assert {d.code for d in problems} == {"RB299"}


def test_explain_knows_no_other_words() -> None:
    assert explain("RB000") is None
    assert explain("") is None


def test_index_links_every_page() -> None:
    links = set(re.findall(r"\]\((RB\d{3}\.md)\)", index()))
    assert links == set(pages()) - {"README.md"}


def test_the_example_of_the_index_allows_what_it_names() -> None:
    example = re.findall(r"```rbplan\n(.*?)```", index(), re.DOTALL)[0]
    whole = Example(example).plan
    rule = next(r for r in all_rules() if r.code.id == "RB306")
    assert not {"RB306", "RB910"} & {d.code for d in compiled(rule, "Good", whole).diagnostics}
    bare = whole.replace("rbc: allow", "")
    assert "RB306" in {d.code for d in compiled(rule, "Good", bare).diagnostics}


def test_pages_in_the_repository_are_fresh() -> None:
    old = stale(ROOT / "docs" / "rules")
    assert old == [], "run python -m rbdsl.rules.documentation"


def test_pages_are_written_once_and_strangers_removed(tmp_path: Path) -> None:
    (tmp_path / "RB000.md").write_text("a rule that is gone", "utf-8")
    (tmp_path / "RB301.md").write_text("an older text", "utf-8")
    table = tmp_path.parent / f"{tmp_path.name}.txt"
    assert main(["--check", str(tmp_path)], table) == 1
    assert (tmp_path / "RB301.md").read_text("utf-8") == "an older text"
    assert main([str(tmp_path)], table) == 0
    assert main(["--check", str(tmp_path)], table) == 0
    assert {path.name for path in tmp_path.iterdir()} == set(pages())
    assert table.read_text("utf-8") == table_of_needs()


def test_the_table_of_needs_is_fresh() -> None:
    assert Path(TABLE).read_text("utf-8") == table_of_needs(), (
        "run python -m rbdsl.rules.documentation"
    )


def test_a_stale_table_of_needs_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "needs.txt"
    table.write_text(table_of_needs().replace("kubectl", "kubectx"), "utf-8")
    assert main(["--check", str(ROOT / "docs" / "rules")], table) == 1
    assert f"{table} is stale" in capsys.readouterr().err
