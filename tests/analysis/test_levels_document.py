from __future__ import annotations

import re
from pathlib import Path

from rbdsl.analysis.catalogue import KINDS
from rbdsl.analysis.policy import parse_policies, shipped_policies
from rbdsl.model.values import show_ms
from rbdsl.source import Source
from tests.analysis.building import ms

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "levels.md").read_text(encoding="utf-8")


def test_every_requirement_is_described_under_its_code() -> None:
    rows = re.findall(r"^\| (RB\d+) \| `([a-z-]+)` \|", DOCUMENT, re.MULTILINE)
    assert rows == [(kind.code, kind.id) for kind in KINDS]


def test_the_times_of_the_shipped_levels_are_stated() -> None:
    for number, policy in shipped_policies().items():
        region = " per region" if policy.per_region else ""
        row = (
            f"| {number} | {show_ms(policy.sla_ms)}{region} | {show_ms(policy.target_ms)}{region} |"
        )
        assert row in DOCUMENT


def test_the_policy_shown_is_one() -> None:
    found = re.search(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)
    assert found
    policies, diagnostics = parse_policies(Source("levels.md", found[1]))
    assert diagnostics == []
    assert policies is not None
    assert policies[5].requires == (*policies[3].requires, "data-integrity")
    assert policies[5].sla_ms == ms("2m30s")
    assert policies[9].requires == ("documented-procedure",)
