"""The dated proofs of a plan: tests that passed, and the rehearsal that was held."""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.model.values import Timestamp
from rbdsl.rules.context import Context


def proofs(context: Context) -> Iterator[tuple[str, Timestamp]]:
    """What was proven, in words, and when."""
    testing = context.plan.testing
    if not testing:
        return
    for run in testing.runs:
        if run.passed:
            yield f"the test in `{run.environment}` passed", run.passed
    if testing.rehearsal and testing.rehearsal.held:
        yield "the rehearsal was held", testing.rehearsal.held
