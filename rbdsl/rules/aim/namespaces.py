"""The calls that say no namespace, though their neighbours in the plan say one for their cluster.

In: a plan's calls of kubectl, oc and helm. Out: those that are about what is known to lie in a
namespace and leave it to the kubeconfig, each with the neighbours; none where the plan chooses one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from rbdsl.rules.context import Context
from rbdsl.rules.objects import KINDS
from rbdsl.rules.placed_calls import PlacedCall

CLIENTS = ("kubectl", "oc", "helm")
_CLUSTER = ("context", "kubeconfig", "kube-context", "cluster", "server")
SAYING = ("n", "namespace", "A", "all-namespaces")
"""The options that say a namespace, or all of them."""
_LEAST = 3
"""So many calls must say their namespace at least …"""
_TIMES = 3
"""… and so many times as many as say none."""
_VERBS: dict[str, frozenset[str]] = {
    "kubectl": frozenset(
        """
        annotate attach autoscale cp delete describe edit exec expose get label logs patch
        port-forward rollout run scale set wait
        """.split()  # noqa: SIM905 - a list of words is read as one
    ),
    "helm": frozenset(
        "get history install rollback status test uninstall upgrade".split()  # noqa: SIM905
    ),
}
_VERBS["oc"] = _VERBS["kubectl"] | {"rollback", "rsh"}
_OWN_OBJECTS = frozenset(["attach", "cp", "exec", "logs", "port-forward", "rsh", "run"])
"""Verbs that are about pods without saying so."""
_KINDS = frozenset(
    """
    configmaps cronjobs ds daemonsets deploymentconfig dc endpoints ep hpa ingresses jobs
    networkpolicy networkpolicies persistentvolumeclaim persistentvolumeclaims poddisruptionbudget
    pdb pvc replicaset replicasets rs route routes secret secrets serviceaccount sa services
    scaledobject virtualservice destinationrule rollout rollouts
    """.split()  # noqa: SIM905 - a list of words is read as one
) | frozenset(KINDS)
_FROM_FILES = ("filename", "k", "kustomize", "raw")
"""What is in a file says its namespace there."""
_ELSEWHERE = r"KUBECONFIG|HELM_NAMESPACE|HELM_KUBECONTEXT"


def left_out(context: Context) -> Iterator[tuple[PlacedCall, list[PlacedCall]]]:
    """Each such call, with the calls to the same cluster that say their namespace."""
    by_program = context.calls_by_program
    if by_program.keys().isdisjoint(CLIENTS) or _chooses(context):
        return
    said: dict[tuple[str, ...], list[PlacedCall]] = defaultdict(list)
    unsaid: dict[tuple[str, ...], list[PlacedCall]] = defaultdict(list)
    for program in CLIENTS:
        for placed in by_program.get(program, ()):
            if _is_namespaced(placed):
                named = placed.call.has(*SAYING)
                (said if named else unsaid)[_cluster(placed)].append(placed)
    for cluster, found in unsaid.items():
        if len(said[cluster]) >= max(_LEAST, _TIMES * len(found)):
            yield from ((placed, said[cluster]) for placed in found)


def _cluster(placed: PlacedCall) -> tuple[str, ...]:
    """Where a call goes, as far as it says so."""
    return *placed.call.where, placed.filled(placed.call.value(*_CLUSTER) or "")


def _is_namespaced(placed: PlacedCall) -> bool:
    """Whether a call is about what is known to lie in a namespace, and names it itself."""
    call = placed.call
    operands = call.operands
    if not operands or operands[0] not in _VERBS[call.program]:
        return False
    if "$@" in call.text or "[@]}" in call.text:
        return False  # it may be in there
    if call.program == "helm":
        return True
    if call.has(*_FROM_FILES):
        return False
    if operands[0] in _OWN_OBJECTS or operands[:2] in (("set", "image"), ("set", "env")):
        return True
    kinds = {kind for word in operands[1:4] for kind in word.partition("/")[0].lower().split(",")}
    return not kinds.isdisjoint(_KINDS)


def _chooses(context: Context) -> bool:
    """Whether the plan chooses a namespace or a configuration by itself."""
    for program in ("kubens", "kubie", "kubectx"):
        if program in context.calls_by_program:
            return True
    for placed in (p for name in CLIENTS for p in context.calls_by_program.get(name, ())):
        call = placed.call
        if call.operands[:2] in (("config", "set-context"), ("config", "use-context")):
            return True
        if call.operands[:1] in (("project",), ("new-project",)) or "KUBECONFIG" in (
            call.environment
        ):
            return True
    shells = (place.shell.text for place in context.places)
    return any(re.search(_ELSEWHERE, text) for text in shells)
