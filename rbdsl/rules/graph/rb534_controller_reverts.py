"""A controller sets back what the rollback changes by hand.

## Why

Argo CD and Flux compare the cluster with a repository, an autoscaler counts replicas by itself.
What `kubectl` changes under them is set back within minutes, often right after the verification has
found everything in order.

## Bad

```rbplan
phase back "Back" {
  budget 4m
  step image "Image" { run `kubectl -n shop set image deployment/web web=web:1.4` }
  step wait "Wait" { run `argocd app wait shop --health --timeout 120` }
}
```

## Good

```rbplan
phase back "Back" {
  budget 4m
  step pause "Pause" { run `argocd app set shop --sync-policy none` }
  step image "Image" { run `kubectl -n shop set image deployment/web web=web:1.4` }
  step wait "Wait" { run `argocd app wait shop --health --timeout 120` }
}
```

## How it can be fooled

That there is a controller is taken from the plan's own commands: `argocd app …`, `flux …`, or a
command about the autoscaler of the same name; or from its texts, where they say that Argo CD or
Flux syncs by itself, and no step, person or command sees to the repository or the controller. An
application that is not synced by itself is a false alarm; say `argocd app set … --sync-policy none`
anyway, for it may become one.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.effects import in_phases
from rbdsl.rules.graph.told_controllers import told
from rbdsl.rules.objects import KINDS, changed, named
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.source import Span

CODE = Code("RB534", "controller-reverts", Severity.WARNING)

_PAUSES = {
    "argocd": ("--sync-policy", "none", "manual", "patch"),
    "flux": ("suspend",),
}
_HANDS = ("set", "scale", "patch", "edit")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each controller, at the first command that it sets back."""
    for program in _PAUSES:
        used = [c for c in context.calls if c.call.program == program and _is_about_it(c)]
        if used and not any(_pauses(call) for call in used):
            hand = next((c for c in in_phases(context) if _is_by_hand(c)), None)
            if hand:
                yield _report(hand, used[0].span, program)
    for program, text in told(context):
        hand = next((c for c in in_phases(context) if _is_by_hand(c)), None)
        if hand:
            yield _report(hand, text.span, program)
    yield from _autoscaled(context)


def _is_about_it(call: PlacedCall) -> bool:
    words = call.call.operands
    return words[:1] == ("app",) if call.call.program == "argocd" else len(words) > 1


def _pauses(call: PlacedCall) -> bool:
    wanted = _PAUSES[call.call.program]
    return any(word in text.split("=") for text in call.texts for word in wanted)


def _is_by_hand(call: PlacedCall) -> bool:
    words = call.call.operands
    return call.call.program in ("kubectl", "oc") and (
        words[:1] == ("set",)
        or words[:2] == ("rollout", "undo")
        or (words[:1] == ("scale",) and call.call.value("replicas") != "0")
    )


def _report(hand: PlacedCall, used: Span, program: str) -> Diagnostic:
    name = "Argo CD" if program == "argocd" else "Flux"
    pause = (
        "argocd app set APP --sync-policy none"
        if program == "argocd"
        else "flux suspend kustomization NAME"
    )
    return CODE.at(
        hand.span,
        f"this is set back by {name} at its next sync",
        labels=(Label(used, f"{name} is in charge here"),),
        hint=f"pause it before (`{pause}`), or roll back the repository that it follows",
    )


def _autoscaled(context: Context) -> Iterator[Diagnostic]:
    """A number of replicas that an autoscaler of that name sets by itself."""
    scalers: dict[str, PlacedCall] = {}
    for call in context.calls:
        words = tuple(call.filled(text) for text in call.call.operands)
        if call.call.program not in ("kubectl", "oc") or not words:
            continue
        if words[0] == "autoscale":
            for found in named(call, words[1:]):
                scalers.setdefault(found[-1], call)
        elif any(KINDS.get(w.partition("/")[0].lower()) == "hpa" for w in words):
            if words[0] in ("delete", "patch", "scale"):
                return
            for found in named(call, words[1:]):
                scalers.setdefault(found[-1], call)
    for call in in_phases(context) if scalers else ():
        if call.call.operands[:1] != ("scale",) or call.call.value("replicas") in (None, "0"):
            continue
        for found in changed(call):
            if found[-1] in scalers:
                yield CODE.at(
                    call.span,
                    f"the autoscaler of `{found[-1]}` sets the number of replicas by itself",
                    labels=(Label(scalers[found[-1]].span, "the autoscaler"),),
                    hint="change its bounds instead: `kubectl patch hpa NAME -p "
                    '\'{"spec":{"minReplicas":N}}\'`',
                )
