"""What changes something that is only read at a start, and what starts anew. As tables.

Three kinds: values that pods have in their environment, unit files of systemd, containers of
compose that keep the image and the variables they were made with.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.analysis.file_programs import Use
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.kept_objects import CLUSTER, asked_for
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.placed_files import PlacedFile

VALUES = frozenset(["configmap", "configmaps", "cm", "secret", "secrets"])
HOT = lazy_pattern(
    r"(?i)tls|cert|(?<![a-z])crt|dashboard|coredns|aws-auth|nginx|ingress|argocd|prometheus|alert|rules"
)
"""Names of ConfigMaps and Secrets that are followed by what reads them, as a rule."""
_UNITS = lazy_pattern(r"(?:/etc|/lib|/run|/\.config)/systemd/(?:system|user)(?:/(.*))?\Z")
_COMPOSE_FILES = lazy_pattern(
    r"(?:\A|[/:])(?:[\w.-]*\.env|\.env[\w.-]*|(?:docker-)?compose[\w.-]*\.ya?ml)\Z"
)
_RELOADS = frozenset(["daemon-reload", "daemon-reexec", "enable", "disable", "mask", "unmask"])
_PACKAGES = frozenset(["apt", "apt-get", "dpkg", "yum", "dnf", "rpm", "zypper", "ansible-playbook"])
_STARTS = frozenset(["start", "restart", "try-restart", "reload-or-restart"])
_MAKES = frozenset(["up", "run", "deploy", "create", "down", "rm"])
_AGAIN = lazy_pattern(
    r"(?i)restart|reload|refresh|bounce|recycle|redeploy|\brollout (?!status|history)"
)
_ANYTHING = frozenset(
    """
    helm argocd flux ansible-playbook make kill pkill killall systemctl service supervisorctl
    terraform tofu nomad skaffold kustomize gh glab
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_WORKLOAD_VERBS = frozenset(["scale", "delete", "run", "rollout", "autoscale"])


def sets_values(placed: PlacedCall) -> str | None:
    """The ConfigMap or Secret that a call of kubectl changes by its name; None where it does not.

    Empty where it does and the name is not known.
    """
    call = placed.call
    if call.program not in CLUSTER or not call.operands:
        return None
    verb = call.operands[0]
    if verb == "create" and call.has("dry-run"):
        return None
    if verb in ("patch", "create", "edit"):
        kinds, names = asked_for(placed)
        names = names[-1:] if verb == "create" else names
        return next(iter(names), "") if kinds & VALUES and not call.has("f") else None
    if verb in ("apply", "replace") and call.value("filename") == "-":
        return _piped(placed)
    return None


def _piped(placed: PlacedCall) -> str | None:
    """The name behind `kubectl create configmap` at the head of a pipe."""
    for other in placed.place.before(placed):
        if other.call.pipe != placed.call.pipe:
            return None
        if other.call.stage == 0:
            kinds, names = asked_for(other)
            if other.call.operands[:1] == ("create",) and kinds & VALUES:
                return names[-1] if names else ""
            return None
    return None


def may_start_anew(placed: PlacedCall) -> bool:
    """Whether a call may replace or restart pods: also a program that nobody knows."""
    call = placed.call
    program = call.words[0].text
    if call.program in _ANYTHING or "/" in program or program.endswith(".sh"):
        return True
    if call.program in CLUSTER:
        verb = call.operands[:1]
        if verb and verb[0] in _WORKLOAD_VERBS:
            return call.operands[1:2] not in (("status",), ("history",))
        if verb == ("set",) or call.has("k", "kustomize"):
            return True
        if verb in (("apply",), ("replace",), ("patch",), ("annotate",), ("label",)):
            return sets_values(placed) is None
    return _AGAIN.search(" ".join(placed.texts)) is not None


