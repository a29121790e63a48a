"""Commands that come back before what they ask for is done.

As tables. A command that waits by itself, by an option, is not early.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum

from rbdsl.record import dataclass
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.silence.changes import verb
from rbdsl.rules.silence.early_services import AWS, begun_at_search, detached, runs_commands


class Where(StrEnum):
    """Who does the work after the command has come back."""

    ORCHESTRATOR = "orchestrator"
    HOST = "host"


@dataclass(frozen=True)
class Early:
    """A command that comes back early: which one, what goes on, and how to wait for it.

    `begins` says what it begins, `names` which objects that is about. `server` is whom it asked:
    what this is asked to do next comes too early. `outcome` says that only who started it can tell
    whether it failed.
    """

    act: str
    where: Where
    hint: str
    names: tuple[str, ...] = ()
    begins: str = "the change"
    server: str = ""
    outcome: bool = False


_WORKLOADS = frozenset(
    """
    deployment deployments deploy deployment.apps statefulset statefulsets sts daemonset daemonsets
    ds deploymentconfig dc replicaset rs
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_LATER = frozenset(["cronjob", "cronjobs", "cronjob.batch", "cj"])
"""What is set there holds from its next run on: it has no rollout."""
_ROLLOUT = "kubectl rollout status {} --timeout=120s"
_KUBECTL = frozenset(
    ["set", "rollout/undo", "rollout/restart", "scale", "apply", "replace", "patch"]
)
_ANY_FILE = frozenset(["apply", "replace"])
_STILL = (
    r"config|(?<![a-z])cm(?![a-z])|secret|service(?!s?[-_]?deploy)|svc|ingress|route|polic|rule|role"
    r"|quota|hpa|pdb|network|cron-?job|crd|namespace|certificate|issuer|dashboard|virtual"
)
"""Files that, by their name, hold what takes effect at once."""
_STARTS = frozenset(["start", "restart", "reload-or-restart", "try-restart"])


def early(placed: PlacedCall) -> Early | None:
    """What a call leaves to be done behind its back; None where it waits or there is nothing."""
    call = placed.call
    found = _BY_PROGRAM.get(call.program)
    if found is None or call.has("dry-run", "help"):
        return None
    return found(placed)


def _kubectl(placed: PlacedCall) -> Early | None:
    call = placed.call
    word = verb(call)
    if word not in _KUBECTL or call.has("wait", "local") or _is_zero(placed):
        return None
    kinds, names = objects(placed)
    if word == "set" and call.operands[1:2] not in (("image",), ("env",), ("resources",)):
        return None
    if kinds.isdisjoint(_WORKLOADS) and (word == "patch" or not kinds.isdisjoint(_LATER)):
        return None
    target = f"deployment/{names[0]}" if names else "deployment/NAME"
    if word in _ANY_FILE:
        value = call.value("filename", "k", "kustomize")
        what = _piped_from(placed) if value == "-" else value
        if what and re.search(_STILL, f"{what} {placed.filled(what)}", re.IGNORECASE):
            return None
        target = "deployment/NAME"
        if value and value != "-":
            target = f"-f {value}"
        names = ()
    shown = word.replace("/", " ") if word != "set" else f"set {call.operands[1]}"
    return Early(f"{call.program} {shown}", Where.ORCHESTRATOR, _ROLLOUT.format(target), names)


def _piped_from(placed: PlacedCall) -> str:
    """What the first command of its pipe says: `kubectl create secret …`."""
    pipe = placed.call.pipe
    heads = (p.call for p in placed.place.before(placed) if p.call.pipe == pipe)
    return next((call.text for call in heads if call.stage == 0), "")


def objects(placed: PlacedCall) -> tuple[set[str], tuple[str, ...]]:
    """The kinds and the names that a call of kubectl is about, as far as they are written down."""
    words = verb(placed.call).count("/") + 1
    operands = [placed.filled(word) for word in placed.call.operands]
    at = next((i for i, w in enumerate(operands) if w == verb(placed.call).split("/")[0]), 0)
    rest = operands[at + words :]
    if operands[at : at + 1] == ["set"]:
        rest = rest[1:]
    kinds, names = set[str](), list[str]()
    for word in rest:
        kind, slash, name = word.partition("/")
        if "=" in word or word.startswith("-"):
            continue
        kinds.add(kind)
        if slash:
            names.append(name)
        elif word not in _WORKLOADS and kinds & _WORKLOADS:
            names.append(word)
    return kinds, tuple(name for name in names if "$" not in name)


