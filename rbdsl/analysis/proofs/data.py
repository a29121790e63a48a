"""Requirements on the data: is what is there after the rollback what was there before.

A check is taken for a *data check* when one of its words says so (in its name, its title, or
the labels of its expectations: consistency, integrity, checksum, record or row counts,
referential, orphan, corrupt, reconcile), or when it compares with a file of before
(`equals_file`). That is fooled by a title that promises more than the command does, and it
misses a check of the data that is called something else: then say it in the title. A check of
the schema's version is about the structure, and weakens the claim instead of proving it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rbdsl.analysis.proofs.proof import (
    Facts,
    Proof,
    counted,
    listed,
    missing,
    proven,
    weakened,
)
from rbdsl.analysis.unfailing import HINT_TO_FAIL, always_passes
from rbdsl.model.proof import Check
from rbdsl.model.steps import Artifact, Expectation, MatcherKind
from rbdsl.patterns import lazy_pattern

_DATA = lazy_pattern(
    r"consisten|integrit|checksum|sha-?256|referential|foreign.key|orphan|corrupt|reconcil"
    r"|\b(record|row|tuple|document|message)s?.?counts?|\bcounts? of (record|row)s?"
    r"|\bdata (match|loss|quality|complete)",
    re.IGNORECASE,
)
_SCHEMA = lazy_pattern(r"schema|migration", re.IGNORECASE)


def is_data_check(check: Check) -> bool:
    """Whether a check looks at the data, as far as its words and matchers tell."""
    return _says(_DATA, check.name.text, check.title.plain, check.expectations) or any(
        e.matcher is not None and e.matcher.kind is MatcherKind.EQUALS_FILE
        for e in check.expectations
    )


def data_consistency(facts: Facts) -> Proof:
    """Proven by a critical data check in the verification, weakened by one that only warns."""
    checks = [check for check in _checks(facts) if is_data_check(check)]
    for check in checks:
        if not check.warn and not always_passes(check, _checks(facts)):
            return proven(
                f"check “{check.title}” fails the verification when the data differ", check.span
            )
    lost = [check for check in checks if not check.warn]
    if lost:
        return weakened(
            f"check “{lost[0].title}” {always_passes(lost[0], _checks(facts))}, so a rollback that "
            "lost data passes",
            lost[0].span,
            HINT_TO_FAIL,
        )
    if checks:
        return weakened(
            f"check “{checks[0].title}” only warns, so a rollback that lost data passes",
            checks[0].span,
            "leave `warn` out",
        )
    return _without_data_check(facts)


def data_integrity(facts: Facts) -> Proof:
    """Proven by critical data checks only, and by checksums of all artifacts that are restored.

    Fooled like `data_consistency`; and a checksum tells that a backup is the file that was made,
    not that it can be restored.
    """
    checks = [check for check in _checks(facts) if is_data_check(check)]
    every = _checks(facts)
    critical = [check for check in checks if not check.warn and not always_passes(check, every)]
    if not critical:
        return data_consistency(facts)
    lenient = [check for check in checks if check.warn]
    if lenient:
        return weakened(
            f"data check “{lenient[0].title}” only warns",
            lenient[0].span,
            "complete verification leaves no data check at `warn`",
        )
    unsealed = [artifact for artifact in _restored(facts) if artifact.checksum is None]
    if unsealed:
        names = listed([f"`{artifact.name}`" for artifact in unsealed])
        return weakened(
            f"{counted(len(unsealed), 'artifact')} without a checksum: {names}",
            unsealed[0].span,
            "add `checksum sha256` where it is created",
        )
    titles = listed([f"“{check.title}”" for check in critical])
    return proven(f"{counted(len(critical), 'critical data check')}: {titles}", critical[0].span)


def _without_data_check(facts: Facts) -> Proof:
    block = facts.plan.verification
    hint = (
        'add a check that compares the data with their state before, such as `check "Record '
        'counts" { expect `…` equals_file "counts.txt" }`'
    )
    for check in _checks(facts):
        if _says(_SCHEMA, check.name.text, check.title.plain, check.expectations):
            return weakened(
                f"check “{check.title}” looks at the structure, and no check at the data",
                check.span,
                hint,
            )
    for phase in facts.plan.phases:
        for step in phase.steps:
            labelled = [e for e in step.expectations if e.label or e.matcher]
            if _says(_DATA, "", "", labelled):
                return weakened(
                    f"step “{step.title}” looks at the data once, and the verification does not",
                    step.span,
                    hint,
                )
    return missing("no check looks at the data", block.span if block else facts.level_span, hint)


def _restored(facts: Facts) -> list[Artifact]:
    used = {name.text for phase in facts.plan.phases for s in phase.all_steps for name in s.uses}
    return [artifact for artifact in facts.plan.artifacts if artifact.name.text in used]


def _checks(facts: Facts) -> tuple[Check, ...]:
    return facts.plan.verification.checks if facts.plan.verification else ()


def _says(
    words: re.Pattern[str], name: str, title: str, expectations: Iterable[Expectation]
) -> bool:
    labels = (e.label.plain for e in expectations if e.label)
    return any(words.search(text) for text in (re.sub("[-_]", " ", name), title, *labels))
