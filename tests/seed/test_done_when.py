"""The findings that a careful reviewer would list for the API plan as written, each at its line.

A row says what is wrong, the code that reports it, and the line of the plan by what stands on it
(the first line with that text behind the `after` text, where one is given). `REVIEWED` lists every
finding of the families artifacts and graph; each of them was looked at, and none is false.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from rbdsl.compiler import Checked
from rbdsl.rules.registry import all_rules
from tests.checking import checked

PLAN = Path(__file__).parent / "api-v2-1-as-written.rbplan"


class Row(NamedTuple):
    what: str
    code: str
    line: str
    after: str = ""


ROWS = [
    Row("plain dump with pg_restore", "RB816", "pg_restore --clean"),
    Row("the checksum file nobody writes", "RB801", "uses db_backup, backup_checksum"),
    Row("the checksum that is printed and not kept", "RB819", 'sha256sum "$db_backup"'),
    Row("manifests captured and never used", "RB802", "creates api_manifest"),
    Row("manifests captured and never used", "RB802", "creates auth_manifest"),
    Row("the backup has two names", "RB814", "backup-20251209-140000.sql"),
    Row("the session baseline that FLUSHDB destroys", "RB817", "redis-cli INFO"),
    Row("`exec -it` in automation", "RB820", "kubectl exec -it postgresql-primary"),
    Row("s3 cp with a glob", "RB859", "aws s3 cp rollback-logs-*.txt"),
    Row("curl without -f", "RB835", "curl -s load-balancer/health"),
    Row("curl without a time limit", "RB827", "curl -s load-balancer/health"),
    Row("an expectation that stands in a comment", "RB851", '# Expected: "v2.0.8"'),
    Row("pg_restore that goes on after an error", "RB836", "pg_restore --clean"),
    Row("sessions gone with the cache", "RB865", "redis-cli FLUSHDB"),
    Row("a variable that nothing sets", "RB890", "$duration"),
    Row("logs read after the scale to zero", "RB523", "kubectl logs -l version=v2.1"),
    Row("a read-only switch that is not undone on failure", "RB521", "step read_only"),
    Row("only one of two services drained", "RB526", "kubectl scale deployment api-service-v2.1"),
    Row("traffic restored before verification", "RB522", "phase traffic"),
    Row("a scenario deletes the version it keeps", "RB517", "scenario database_only"),
]
"""Rows of the other families go here with their codes: the list is that of the plan's review."""

REVIEWED = {
    ("RB513", 'jsonpath=\'{.spec.template.spec.containers[0].image}\' | cut -d: -f2` equals "v2.0.8"'),
    ("RB513", 'jsonpath=\'{.spec.template.spec.containers[0].image}\' | cut -d: -f2` equals "v1.5.2"'),
    ("RB515", "scenario auth_only"),
    ("RB517", "scenario database_only"),
    ("RB520", "step monitoring"),
    ("RB521", "step read_only"),
    ("RB522", "phase traffic"),
    ("RB523", "kubectl logs -l version=v2.1"),
    ("RB526", "kubectl scale deployment api-service-v2.1"),
    ("RB801", "uses db_backup, backup_checksum"),
    ("RB801", "uses config_snapshot"),
    ("RB801", "uses record_counts"),
    ("RB801", 'equals_file "pre-rollback-counts.txt"'),
    ("RB802", "creates api_manifest"),
    ("RB802", "creates auth_manifest"),
    ("RB807", "creates db_backup"),
    ("RB807", "creates metrics_baseline"),
    ("RB814", "backup-20251209-140000.sql"),
    ("RB816", "pg_restore --clean"),
    ("RB817", "redis-cli INFO"),
    ("RB819", 'sha256sum "$db_backup"'),
}  # fmt: skip
"""The code, and what stands on the line."""
FAMILIES = ("artifacts", "graph")


@pytest.fixture(scope="module")
def result() -> Checked:
    return checked(PLAN.read_text("utf-8"), path=PLAN.name)


def line_of(row: Row) -> int:
    """The number of the line that a row means."""
    lines = PLAN.read_text("utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if row.after in line) if row.after else 0
    return next(i for i, line in enumerate(lines[start:], start + 1) if row.line in line)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.code} {row.what}")
def test_is_found_at_its_line(result: Checked, row: Row) -> None:
    found = {d.span.begin.line for d in result.diagnostics if d.code == row.code}
    assert line_of(row) in found


def test_nothing_is_found_that_was_not_looked_at(result: Checked) -> None:
    families = {rule.code.id: rule.family for rule in all_rules()}
    lines = PLAN.read_text("utf-8").splitlines()
    for finding in result.diagnostics:
        if families.get(finding.code) in FAMILIES:
            text = lines[finding.span.begin.line - 1]
            known = any(code == finding.code and part in text for code, part in REVIEWED)
            assert known, f"{finding.span.begin.line}: {finding.code} {finding.message}"
