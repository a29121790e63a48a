"""A command waits for something that may never come.

`kubectl rollout status` waits without end unless it is told otherwise; so do `kubectl drain`,
`argocd app wait` and `flock`.

## Why

A rollout whose image can't be pulled never becomes ready. The command waits until the step is
stopped, which says no more than "time limit"; and a tool that is stopped in the middle may leave
more behind: a release that Helm has marked as pending refuses the next attempt.

## Bad

```rbplan
phase apps "Applications" {
  budget 5m
  step wait "Wait" { timeout 2m; run `kubectl -n shop rollout status deployment/api` }
}
```

## Good

```rbplan
phase apps "Applications" {
  budget 5m
  step wait "Wait" {
    timeout 2m
    run `kubectl -n shop rollout status deployment/api --timeout=110s`
  }
}
```

## How it can be fooled

By a limit in a variable of options. `timeout 60 kubectl …` counts as a limit. What gives up by
itself after a while (`kubectl wait` after 30 s, `helm --wait` after five minutes) is reported
only where the limit of the step is shorter, or as an information. A volume claim is believed to be
mounted unless the plan has scaled something to 0, or deleted it, before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rbdsl.analysis.calls import Call, Word
from rbdsl.diagnostics import Code, Diagnostic, Fix, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.acting import Order, acting
from rbdsl.rules.context import Context
from rbdsl.rules.hangs.running import (
    added,
    begins,
    is_limited,
    own_timeout,
    running,
    stands_there,
)
from rbdsl.rules.placed_calls import PlacedCall, Role

CODE = Code("RB828", "wait-without-limit", Severity.WARNING)


class _Wait(NamedTuple):
    """A command that waits: its verb, what limits it, and how long it waits by itself.

    - `only_with`: the options without which it does not wait.
    - `not_with`: those with which it does not.
    - `add`: the mend, with `{}` for seconds.
    - `usual_ms`: after how long it gives up unless told, 0 for never.
    """

    verb: tuple[str, ...]
    limits: tuple[str, ...] = ("timeout",)
    add: str = "--timeout={}s"
    only_with: tuple[str, ...] = ()
    not_with: tuple[str, ...] = ()
    usual_ms: int = 0
    severity: Severity = Severity.WARNING


_KUBECTL = (
    _Wait(("rollout", "status"), not_with=("watch=false", "w=false")),
    _Wait(("drain",), not_with=("dry-run",)),
    _Wait(("wait",), usual_ms=30_000, severity=Severity.INFO),
    _Wait(
        ("delete", "ns|namespace|namespaces|pvc|pv|crd|customresourcedefinition|crds"),
        not_with=("wait=false", "dry-run"),
        severity=Severity.INFO,
    ),
)
_HELM = _Wait(
    ("upgrade|install|rollback|uninstall",),
    add="--timeout {}s",
    only_with=("wait", "atomic", "wait-for-jobs", "rollback-on-failure"),
    usual_ms=300_000,
)
_WAITS: dict[str, tuple[_Wait, ...]] = {
    "kubectl": _KUBECTL,
    "oc": _KUBECTL,
    "helm": (_HELM,),
    "argocd": (
        _Wait(("app", "wait"), add="--timeout {}"),
        _Wait(("app", "sync|rollback"), add="--timeout {}", not_with=("async",)),
    ),
    "docker": (_Wait(("wait",), limits=(), add="timeout {} docker wait"),),
    "inotifywait": (_Wait((), limits=("t", "timeout"), add="--timeout {}"),),
    "nc": (_Wait((), limits=("w", "z", "G", "l", "i"), add="-w 5", severity=Severity.INFO),),
    "cloud-init": (_Wait(("status",), limits=(), add="timeout {} …", only_with=("wait", "w")),),
}


_CLAIMS = (("pvc",), ("persistentvolumeclaim",), ("persistentvolumeclaims",))
_FREES = lazy_pattern(
    r"replicas[\"']?[=: ]+0\b|\bdelete (?!.*\b(?:pvc|persistentvolumeclaims?)\b)|\buninstall\b"
    r"|\bsuspend\b|\bdrain\b"
)
"""What takes away the pods that mount a volume."""
PROGRAMS = _WAITS.keys() | {"flock"}


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each command that waits without a limit of its own."""
    for placed in running(context, _WAITS):
        call = placed.call
        if is_limited(call):
            continue
        wait = next((w for w in _WAITS[call.program] if _waits(call, w)), None)
        if wait and not _is_ended(placed, wait):
            yield _of_volume(placed) if _is_mounted(context, placed) else _report(placed, wait)
    for placed in context.calls:
        if placed.place.role is Role.QUERY:
            continue
        for words in (*placed.call.wrappers, placed.call.words):
            if words[0].text == "flock" and not _limits_lock(words):
                yield CODE.at(
                    placed.span_of(words[0]),
                    "`flock` waits without end for whoever holds the lock",
                    hint="write `flock -w 30`, or `flock -n` to give up at once",
                )


