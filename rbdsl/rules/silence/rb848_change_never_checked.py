"""A change that no check of the plan is about.

## Why

That a command ended with 0 says that it was accepted, not that it did what was meant: a label that
matched no pod, an UPDATE of no row, a DNS record of the wrong zone. Where nothing looks afterwards,
the first to see it are the customers.

## Bad

```rbplan
phase traffic "Traffic" {
  budget 1m
  step label "Label" {
    run `kubectl -n shop label pods -l version=v3.1.4 rollout=stable --overwrite`
  }
}
```

## Good

```rbplan
phase traffic "Traffic" {
  budget 1m
  step label "Label" {
    run    `kubectl -n shop label pods -l version=v3.1.4 rollout=stable --overwrite`
    expect `kubectl -n shop get pods -l rollout=stable -o name | wc -l` equals "10"
  }
}
```

## How it can be fooled

Any later expectation or check of the same service counts, for `forum-db` one of `forum` as well,
and one that names no service counts for all; whether it would notice is not judged. Only commands
that are known to change a system count, and files on the machine that runs the plan do not. Nor
does `kubectl patch` of one object that is nothing but a setting of the cluster (the bounds of an
autoscaler, a quota): there the server's answer is the state, and what is not there is an error.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall, Role
from rbdsl.rules.service_names import belong_together
from rbdsl.rules.silence.answers import SHRUGS
from rbdsl.rules.silence.changes import act, changes
from rbdsl.rules.silence.early import early
from rbdsl.rules.silence.later import Looking, is_expected, looking
from rbdsl.rules.silence.waiting import is_call_that_looks

CODE = Code("RB848", "change-never-checked", Severity.WARNING)

_FILES = frozenset(
    """
    cp mv ln install tar unzip chown chmod git rsync scp npm apt-get yum dnf rpm dpkg sysctl curl
    robocopy xcopy rclone
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_KEEPS = frozenset(["pull", "tag", "push", "load", "pause", "resume"])
_SETTINGS = lazy_pattern(
    r"(?:hpa|horizontalpodautoscalers?|pdb|poddisruptionbudgets?|quota|resourcequotas?|limits"
    r"|limitranges?|cj|cronjobs?|pv|persistentvolumes?|sc|storageclass(?:es)?|priorityclass(?:es)?)(?:\.[a-z0-9.]+)?(?:/.*)?\Z"
)
"""Kinds of objects that have no state besides what is set."""
_LOOKS = frozenset(
    """
    grep egrep test [ diff cmp jq awk wget nc pg_isready dig sha256sum md5sum stat ping host
    nslookup openssl python3 http
    """.split()  # noqa: SIM905 - a list of words is read as one
)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each step with such a change: at its last one."""
    later: Looking | None = None
    for place in context.places:
        if place.role is Role.RUN and place.phase is not None and not is_expected(place.step):
            changing = [placed for placed in place.calls if _counts(placed)]
            if changing:
                later = later or looking(context, _looks, _judges)
                if not _looked_at(changing[-1], later):
                    yield _report(changing[-1])


def _counts(placed: PlacedCall) -> bool:
    call = placed.call
    if call.program in _FILES or (call.operands[:1] and call.operands[0] in _KEEPS):
        return False
    if _is_answered(placed):
        return False
    return changes(call) and early(placed) is None and _is_about_a_system(call)


def _is_answered(placed: PlacedCall) -> bool:
    """Whether the answer of the cluster says what the state is: a setting of one object."""
    call = placed.call
    if call.program not in ("kubectl", "oc") or call.has("selector", "l", "all"):
        return False
    operands = [placed.filled(word) for word in call.operands]
    at = operands.index("patch") + 1 if "patch" in operands else len(operands)
    return any(_SETTINGS.match(word) for word in operands[at : at + 1])


def _is_about_a_system(call: Call) -> bool:
    """Whether it changes more than files: `aws s3 cp` stores something, and fails by itself."""
    return call.operands[:1] not in (("s3",), ("s3api",))


def _looked_at(placed: PlacedCall, later: Looking) -> bool:
    if next(later.behind(placed), None) is not None:
        return True
    return any(_is_relevant(place, placed.place) for place, _ in later.after(placed))


def _looks(call: Call) -> bool:
    """Whether a call asks for the state of something: it is known, and changes nothing."""
    known = call.program in _LOOKS or call.program in (
        "kubectl", "oc", "curl", "psql", "mysql", "redis-cli", "helm", "systemctl", "aws", "docker",
        "gcloud", "az", "terraform", "argocd",
    )  # fmt: skip
    looks = (known and not changes(call)) or is_call_that_looks(call)
    return looks and call.program not in SHRUGS


def _judges(place: Place) -> bool:
    return place.role in (Role.EXPECT, Role.DONE_WHEN)


def _is_relevant(place: Place, own: Place) -> bool:
    """Whether a later piece of shell is about the same thing, as far as the plan says."""
    services = {name.text for name in own.step.services} if own.step else set()
    if place.check is not None:
        subjects = {name.text for name in place.check.subjects}
        if own.phase is not None:
            services = services | {own.phase.name.text}
    else:
        subjects = {name.text for name in place.step.services} if place.step else set()
    return not subjects or not services or belong_together(subjects, services)


def _report(placed: PlacedCall) -> Diagnostic:
    return CODE.at(
        placed.span,
        f"nothing looks at what came of `{act(placed)}`: neither this step nor a later one, nor a "
        "check of the verification",
        hint="let the step `expect` what is to be seen afterwards",
    )