def unit(file: PlacedFile) -> str | None:
    """The unit whose file is written or taken away; empty where it is not known which."""
    if file.use not in (Use.WRITE, Use.REMOVE):
        return None
    return _unit_of(file.path)


def unit_by_call(placed: PlacedCall) -> str | None:
    """The same for what `tar -C /etc/systemd/system -x` and `sed -i` do."""
    call = placed.call
    if call.program == "tar" and (call.has("extract", "get") or _unpacks(call)):
        folder = call.value("C", "directory")
        return _unit_of(placed.filled(folder)) if folder else None
    if call.program == "sed" and call.has("i", "in-place"):
        return next(
            (u for o in call.operands[1:] if (u := _unit_of(placed.filled(o))) is not None), None
        )
    return None


def _unpacks(call: Call) -> bool:
    return "x" in call.bundled or "x" in next(iter(call.operands), "").partition(".")[0]


def _unit_of(path: str) -> str | None:
    found = _UNITS.search(path)
    if found is None:
        return None
    first = (found[1] or "").partition("/")[0]
    return (
        ""
        if not first or "$" in first or "*" in first
        else first.removesuffix(".d").removesuffix(".service")
    )


def reloads_units(call: Call) -> bool:
    """Whether systemd reads its units anew; packages see to that when they are installed."""
    if call.program in _PACKAGES:
        return True
    return call.program == "systemctl" and not _RELOADS.isdisjoint(call.operands)


def started_units(placed: PlacedCall) -> tuple[str, ...]:
    """The units that a call starts, without `.service`."""
    call, operands = placed.call, placed.call.operands
    if call.program == "systemctl" and operands and operands[0] in _STARTS:
        return tuple(placed.filled(word).removesuffix(".service") for word in operands[1:])
    if call.program == "service" and len(operands) > 1 and operands[1] in _STARTS:
        return (placed.filled(operands[0]),)
    return ()


def compose_input(file: PlacedFile) -> bool:
    """Whether a file is written of which compose makes containers."""
    return file.use is Use.WRITE and _COMPOSE_FILES.search(file.path) is not None


def edits_compose_input(placed: PlacedCall) -> bool:
    """Whether `sed -i` does so."""
    call = placed.call
    if call.program != "sed" or not call.has("i", "in-place"):
        return False
    return any(_COMPOSE_FILES.search(placed.filled(word)) for word in call.operands[1:])


def compose_words(call: Call) -> tuple[str, ...]:
    """The words behind `docker compose`; empty where it is no call of compose."""
    if call.program == "docker-compose":
        return call.operands
    if call.program in ("docker", "podman") and call.operands[:1] == ("compose",):
        return call.operands[1:]
    return ()


def changes_image(call: Call) -> bool:
    """Whether another image gets the name that containers were made from."""
    words = compose_words(call)
    if words:
        return not {"pull", "build"}.isdisjoint(words[:2])
    return call.program in ("docker", "podman") and call.operands[:1] in (
        ("tag",),
        ("pull",),
        ("load",),
    )


def makes_containers(call: Call) -> bool:
    """Whether containers are made anew."""
    words = compose_words(call)
    if words:
        return not _MAKES.isdisjoint(words[:3])
    if call.program not in ("docker", "podman"):
        return False
    return call.operands[:1] in (("run",), ("create",)) or call.operands[:2] == ("stack", "deploy")


def only_restarts(call: Call) -> str:
    """`restart` or `start` of compose, which keep the containers; else empty."""
    words = compose_words(call)
    return next((word for word in words[:2] if word in ("restart", "start")), "")


Written = dict[tuple[int, Call | None], list[PlacedFile]]
"""The files that are written or taken away, by the identity of the place, and the call. That of the
call says nothing: a text that was read twice has its calls twice."""


def events(placed: PlacedCall, written: Written) -> Iterator[PlacedFile]:
    """The files that a call writes or takes away."""
    if written:
        yield from written.get((id(placed.place), placed.call), ())
