"""Whether a plan reaches its level: each requirement with what proves it, and how that is bound.

What stands in the plan is bound to it by the plan's hash. A run is bound where it was one of this
version. What the `testing` block states is dated, and bound to no version: it was written into the
plan after the test, so that no plan can hold the hash of its own test.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from rbdsl.analysis.proofs.trials import (
    is_called_staging,
    stands_for_production,
    stands_for_staging,
)
from rbdsl.analysis.results import Analysis, Requirement, Status
from rbdsl.diagnostics import Diagnostic, Severity
from rbdsl.model.plan import Plan
from rbdsl.model.values import Timestamp
from rbdsl.record import dataclass
from rbdsl.review.certificate.runs import JudgedRun, Worth


class Verdict(StrEnum):
    """How far a requirement is met."""

    PROVEN = "proven"
    WEAKENED = "weakened"
    STALE = "stale"
    MISSING = "missing"


class Binding(StrEnum):
    """What ties the evidence to this version of the plan."""

    PLAN = "plan"
    """It is a part of the plan, whose hash is the certificate's."""
    RUN = "run"
    """It is a run of this version."""
    STATED = "stated"
    """The plan says so, with a date."""
    NONE = "none"
    """There is no evidence."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A requirement with its verdict; `run` is the run that decided, if one did."""

    requirement: Requirement
    verdict: Verdict
    binding: Binding
    evidence: str
    hint: str | None = None
    run: JudgedRun | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a plan comes to. `problems` are errors that no evidence makes up for."""

    requirements: tuple[Judged, ...]
    problems: tuple[Diagnostic, ...]

    @property
    def gaps(self) -> tuple[Judged, ...]:
        """What the level demands and nothing proves."""
        return tuple(
            judged
            for judged in self.requirements
            if judged.requirement.mandatory and judged.verdict is not Verdict.PROVEN
        )

    @property
    def reached(self) -> bool:
        """Whether the level is reached."""
        return not self.gaps and not self.problems


_TRIED = frozenset(["staging-test", "production-like-test", "rehearsal", "stakeholder-rehearsal"])


def judgement(
    analysis: Analysis,
    diagnostics: Sequence[Diagnostic],
    runs: Sequence[JudgedRun],
    *,
    only_runs: bool,
) -> Judgement:
    """Every requirement of the level. With `only_runs` a statement of the plan proves no test."""
    codes = {requirement.code for requirement in analysis.requirements}
    problems = tuple(d for d in diagnostics if d.severity is Severity.ERROR and d.code not in codes)
    return Judgement(
        tuple(_judge(r, analysis.plan, runs, only_runs=only_runs) for r in analysis.requirements),
        problems,
    )


def _judge(
    requirement: Requirement, plan: Plan, runs: Sequence[JudgedRun], *, only_runs: bool
) -> Judged:
    if requirement.id not in _TRIED:
        binding = Binding.NONE if requirement.status is Status.MISSING else Binding.PLAN
        verdict = Verdict(requirement.status.value)
        return Judged(requirement, verdict, binding, requirement.evidence, requirement.hint)
    fitting = [j for j in runs if _fits(requirement.id, j, plan)]
    if requirement.id == "stakeholder-rehearsal":
        return _with_stakeholders(requirement, plan, fitting, only_runs=only_runs)
    return _tried(requirement, plan, fitting, only_runs=only_runs)


def _tried(
    requirement: Requirement, plan: Plan, runs: Sequence[JudgedRun], *, only_runs: bool
) -> Judged:
    """By the last run of this version that says something, else by the plan's own statement."""
    stated = _stated(requirement, plan, only_runs=only_runs)
    telling = [j for j in runs if j.worth in {Worth.PROOF, Worth.FAILED, Worth.FAULT}]
    if telling and telling[-1].worth is Worth.PROOF:
        return _by_run(requirement, Verdict.PROVEN, telling[-1], None)
    if telling:
        hint = "mend what failed, and rehearse again"
        if telling[-1].worth is Worth.FAULT:
            hint = "compile the plan, and rehearse with its script as it is"
        return _by_run(requirement, Verdict.WEAKENED, telling[-1], hint)
    if stated.verdict is Verdict.PROVEN:
        return stated
    weak = [j for j in runs if j.worth is Worth.WEAK]
    if weak:
        return _by_run(
            requirement, Verdict.WEAKENED, weak[-1], "rehearse the whole plan, within the SLA"
        )
    stale = [j for j in runs if j.worth is Worth.STALE]
    if stale and stated.verdict is Verdict.MISSING:
        hint = "rehearse this version: rollback.sh --rehearsal ENVIRONMENT"
        return _by_run(requirement, Verdict.STALE, stale[-1], hint)
    return stated


def _with_stakeholders(
    requirement: Requirement, plan: Plan, runs: Sequence[JudgedRun], *, only_runs: bool
) -> Judged:
    """Who took part no run can tell: the plan says it, a run shows that it was this version."""
    proofs = [j for j in runs if j.worth is Worth.PROOF]
    if requirement.status is Status.PROVEN and proofs:
        evidence = f"{requirement.evidence}; run {proofs[-1].run.run} is of this version"
        return Judged(requirement, Verdict.PROVEN, Binding.RUN, evidence, None, proofs[-1])
    return _stated(requirement, plan, only_runs=only_runs)


def _stated(requirement: Requirement, plan: Plan, *, only_runs: bool) -> Judged:
    if requirement.status is not Status.PROVEN:
        verdict = Verdict(requirement.status.value)
        binding = Binding.NONE if verdict is Verdict.MISSING else Binding.STATED
        return Judged(requirement, verdict, binding, requirement.evidence, requirement.hint)
    when = _date(requirement, plan)
    if when and plan.updated and when.at < plan.updated.at:
        evidence = f"{requirement.evidence}, before the plan was updated on {plan.updated}"
        hint = "do it again with the plan as it is now"
        return Judged(requirement, Verdict.STALE, Binding.STATED, evidence, hint)
    if only_runs:
        evidence = f"{requirement.evidence}, as the plan states, and no run of this version"
        hint = "rehearse it, and name the folder: --runs .rbc/runs"
        return Judged(requirement, Verdict.WEAKENED, Binding.STATED, evidence, hint)
    return Judged(requirement, Verdict.PROVEN, Binding.STATED, requirement.evidence)


def _date(requirement: Requirement, plan: Plan) -> Timestamp | None:
    """When it was tried, by the element of the plan that proves it."""
    testing = plan.testing
    if testing is None:
        return None
    if testing.rehearsal and requirement.span == testing.rehearsal.span:
        return testing.rehearsal.held
    return next((run.passed for run in testing.runs if run.span == requirement.span), None)


def _by_run(
    requirement: Requirement, verdict: Verdict, judged: JudgedRun, hint: str | None
) -> Judged:
    run = judged.run
    evidence = f"run {run.run} in `{run.rehearsal}`: {judged.why}"
    return Judged(requirement, verdict, Binding.RUN, evidence, hint, judged)


def _fits(requirement: str, judged: JudgedRun, plan: Plan) -> bool:
    """Whether a run was in an environment such as the requirement asks for."""
    environment = judged.run.rehearsal
    if judged.worth is Worth.NONE:
        return False
    tests = plan.testing.runs if plan.testing else ()
    named = [t for t in tests if t.environment.text == environment and t.stands_for]
    alias = named[-1].stands_for.text if named and named[-1].stands_for else None
    if requirement == "staging-test":
        return stands_for_staging(environment, alias)
    if requirement == "production-like-test":
        return stands_for_production(environment, alias) and not is_called_staging(environment)
    return True