def _is_mounted(context: Context, placed: PlacedCall) -> bool:
    """Whether a claim is deleted, and nothing before it has taken away who mounts it.

    What comes before a module's step nobody knows; a module has no services.
    """
    kind = placed.call.operands[1:2]
    if (
        placed.call.program not in ("kubectl", "oc")
        or kind not in _CLAIMS
        or not context.plan.services
    ):
        return False
    order = Order(context)
    return not any(
        _FREES.search(other.call.text) and order.before(other, placed)
        for other in acting(context, "kubectl", "oc", "helm", "argocd", "flux")
    )


def _of_volume(placed: PlacedCall) -> Diagnostic:
    return CODE.at(
        placed.span,
        "a claim that a pod mounts is only marked for deletion: `kubectl delete` waits until the "
        "pod is gone, and nothing before has taken it away",
        hint="scale the workload to 0 first, and wait for its pods: `kubectl wait --for=delete`",
    )


def _waits(call: Call, wait: _Wait) -> bool:
    if not begins(call, *wait.verb):
        return False
    spelled = {f"{name}={value}" for name, value in call.options}
    if call.has(*(n for n in wait.not_with if "=" not in n)) or spelled & set(wait.not_with):
        return False
    if wait.only_with and not call.has(*wait.only_with):
        return False
    return call.value("timeout") in ("0", "0s") or not call.has(*wait.limits)


def _is_ended(placed: PlacedCall, wait: _Wait) -> bool:
    """Whether it gives up by itself before it is stopped; where that is not known, it does."""
    if not wait.usual_ms:
        return False
    limit = own_timeout(placed)
    ms = limit.ms if limit else placed.place.phase.budget.ms if placed.place.phase else None
    return wait.severity is not Severity.INFO and (ms is None or ms > wait.usual_ms)


def _report(placed: PlacedCall, wait: _Wait) -> Diagnostic:
    mend = wait.add.format(_seconds(placed))
    if wait.usual_ms:
        usual = f"{wait.usual_ms // 1000} s"
        fact = f"gives up after {usual} unless told otherwise"
        if wait.severity is not Severity.INFO:
            limit = own_timeout(placed) or (placed.place.phase and placed.place.phase.budget)
            fact += f", and is stopped after {limit}, in the middle"
    else:
        fact = "waits without end for what may never come"
    name = " ".join((placed.call.program, *placed.call.operands[: len(wait.verb)]))
    return CODE.at(
        placed.span,
        f"`{name}` {fact}",
        hint=f"write `{mend}`" if mend.startswith("timeout") else f"add `{mend}`",
        severity=wait.severity,
        fix=_fix(placed, wait, mend),
    )


def _seconds(placed: PlacedCall) -> int:
    """A limit that leaves the step a tenth of its own, to say what did not come."""
    limit = own_timeout(placed) or (placed.place.phase and placed.place.phase.budget)
    return max(int(limit.seconds * 0.9), 1) if limit else 60


def _fix(placed: PlacedCall, wait: _Wait, mend: str) -> Fix | None:
    last: Word = placed.call.words[0]
    if (
        not wait.add.startswith("--")
        or placed.call.has("timeout")
        or not stands_there(placed, last)
    ):
        return None
    verb = next((w for w in placed.call.words if w.text in wait.verb[-1:]), None)
    if verb is None or not stands_there(placed, verb):
        return None
    return added(placed, mend, safe=False, after=verb)


def _limits_lock(words: tuple[Word, ...]) -> bool:
    letters = {c for w in words[1:] if w.text[:1] == "-" and w.text[:2] != "--" for c in w.text}
    long = ("--timeout", "--wait", "--nonblock", "--nb", "--unlock")
    return bool(letters & set("wnu")) or any(w.text.startswith(long) for w in words[1:])
