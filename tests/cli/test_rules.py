"""`rbc explain`, `rbc rules` and `rbc schema` from outside."""

from __future__ import annotations

import json

from jsonschema import Draft202012Validator

from tests.cli.conftest import Rbc


def test_explain_by_code_and_by_name(rbc: Rbc) -> None:
    by_code = rbc("explain", "rb304").stdout
    assert by_code.startswith("RB304 claimed-time-differs (error)\n\n")
    assert "\nBad\n" in by_code
    assert "```" not in by_code
    assert rbc("explain", "claimed-time-differs").stdout == by_code
    assert max(map(len, by_code.splitlines())) <= 100


def test_every_rule_can_be_explained(rbc: Rbc) -> None:
    rules = json.loads(rbc("rules", "--output-format", "json").stdout)
    codes = [rule["code"] for rule in rules]
    assert codes == sorted(set(codes))
    pages = rbc("explain", *codes).stdout
    for rule in rules:
        assert f"{rule['code']} {rule['name']} ({rule['severity']})" in pages
        assert rule["summary"].endswith(".")


def test_the_list_for_people_names_every_rule(rbc: Rbc) -> None:
    listed = rbc("rules").stdout
    for rule in json.loads(rbc("rules", "--output-format", "json").stdout):
        assert f"  {rule['code']}  " in listed


def test_every_schema_is_a_json_schema(rbc: Rbc) -> None:
    names = rbc("schema").stdout.split()
    assert "auto-rollback" in names
    for name in names:
        Draft202012Validator.check_schema(json.loads(rbc("schema", name).stdout))
