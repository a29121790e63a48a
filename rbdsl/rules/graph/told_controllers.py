"""Controllers of which a plan only speaks: its texts say that a repository is synced by itself.

In: the plan. Out: the controller and the text that says so; none where anything in the plan
switches the syncing off, or changes the repository that it follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.model.plan import Plan
from rbdsl.model.steps import Verify
from rbdsl.model.values import Text
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context

_NAMES = {"argocd": lazy_pattern(r"(?i)\bargo ?cd\b"), "flux": lazy_pattern(r"(?i)\bflux\b")}
_BY_ITSELF = (
    r"(?i)self-?heal|auto[- ]?sync|automat\w*[- ](?:\w+ )?(?:sync|reconcil)"
    r"|\b(?:syncs|synced|syncing|reconciles|reconciled|applies|follows)\b.*\b(?:automat|from\b)"
)
_OFF = (
    r"(?i)\b(?:by hand|manual(?:ly)?|no (?:auto|self)|not (?:auto|sync)|off\b|suspended|disabled"
    r"|paused|without (?:auto|self))"
)
_MENDS = r"(?i)\brever|repositor|\bsync|self-?heal|\bargo|\bflux|gitops|commit|manifest"
"""What a step or a person says who sees to the repository, or to the controller."""
_CUSTOM = (
    r"(?i)syncpolicy|applications?(?:\.argoproj|/|\b)|kustomizations?\b|helmreleases?\b"
    r"|skip-reconcile|reconcile=disabled|applicationsets?\b"
)
_KEEPS_IN_GIT = frozenset(["revert", "push", "commit", "am", "cherry-pick", "merge"])


def told(context: Context) -> Iterator[tuple[str, Text]]:
    """Each controller that syncs by itself, as the plan says, and that nothing holds up."""
    for text in _texts(context.plan):
        if not re.search(_BY_ITSELF, text.plain) or re.search(_OFF, text.plain):
            continue
        for program, name in _NAMES.items():
            if name.search(text.plain) and not _is_seen_to(context):
                yield program, text
                return


def _texts(plan: Plan) -> Iterator[Text]:
    yield from (text for text in (plan.change, plan.note) if text)
    yield from (fact.value for fact in (plan.capture.facts if plan.capture else ()))


def _is_seen_to(context: Context) -> bool:
    """Whether any step, person or command may hold the controller up, or change its source."""
    for phase in context.plan.phases:
        items = (item for item in phase.items if not isinstance(item, Verify))
        titles = [phase.title, phase.note, *(item.title for item in items)]
        titles += [step.note for step in phase.all_steps]
        if any(title and re.search(_MENDS, title.plain) for title in titles):
            return True
    for placed in context.calls:
        call = placed.call
        if call.program in ("argocd", "flux", "gh", "glab", "hub"):
            return True
        if call.program == "git" and not _KEEPS_IN_GIT.isdisjoint(call.operands[:2]):
            return True
        if call.program in ("kubectl", "oc") and re.search(_CUSTOM, call.text):
            return True
        if call.program.endswith(".sh") and re.search(_MENDS, call.program):
            return True
    return False
