"""The JSON Schemas of the documents, by the name that `rbc schema` knows them by."""

from __future__ import annotations

import json
from functools import cache

from rbdsl.documents.auto_rollback import AutoRollbackDocument
from rbdsl.documents.certificate import CertificateDocument
from rbdsl.documents.manifest import ManifestDocument
from rbdsl.documents.plan_diff import PlanDiffDocument
from rbdsl.documents.rollback_failure import RollbackFailureDocument
from rbdsl.documents.rollback_metrics import RollbackMetricsDocument
from rbdsl.documents.shape import Shape, schema_of

DOCUMENTS: dict[str, type[Shape]] = {
    "certificate": CertificateDocument,
    "auto-rollback": AutoRollbackDocument,
    "rollback-metrics": RollbackMetricsDocument,
    "rollback-failure": RollbackFailureDocument,
    "manifest": ManifestDocument,
    "plan-diff": PlanDiffDocument,
}
"""Every document that has a schema."""


@cache
def schema(name: str) -> str:
    """The JSON Schema (2020-12) of a document as text; KeyError where there is none of the name."""
    return json.dumps(schema_of(DOCUMENTS[name], name), indent=2, ensure_ascii=False) + "\n"
