"""Requirements that ask for something to have been tried."""

from __future__ import annotations

from rbdsl.analysis.proofs.proof import Facts, Proof, listed, missing, proven, weakened
from rbdsl.model.proof import Rehearsal, TestRun

_STAGING = {"staging", "stage"}
_PRODUCTION = {"production", "prod"}
_LIKE_PRODUCTION = {"production-like", "productionlike", "prod-like", "prodlike"}


def staging_test(facts: Facts) -> Proof:
    """Proven by a test run that passed `in staging`, `in staging-…` or `in … as staging`.

    Fooled by a time in `passed` that nobody tested at; `evidence` can be followed, not checked.
    """
    runs = [run for run in _runs(facts) if _is_staging(run)]
    return _tried(facts, runs, "staging", "in staging { passed 2026-01-31T10:00:00Z }")


def production_like_test(facts: Facts) -> Proof:
    """Proven by a test run that passed `as production`, or in one that is named production-like.

    A staging environment does not count, whatever it is said to stand for. Fooled by
    `as production` for an environment that is not like production.
    """
    runs = [run for run in _runs(facts) if _is_like_production(run)]
    claimed = [run for run in runs if is_called_staging(run.environment.text)]
    real = [run for run in runs if run not in claimed]
    if claimed and not real:
        return weakened(
            f"`{claimed[0].environment}` is said to stand for production, and is a staging one",
            claimed[0].span,
            "test in an environment of production's size and data, such as the idle colour",
        )
    return _tried(
        facts,
        real,
        "a production-like environment",
        "in production-blue as production { passed 2026-01-31T10:00:00Z }",
    )


def rehearsal(facts: Facts) -> Proof:
    """Proven by a rehearsal that was `held`; `planned` alone proves nothing."""
    testing = facts.plan.testing
    practice = testing.rehearsal if testing else None
    if practice is None:
        return missing(
            "no rehearsal is planned or held",
            testing.span if testing else facts.level_span,
            "rehearse the rollback, and note it as `rehearsal { held 2026-01-31T16:00:00Z }`",
        )
    if practice.held is None:
        planned = f" is planned for {practice.planned}, and" if practice.planned else ""
        return missing(
            f"the rehearsal{planned} was not held yet",
            practice.span,
            "note when it took place: `held 2026-01-31T16:00:00Z`",
        )
    return proven(f"rehearsed {_circumstances(practice)}", practice.span)


def stakeholder_rehearsal(facts: Facts) -> Proof:
    """Proven by a held rehearsal with stakeholders among its participants.

    A participant counts who has the word “stakeholder” in the name, or is an audience of
    `communications`. Fooled by a list of people who were invited and did not come.
    """
    conducted = rehearsal(facts)
    testing = facts.plan.testing
    practice = testing.rehearsal if testing else None
    if practice is None or practice.held is None:
        return conducted
    block = facts.plan.communications
    audiences = {a.title.plain.casefold() for a in block.audiences} if block else set()
    names = [participant.plain for participant in practice.participants]
    for name in names:
        if "stakeholder" in name.casefold() or name.casefold() in audiences:
            return proven(f"rehearsed {_circumstances(practice)}", practice.span)
    who = f"with {listed(names)}, and" if names else "with nobody named, so"
    return missing(
        f"the rehearsal was held {who} no stakeholder took part",
        practice.span,
        'name them: `participants "SRE", "Stakeholders"`, or an audience by its title',
    )


def _tried(facts: Facts, runs: list[TestRun], where: str, example: str) -> Proof:
    testing = facts.plan.testing
    if not runs:
        tried = _runs(facts)
        passed = [f"`{run.environment}`" for run in tried if _passed(run)]
        elsewhere = f", only in {listed(passed)}" if passed else ""
        if tried and not passed:
            elsewhere = f", and {_outcome(tried[-1])}"
        return missing(
            f"the rollback was not tested in {where}{elsewhere}",
            testing.span if testing else facts.level_span,
            f"test it, and note the result: `{example if testing else f'testing {{ {example} }}'}`",
        )
    good = [run for run in runs if _passed(run)]
    if not good:
        return missing(
            _outcome(runs[-1]),
            runs[-1].span,
            "note when it passed: `passed 2026-01-31T10:00:00Z`",
        )
    run = good[-1]
    alias = f" (as `{run.stands_for}`)" if run.stands_for else ""
    took = f" in {run.took}" if run.took else ""
    return proven(f"tested in `{run.environment}`{alias}, passed {run.passed}{took}", run.span)


def _outcome(run: TestRun) -> str:
    """What became of a test that has not passed."""
    outcome = f"failed {run.failed}" if run.failed else "has no result yet"
    return f"the test in `{run.environment}` {outcome}"


def _passed(run: TestRun) -> bool:
    if run.passed is None:
        return False
    return run.failed is None or run.failed.at < run.passed.at


def _circumstances(practice: Rehearsal) -> str:
    length = f" for {practice.duration}" if practice.duration else ""
    names = [participant.plain for participant in practice.participants]
    return f"{practice.held}{length}" + (f" with {listed(names)}" if names else "")


def _runs(facts: Facts) -> tuple[TestRun, ...]:
    return facts.plan.testing.runs if facts.plan.testing else ()


def stands_for_staging(environment: str, stands_for: str | None) -> bool:
    """Whether a test in an environment, perhaps said to stand for another, is one in staging."""
    return bool(_words(stands_for or environment) & _STAGING)


def stands_for_production(environment: str, stands_for: str | None) -> bool:
    """Whether it is said to be like production; a staging environment can be said to be."""
    if stands_for:
        return stands_for.casefold() in _PRODUCTION
    return environment.casefold().replace("_", "-") in _PRODUCTION | _LIKE_PRODUCTION


def is_called_staging(environment: str) -> bool:
    """Whether an environment is a staging one by its own name."""
    return bool(_words(environment) & _STAGING)


def _is_staging(run: TestRun) -> bool:
    return stands_for_staging(run.environment.text, _alias(run))


def _is_like_production(run: TestRun) -> bool:
    return stands_for_production(run.environment.text, _alias(run))


def _alias(run: TestRun) -> str | None:
    return run.stands_for.text if run.stands_for else None


def _words(name: str) -> set[str]:
    return set(name.casefold().replace("_", "-").split("-"))
