"""Automatic sync is switched on again, and the repository still holds the version that has to go.

The plan holds a controller up, puts the old version in place by hand, and lets the controller go
on; nothing reverts the commit, or names another revision.

## Why

With its next sync Argo CD or Flux makes of the cluster what the repository says: the new version is
back within minutes, after a verification that was green, and nobody looks any more.

## Bad

```rbplan
phase back "Back" {
  budget 4m
  step off  "Sync off" { run `argocd app set shop --sync-policy none` }
  step back "Back"     { run `argocd app rollback shop 41 --timeout 120` }
}
phase tidy "As it was" {
  after back
  budget 1m
  step on "Sync on" { run `argocd app set shop --sync-policy automated --self-heal` }
}
```

## Good

```rbplan
phase back "Back" {
  budget 4m
  step off  "Sync off" { run `argocd app set shop --sync-policy none` }
  step back "Back"     { run `argocd app rollback shop 41 --timeout 120` }
}
phase tidy "As it was" {
  after back
  budget 1m
  step on "Sync on" {
    run `argocd app set shop --revision v3.1.4 --sync-policy automated --self-heal`
  }
}
```

Or revert the commit before, and leave the sync to put the old version in place.

## How it can be fooled

By a script that reverts the commit and is not called like that. Any command of `git` that changes a
branch, a host's own client (`gh`, `glab`), another revision or parameter of the application, and
any step, gate or person that speaks of the repository silences it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.steps import Verify
from rbdsl.rules.acting import shown
from rbdsl.rules.context import Context
from rbdsl.rules.effects import comes_before, deploys, in_phases
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB546", "sync-on-again", Severity.WARNING)

_CONTROLLERS = {"argocd": "Argo CD", "flux": "Flux"}
_CLUSTER = ("kubectl", "oc")
_ON = frozenset(["auto", "automated", "automatic"])
_PATCHED_ON = re.compile(r'"?automated"?\s*:\s*\{|"?suspend"?\s*:\s*false')
_CUSTOM = re.compile(r"(?i)\b(?:applications?|kustomizations?|ks|helmreleases?|hr)\b")
_SOURCE = frozenset(
    """
    revision helm-set helm-set-string helm-set-file kustomize-image parameter p values
    values-literal-file helm-version path repo dest-server jsonnet-tla-str helm-chart
    kustomize-version sync-source source-position source-name
    """.split()  # noqa: SIM905 - a list of words is read as one
)
"""Options of `argocd app set` that say what is deployed."""
_PATCHED_SOURCE = re.compile(
    r"(?i)revision|\bref\b|\bimages?\b|\btag\b|chart|version|values|branch"
)
_ANY = frozenset(["app", "apps", "argocd", "flux", "prod", "production", "release", "system"])
"""Words in names that tell nothing."""
_IN_GIT = frozenset(["revert", "push", "commit", "am", "cherry-pick", "merge", "tag"])
_HOSTS = frozenset(["gh", "glab", "hub", "tea", "az-repos"])
_SEEN_TO = re.compile(
    r"(?i)\brever|repositor|\brepo\b|gitops|\bcommit|manifest|\bgit\b|pull request|merge|\bpin"
    r"|\bbranch|target ?revision"
)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call, with the one that put the old version in place."""
    if context.acting.keys().isdisjoint((*_CONTROLLERS, *_CLUSTER)):
        return
    calls = list(in_phases(context))
    turned_on = [(call, name) for call in calls if (name := _turns_on(call))]
    if not turned_on:
        return
    by_hand = [call for call in calls if deploys(call.call)]
    if not by_hand or _is_seen_to(context) or any(_mends(call) for call in context.calls):
        return
    only = len({_target(call) for call in calls if _is_controlled(call)}) <= 1
    for call, name in turned_on:
        own = by_hand if only else [one for one in by_hand if _words(call) & _deployed(one)]
        before = next((one for one in own if comes_before(context, one, call)), None)
        if before is not None:
            yield _report(call, name, before)


