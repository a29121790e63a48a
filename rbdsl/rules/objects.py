"""Which objects a command changes: deployments, releases, units, by names that can be compared.

An object is a tuple of the system, where it is, its kind and its name. Only commands that name
what they change have one; selectors and variables that are not known yield nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.rules.placed_calls import PlacedCall

Object = tuple[str, ...]

KINDS = {
    "deploy": "deployment", "deployment": "deployment", "deployments": "deployment",
    "deployment.apps": "deployment", "sts": "statefulset", "statefulset": "statefulset",
    "statefulsets": "statefulset", "ds": "daemonset", "daemonset": "daemonset",
    "pod": "pod", "pods": "pod", "po": "pod", "job": "job", "jobs": "job",
    "cronjob": "cronjob", "cm": "configmap", "configmap": "configmap", "svc": "service",
    "service": "service", "hpa": "hpa", "horizontalpodautoscaler": "hpa", "ingress": "ingress",
}  # fmt: skip
_CHANGES = frozenset(["scale", "patch", "edit", "delete", "replace"])
_BELOW = {"set": ("image", "env", "resources"), "rollout": ("undo", "restart", "pause", "resume")}
_HELM = frozenset(["upgrade", "rollback", "uninstall", "delete"])
_UNITS = frozenset(["start", "stop", "restart", "reload", "disable", "enable", "mask", "unmask"])


def changed(call: PlacedCall) -> Iterator[Object]:
    """The objects that a command changes."""
    one = call.call
    words = tuple(call.filled(text) for text in one.operands)
    match one.program:
        case "kubectl" | "oc":
            if any(name == "dry-run" and value != "none" for name, value in one.options):
                return
            verb, rest = (words or ("",))[0], words[1:]
            if verb in _BELOW and rest[:1] and rest[0] in _BELOW[verb]:
                yield from _of_kubectl(call, rest[1:])
            elif verb in _CHANGES:
                yield from _of_kubectl(call, rest)
        case "helm":
            if words[:1] and words[0] in _HELM and len(words) > 1 and _is_known(words[1]):
                yield "helm", call.filled(one.value("namespace", "n") or ""), "release", words[1]
        case "systemctl":
            if words[:1] and words[0] in _UNITS:
                for unit in filter(_is_known, words[1:]):
                    name = unit.removesuffix(".service")
                    yield "systemctl", *one.where, one.value("host") or "", "unit", name


def named(call: PlacedCall, words: tuple[str, ...]) -> Iterator[Object]:
    """The objects of Kubernetes among some words: `deployment/web`, `deployment web`."""
    yield from _of_kubectl(call, words)


def _of_kubectl(call: PlacedCall, words: tuple[str, ...]) -> Iterator[Object]:
    place = tuple(
        call.filled(call.call.value(name) or "") for name in ("context", "kubeconfig", "namespace")
    )
    kind = ""
    for word in words:
        before, slash, name = word.partition("/")
        if slash and before.lower() in KINDS and _is_known(name):
            yield "kubectl", *place, KINDS[before.lower()], name
        elif not slash and not kind and word.lower() in KINDS:
            kind = KINDS[word.lower()]
        elif not slash and kind and "=" not in word and _is_known(word):
            yield "kubectl", *place, kind, word


def _is_known(name: str) -> bool:
    return bool(name) and not any(letter in name for letter in "$*{}, ")


def show(found: Object) -> str:
    """`deployment/web`, `release shop`, `unit nginx`."""
    *_, kind, name = found
    return f"{kind} {name}" if found[0] != "kubectl" else f"{kind}/{name}"
