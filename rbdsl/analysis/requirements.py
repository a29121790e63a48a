"""Which requirements of its level a plan proves, and by which of its elements.

| code  | id                          | what proves it                                             |
|-------|-----------------------------|------------------------------------------------------------|
| RB401 | documented-procedure        | `change`, and something to do in every phase               |
| RB402 | staging-test                | a test run `in staging` (or `as staging`) that passed      |
| RB403 | automation                  | `automation full` or `gated`, and no manual steps          |
| RB404 | verification-checklist      | critical checks in `verification`, run by a phase          |
| RB405 | comprehensive-documentation | header, services, capture, triggers, phase objectives      |
| RB406 | production-like-test        | a test run `as production` that passed                     |
| RB407 | partial-scenarios           | a scenario that runs a part of the plan                    |
| RB408 | data-consistency            | a critical check of the data; weakened by `warn`           |
| RB409 | rehearsal                   | a rehearsal that was `held`; `planned` alone is not enough |
| RB410 | multi-region                | two regions or more, in waves                              |
| RB411 | manual-gates                | a gate with approvers and a timeout                        |
| RB412 | data-integrity              | critical data checks only, checksums of used artifacts     |
| RB413 | stakeholder-rehearsal       | a held rehearsal whose participants name stakeholders      |
| RB414 | communication-plan          | channels, notices, audiences with their message            |
| RB415 | enterprise-plan             | permit, escalation, validation, archive                    |
"""

from __future__ import annotations

from collections.abc import Callable

from rbdsl.analysis.catalogue import BY_ID
from rbdsl.analysis.policy import LevelPolicy
from rbdsl.analysis.proofs import data, documents, procedure, trials
from rbdsl.analysis.proofs.proof import Facts, Proof
from rbdsl.analysis.results import Requirement

_PROOFS: dict[str, Callable[[Facts], Proof]] = {
    "documented-procedure": documents.documented_procedure,
    "staging-test": trials.staging_test,
    "automation": procedure.automation,
    "verification-checklist": procedure.verification_checklist,
    "comprehensive-documentation": documents.comprehensive_documentation,
    "production-like-test": trials.production_like_test,
    "partial-scenarios": procedure.partial_scenarios,
    "data-consistency": data.data_consistency,
    "rehearsal": trials.rehearsal,
    "multi-region": procedure.multi_region,
    "manual-gates": procedure.manual_gates,
    "data-integrity": data.data_integrity,
    "stakeholder-rehearsal": trials.stakeholder_rehearsal,
    "communication-plan": documents.communication_plan,
    "enterprise-plan": documents.enterprise_plan,
}


def judge_requirements(facts: Facts, policy: LevelPolicy) -> tuple[Requirement, ...]:
    """Every requirement of the level, mandatory ones first, in the order of the policy."""
    demanded = [(name, True) for name in policy.requires]
    demanded += [(name, False) for name in policy.recommends]
    return tuple(_judge(facts, policy, name, mandatory=mandatory) for name, mandatory in demanded)


def _judge(facts: Facts, policy: LevelPolicy, name: str, *, mandatory: bool) -> Requirement:
    proof = _PROOFS[name](facts)
    return Requirement(
        id=name,
        code=BY_ID[name].code,
        title=policy.title_of(name),
        mandatory=mandatory,
        status=proof.status,
        evidence=proof.evidence,
        hint=proof.hint,
        span=proof.span,
    )