def _is_zero(placed: PlacedCall) -> bool:
    return placed.filled(placed.call.value("replicas") or "") == "0"


def _helm(placed: PlacedCall) -> Early | None:
    call = placed.call
    word = verb(call)
    if word not in ("install", "upgrade", "rollback"):
        return None
    if call.has("wait", "atomic", "wait-for-jobs", "rollback-on-failure"):
        return None
    at = call.operands.index(word)
    names = tuple(placed.filled(w) for w in call.operands[at + 1 : at + 2])
    return Early(f"helm {word}", Where.ORCHESTRATOR, "--wait --timeout 3m", names)


def _aws(placed: PlacedCall) -> Early | None:
    waiter = AWS.get(tuple(placed.call.operands[:2]))  # type: ignore[arg-type]
    if waiter is None:
        return None
    act = " ".join(("aws", *placed.call.operands[:2]))
    outcome = runs_commands(placed.call)
    begins = "a command" if outcome else "the change"
    hint = f"aws {waiter} …"
    return Early(act, Where.ORCHESTRATOR, hint, begins=begins, outcome=outcome)


def _curl(placed: PlacedCall) -> Early | None:
    """Requests to a search server that are answered before the work is done."""
    what, server = begun_at_search(placed.call)
    if not what:
        return None
    hint = "ask for it with `?wait_for_completion=true`, and give `--max-time` the time for it"
    return Early("curl", Where.ORCHESTRATOR, hint, begins=what, server=server)


def _said(placed: PlacedCall) -> Early | None:
    """Commands that only come back early where they are told to."""
    call = placed.call
    option = next((o for o in ("async", "no-wait", "detach") if call.has(o)), None)
    if option is None or call.program in ("docker", "podman"):
        return None
    act = " ".join((call.program, *call.operands[:2]))
    return Early(f"{act} --{option}", Where.ORCHESTRATOR, f"leave `--{option}` out")


def _systemctl(placed: PlacedCall) -> Early | None:
    call = placed.call
    word = verb(call)
    if word not in _STARTS:
        return None
    names = tuple(placed.filled(w) for w in call.operands if w != word)
    unit = names[0] if names else "UNIT"
    return Early(f"systemctl {word}", Where.HOST, f"systemctl is-active {unit}", names)


def _service(placed: PlacedCall) -> Early | None:
    operands = placed.call.operands
    if len(operands) < 2 or operands[1] not in _STARTS:
        return None
    return Early(
        f"service {operands[1]}", Where.HOST, f"service {operands[0]} status", operands[:1]
    )


def _docker(placed: PlacedCall) -> Early | None:
    call = placed.call
    word = verb(call) or ("up" if "up" in call.operands else "")
    if call.has("wait"):
        return None
    if detached(call, word):
        act = f"{call.program} {word.replace('/', ' ')} --detach"
        names = tuple(map(placed.filled, call.operands[-1:]))
        return Early(act, Where.ORCHESTRATOR, "leave `--detach` out", names)
    if word in ("compose/up", "up"):
        apart = call.has("d", "detach")
        return Early("compose up -d", Where.HOST, "--wait --wait-timeout 60") if apart else None
    if word == "run" and call.has("d", "detach"):
        name = placed.filled(call.value("name") or "")
        shown = name or "NAME"
        hint = f"docker inspect -f '{{{{.State.Health.Status}}}}' {shown}"
        return Early(f"{call.program} run -d", Where.HOST, hint, (name,) if name else ())
    return None


_BY_PROGRAM: dict[str, Callable[[PlacedCall], Early | None]] = {
    "kubectl": _kubectl,
    "oc": _kubectl,
    "helm": _helm,
    "aws": _aws,
    "curl": _curl,
    "gcloud": _said,
    "az": _said,
    "argocd": _said,
    "nomad": _said,
    "systemctl": _systemctl,
    "service": _service,
    "docker": _docker,
    "podman": _docker,
    "docker-compose": _docker,
}
