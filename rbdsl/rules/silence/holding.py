"""What holds before a step has done anything, by the question and the work.

Each is a question for mere existence, or for health, of the very thing that the work changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rbdsl.analysis.calls import Call
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.kept_objects import CLUSTER
from rbdsl.rules.objects import Object, changed, named, show
from rbdsl.rules.placed_calls import Place, PlacedCall

_HEALTH = lazy_pattern(r"(?i)/(?:[\w-]*(?:health|ready|live|alive|ping|status)[\w-]*/?)?\Z")
_FAILS = ("f", "fail", "fail-with-body")
_PACKAGES = {
    # program → the words or options with which it asks whether a package is installed
    "dpkg": ("s", "status"),
    "rpm": ("q", "query"),
    "dpkg-query": ("s", "status", "W", "show"),
}
_INSTALLERS = frozenset(["apt-get", "apt", "yum", "dnf", "dpkg", "rpm", "zypper"])


def holds_already(placed: PlacedCall, run: Place) -> str:
    """Why what a call asks for holds before the work; empty where that is not known."""
    one = _object(placed)
    if one is not None and any(other == one for p in run.calls for other in changed(p)):
        return f"`{show(one)}` is there"
    unit = _active(placed)
    if unit and any(_restarts(p, unit) for p in run.calls):
        return f"`{unit}` may be active"
    package = _installed(placed)
    if package and _exchanges(run.calls, package):
        return f"a version of `{package}` is installed"
    if _asks_health(placed.call) and any(map(_restarts_something, run.calls)):
        return "the service may answer"
    return ""


def _object(placed: PlacedCall) -> Object | None:
    """The object of Kubernetes, or the release of Helm, that is asked for."""
    call = placed.call
    words = tuple(placed.filled(word) for word in call.operands)
    if call.program == "helm" and words[:1] in (("status",), ("get",)) and len(words) > 1:
        namespace = placed.filled(call.value("namespace", "n") or "")
        return "helm", namespace, "release", words[-1]
    if call.program not in CLUSTER or call.has("selector"):
        return None
    if words[:2] == ("rollout", "status"):
        return next(named(placed, words[2:]), None)
    return next(named(placed, words[1:]), None) if words[:1] == ("get",) else None


def _active(placed: PlacedCall) -> str:
    """The unit that is asked whether it is active."""
    operands = placed.call.operands
    if placed.call.program != "systemctl" or operands[:1] != ("is-active",) or len(operands) != 2:
        return ""
    return placed.filled(operands[1]).removesuffix(".service")


def _restarts(placed: PlacedCall, unit: str) -> bool:
    call = placed.call
    names = (placed.filled(word).removesuffix(".service") for word in call.operands[1:])
    return call.program == "systemctl" and call.operands[:1] == ("restart",) and unit in names


def _installed(placed: PlacedCall) -> str:
    """The package that is asked for, whatever its version."""
    call = placed.call
    if not call.has(*_PACKAGES.get(call.program, ())) or len(call.operands) != 1:
        return ""
    name = placed.filled(call.operands[0])
    return name if re.fullmatch(r"[a-z][a-z0-9+]*(?:-[a-z][a-z0-9+]*)*", name) else ""


def _exchanges(calls: Iterable[PlacedCall], package: str) -> bool:
    """Whether a named version of a package is installed."""
    version = re.compile(rf"(?:\A|/){re.escape(package)}[=_-]v?[\d$]")
    return any(
        p.call.program in _INSTALLERS and any(version.search(text) for text in p.texts[1:])
        for p in calls
    )


def _asks_health(call: Call) -> bool:
    """Whether a request asks for nothing but an answer."""
    if call.program != "curl" or not call.has(*_FAILS) or len(call.operands) != 1:
        return False
    address = call.operands[0].partition("://")[2] or call.operands[0]
    path = address.partition("?")[0].partition("/")[2]
    return _HEALTH.search(f"/{path}") is not None


def _restarts_something(placed: PlacedCall) -> bool:
    """Whether a service that runs is exchanged or restarted; one that is started may not run."""
    call = placed.call
    words = call.operands
    match call.program:
        case "systemctl":
            return words[:1] in (("restart",), ("reload",), ("try-restart",))
        case "kubectl" | "oc":
            return words[:2] in (("rollout", "undo"), ("rollout", "restart"), ("set", "image"))
        case "helm":
            return words[:1] in (("rollback",), ("upgrade",))
        case "docker" | "podman":
            return words[:1] == ("restart",) or words[:2] == ("service", "update")
        case _:
            return False
