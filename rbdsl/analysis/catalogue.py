"""The requirements that a level policy can ask for: id, code, name of the rule, title.

How each one is proven is in `requirements`; which level asks for which is data, in
`stdlib/levels.toml` or a policy file of the organisation.
"""

from __future__ import annotations

from rbdsl.record import dataclass


@dataclass(frozen=True, slots=True)
class RequirementKind:
    """One requirement: the word of the policies, the code that reports it, its usual title."""

    id: str
    code: str
    title: str


KINDS: tuple[RequirementKind, ...] = (
    RequirementKind("documented-procedure", "RB401", "Documented rollback procedure"),
    RequirementKind("staging-test", "RB402", "Rollback tested in staging"),
    RequirementKind("automation", "RB403", "Automated rollback"),
    RequirementKind("verification-checklist", "RB404", "Verification checklist"),
    RequirementKind("comprehensive-documentation", "RB405", "Comprehensive rollback documentation"),
    RequirementKind(
        "production-like-test", "RB406", "Rollback tested in a production-like environment"
    ),
    RequirementKind("partial-scenarios", "RB407", "Partial rollback capability"),
    RequirementKind("data-consistency", "RB408", "Data consistency verification"),
    RequirementKind("rehearsal", "RB409", "Rollback rehearsal conducted"),
    RequirementKind("multi-region", "RB410", "Multi-region rollback coordination"),
    RequirementKind("manual-gates", "RB411", "Automated rollback with manual gates"),
    RequirementKind("data-integrity", "RB412", "Complete data integrity verification"),
    RequirementKind("stakeholder-rehearsal", "RB413", "Rollback rehearsal with stakeholders"),
    RequirementKind("communication-plan", "RB414", "Communication plan included"),
    RequirementKind("enterprise-plan", "RB415", "Enterprise rollback plan"),
)
"""In the order of their codes. Codes are never reused."""

BY_ID: dict[str, RequirementKind] = {kind.id: kind for kind in KINDS}
