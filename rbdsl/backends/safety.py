"""What an automatic rollback has to check before it starts, decided from what the plan holds.

The configuration and the monitor use the same answer. A check is only demanded where the plan
holds what it needs: a promise that nothing stands behind would be worse than none.
"""

from __future__ import annotations

import re

from rbdsl.model.plan import Plan
from rbdsl.model.proof import Check
from rbdsl.record import dataclass


@dataclass(frozen=True, slots=True)
class SafetyChecks:
    """Which checks are made; see `rbdsl/documents/auto_rollback.py` for what each promises."""

    backup_exists: bool
    previous_version_healthy: bool
    rollback_tested: bool


def safety_checks(plan: Plan) -> SafetyChecks:
    """The checks that this plan can stand for.

    - *backup exists:* a step or a check uses an artifact, so that preflight can look for it.
    - *previous version healthy:* a phase runs the verification, and a critical check in it is
      `for` a service, or names the version of a service that comes back.
    - *rollback tested:* the evidence holds a test run that passed.
    """
    return SafetyChecks(
        backup_exists=_uses_artifacts(plan),
        previous_version_healthy=_judges_restored_version(plan),
        rollback_tested=was_tested(plan),
    )


def was_tested(plan: Plan) -> bool:
    """Whether the plan holds evidence of a test run that passed."""
    return plan.testing is not None and any(run.passed for run in plan.testing.runs)


def _uses_artifacts(plan: Plan) -> bool:
    """A baseline is none: nothing can be restored from it."""
    kept = plan.capture.baseline if plan.capture else None
    used = [name for phase in plan.phases for step in phase.all_steps for name in step.uses]
    for check in plan.verification.checks if plan.verification else ():
        used += check.uses
    return any(not kept or name.text != kept.artifact.name.text for name in used)


def _judges_restored_version(plan: Plan) -> bool:
    if plan.verification is None or not any(phase.verifies for phase in plan.phases):
        return False
    return any(_is_about_a_service(c, plan) for c in plan.verification.checks if not c.warn)


def _is_about_a_service(check: Check, plan: Plan) -> bool:
    services = {service.name.text for service in plan.services}
    if check.expectations and any(name.text in services for name in check.subjects):
        return True
    versions = [service.restored.plain for service in plan.services if service.restored]
    texts = [e.shell.text for e in check.expectations]
    texts += [e.matcher.value.plain for e in check.expectations if e.matcher]
    return any(re.search(rf"(?<!\w){re.escape(v)}(?!\w)", t) for v in versions for t in texts)