def _turns_on(placed: PlacedCall) -> str:
    """The controller that a call lets sync by itself again; empty for all other calls."""
    call = placed.call
    words = call.operands
    if call.program == "flux":
        return _CONTROLLERS["flux"] if words[:1] == ("resume",) and len(words) > 1 else ""
    texts = placed.texts
    if call.program == "argocd" and words[:1] == ("app",):
        policy = placed.filled(call.value("sync-policy") or _behind(placed, "--sync-policy"))
        patched = words[1:2] == ("patch",) and any(_PATCHED_ON.search(text) for text in texts)
        return _CONTROLLERS["argocd"] if policy in _ON or patched else ""
    if call.program in _CLUSTER and words[:1] == ("patch",):
        custom = any(_CUSTOM.search(word) for word in words[1:3])
        patch = next((text for text in texts if _PATCHED_ON.search(text)), "")
        if custom and patch:
            return _CONTROLLERS["argocd" if "automated" in patch else "flux"]
    return ""


def _is_controlled(placed: PlacedCall) -> bool:
    """Whether it is about something that a controller deploys."""
    call = placed.call
    if call.program in _CONTROLLERS:
        return len(call.operands) > 2
    return call.program in _CLUSTER and bool(_turns_on(placed))


def _target(placed: PlacedCall) -> str:
    """The name of what a controller deploys: the third word, in each of their clients."""
    words = placed.call.operands
    if len(words) > 1 and "/" in words[1] and placed.call.program != "argocd":
        return words[1].partition("/")[2]  # `kustomization/shop`
    return placed.filled(words[2]) if len(words) > 2 else ""


def _words(placed: PlacedCall) -> set[str]:
    return set(re.findall(r"[a-z\d]+", _target(placed).lower())) - _ANY


def _deployed(placed: PlacedCall) -> set[str]:
    """The words of a deployment, and of the services that its step is for."""
    step = placed.place.step
    names = [name.text for name in step.services] if step else []
    return set(re.findall(r"[a-z\d]+", " ".join((*placed.texts, *names)).lower()))


def _behind(placed: PlacedCall, option: str) -> str:
    """The word behind an option."""
    texts = [word.text for word in placed.call.words]
    at = texts.index(option) + 1 if option in texts else len(texts)
    return texts[at] if at < len(texts) else ""


def _mends(placed: PlacedCall) -> bool:
    """Whether a call may change what the controller follows."""
    call = placed.call
    match call.program:
        case "git":
            return not _IN_GIT.isdisjoint(call.operands[:2])
        case "argocd":
            if call.operands[1:2] == ("patch",):
                return any(_PATCHED_SOURCE.search(text) for text in placed.texts[3:])
            return call.operands[1:2] == ("set",) and call.has(*_SOURCE)
        case "flux":
            return call.operands[:1] in (("create",), ("push",))
        case "kubectl" | "oc":
            if call.operands[:1] in (("apply",), ("replace",)):
                return True
            custom = any(_CUSTOM.search(word) for word in call.operands[1:3])
            patch = " ".join(placed.texts)
            return custom and _PATCHED_SOURCE.search(patch) is not None
        case "curl":
            return any(re.search(r"/(?:repos|repository|projects|git)/", t) for t in placed.texts)
    return call.program in _HOSTS or (
        "/" in call.words[0].text and _SEEN_TO.search(call.text) is not None
    )


def _is_seen_to(context: Context) -> bool:
    """Whether a phase, a step or a person speaks of the repository."""
    for phase in context.plan.phases:
        items = [item for item in phase.items if not isinstance(item, Verify)]
        texts = [phase.title, phase.objective, phase.critical, phase.note]
        texts += [text for item in items for text in (item.title, item.note)]
        texts += [text for step in phase.ensure for text in (step.title, step.note)]
        if any(text and _SEEN_TO.search(text.plain) for text in texts):
            return True
    return False


def _report(placed: PlacedCall, name: str, before: PlacedCall) -> Diagnostic:
    return CODE.at(
        placed.span,
        f"with this {name} deploys what its repository holds, and nothing in the plan has taken "
        f"the change back there: {shown(before.call.text)} is undone",
        labels=(Label(before.span, "put in place by hand here"),),
        hint="revert the commit before (`git revert`), or name the revision to stay at",
    )
