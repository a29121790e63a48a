"""What a command acts on is decided by the shell that it runs in.

## Why

The namespace, the cluster, the Compose project and the Terraform folder come from files and
variables of whoever runs the step. On the laptop of the person on call they are other ones than in
the test.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step undo "Undo" {
    run `kubectl rollout undo deployment/shop --to-revision=41`
    expect `./served.sh 3.1`
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step undo "Undo" {
    run `kubectl --context=shop-eu -n shop rollout undo deployment/shop --to-revision=41`
    expect `./served.sh 3.1`
  }
}
```

## How it can be fooled

A runner that is made for one cluster and one folder needs none of this: so that is found only when
pedantic findings are asked for. A text that sets `KUBECONFIG`, `COMPOSE_FILE` or goes to a folder
first is spared. A cluster has to be
named only where other commands of the plan name theirs; a namespace that most of them name is
RB973's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import acting, shown
from rbdsl.rules.aim.namespaces import left_out
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB863", "ambient-target", Severity.PEDANTIC)

PROGRAMS = (
    *("kubectl", "oc", "helm", "docker", "docker-compose", "terraform", "tofu"),
    *("git", "redis-cli"),
)
_CLUSTERED = frozenset(["kubectl", "oc", "helm"])
_CLUSTER = ("context", "kubeconfig", "kube-context", "s", "server")
_NAMESPACED = ("n", "namespace", "A", "all-namespaces")
_EVERYWHERE = frozenset(
    """
    annotate-node api-resources api-versions auth certificate cluster-info completion config cordon
    drain explain help options plugin taint top uncordon version
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_CLUSTER_KINDS = (
    r"(?i)(?:nodes?|no|namespaces?|ns|pv|persistentvolumes?|crds?|storageclass(?:es)?|sc"
    r"|clusterroles?|clusterrolebindings?|customresourcedefinitions?)(?:/|\Z)"
)
_HELM_LOCAL = frozenset(
    ["repo", "version", "template", "lint", "package", "pull", "search", "show"]
)
_CHANGING = frozenset(
    """
    apply destroy down import kill plan restart rm run start stop taint untaint up
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_GOES = r"(?m)(?:^|[\s;(&])(?:cd|pushd) |KUBECONFIG=|COMPOSE_FILE=|COMPOSE_PROJECT_NAME="


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call; for a cluster where other calls of the plan name theirs."""
    clusters = {
        placed.filled(name)
        for placed in acting(context, *_CLUSTERED)
        for name in (placed.call.value(*_CLUSTER),)
        if name
    }
    named = bool(clusters - {"", "$cluster"})
    told = {id(placed) for placed, _ in left_out(context)}
    for placed in acting(context, *PROGRAMS):
        call = placed.call
        if id(placed) in told or call.where or _goes(placed.place.shell.text):
            continue
        missing = _missing(placed)
        if missing:
            yield CODE.at(
                placed.span,
                f"{shown(call.text)} does not say {missing[0]}",
                hint=f"say it: `{missing[1]}`",
            )
        elif named and call.program in _CLUSTERED and not call.has(*_CLUSTER):
            yield CODE.at(
                placed.span,
                f"{shown(call.text)} goes to whichever cluster is chosen at the moment; other "
                "commands of the plan name theirs",
                hint="say it: `--context=NAME`",
            )


@lru_cache(maxsize=64)
def _goes(text: str) -> bool:
    """Whether a text says itself where it is."""
    return re.search(_GOES, text) is not None


def _missing(placed: PlacedCall) -> tuple[str, str] | None:
    """What a call leaves open, and how to say it."""
    call, operands = placed.call, placed.call.operands
    match call.program:
        case "kubectl" | "oc" | "helm":
            named = call.has(*_NAMESPACED) or _has_no_namespace(call.program, operands)
            open_end = "which namespace", "-n NAMESPACE"
        case "terraform" | "tofu":
            named = operands[:1] == () or operands[0] not in _CHANGING
            named = named or any(word.text.startswith("-chdir") for word in call.words)
            open_end = "in which folder", "-chdir=FOLDER"
        case "git":
            named = operands != ("push",) or call.has("all", "mirror", "tags")
            open_end = "which branch, and where to", "git push origin BRANCH"
        case "redis-cli":
            named = call.has("h", "u", "s", "help", "version") or not operands
            open_end = "which server", "-h HOST"
        case _:
            named = not _CHANGING.intersection(operands[:2])
            named = named or (call.program == "docker" and operands[:1] != ("compose",))
            named = named or call.has("f", "file", "p", "project-name", "project-directory")
            open_end = "which project", "-f FILE -p PROJECT"
    return None if named else open_end


def _has_no_namespace(program: str, operands: tuple[str, ...]) -> bool:
    """Whether a command is not about what is in a namespace."""
    if not operands or operands[0] in (_HELM_LOCAL if program == "helm" else _EVERYWHERE):
        return True
    return any(re.match(_CLUSTER_KINDS, operand) for operand in operands[1:3])
