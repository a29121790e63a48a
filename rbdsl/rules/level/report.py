"""Turns the requirements of the analysis into findings; what proves each one is decided there."""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.results import Status
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context


def report(code: Code, context: Context) -> Iterator[Diagnostic]:
    """The finding for a requirement that its plan does not fully prove.

    Missing and mandatory is an error, missing but recommended or only weakly proven a warning.
    """
    level = context.plan.level
    for requirement in context.analysis.requirements:
        if requirement.code != code.id or requirement.status is Status.PROVEN:
            continue
        weakened = requirement.status is Status.WEAKENED
        verb = "demands" if requirement.mandatory else "recommends"
        labels = [Label(requirement.span, "proves it only in part")] if weakened else []
        yield code.at(
            requirement.span,
            f"level {level.number} {verb} “{requirement.title}”: {requirement.evidence}",
            labels=labels,
            hint=requirement.hint,
            severity=Severity.ERROR if requirement.mandatory and not weakened else Severity.WARNING,
        )
