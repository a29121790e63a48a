"""Which commands wait for what another one has only begun, or ask how far it is. As tables."""

from __future__ import annotations

from rbdsl.analysis.calls import Call
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.shell_text import mentions_word
from rbdsl.rules.silence.early import Early, Where
from rbdsl.rules.silence.early_services import asks_aws, asks_search, asks_swarm, only_glances

_ASKS = frozenset(
    """
    curl wget nc pg_isready redis-cli mysqladmin grpcurl grpc_health_probe nmap ss http https dig
    psql mysql mongosh jq grep test timeout until
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_LOOKERS = frozenset(["gcloud", "az", "helm", "argocd", "nomad"])
_PROGRESS = frozenset(["status", "wait", "test", "describe", "operations", "show"])
_STATES = frozenset(["ps", "inspect", "status", "is-active", "is-failed", "wait", "list", "top"])
_MODULES = {
    "salt": lazy_pattern(r"\A(?:service\.(?:status|available)|http\.(?:query|wait_for\w+))\Z"),
    "ansible": lazy_pattern(r"\A(?:ansible\.builtin\.)?(?:uri|wait_for|service_facts)\Z"),
}
"""What of an agent asks for a state without a shell."""


def waits(placed: PlacedCall, what: Early) -> bool:
    """Whether a call that waits or asks does so for this."""
    call = placed.call
    if what.where is Where.HOST:
        return asks(call)
    if not is_waiting(call) or (call.program == "curl") != bool(what.server):
        return False
    if call.program in ("kubectl", "oc"):
        return _is_about(placed, what.names)
    if call.program in ("docker", "podman"):
        return what.act.startswith(call.program)
    return call.program != "aws" or call.operands[:1] == tuple(what.act.split()[1:2])


def elsewhere(change: PlacedCall, other: PlacedCall, what: Early) -> str:
    """Where a call asks for the object of a change instead of where that was made: "namespace `b`".

    Empty where it may be the same place, or is about something else. Of a namespace that is not
    written down nothing is known.
    """
    asked = {other.filled(word).rpartition("/")[2] for word in other.call.operands}
    if asked.isdisjoint(what.names) or not {change.call.program, other.call.program} <= {
        "kubectl",
        "oc",
    }:
        return ""
    for option, short in (("namespace", "n"), ("context", "")):
        was, now = (p.filled(p.call.value(option, short) or "") for p in (change, other))
        if was and now and was != now and "$" not in was + now:
            return f"{option} `{now}`"
    return ""


def asks(call: Call) -> bool:
    """Whether a call asks for the state of something on a host."""
    if call.program in _ASKS or is_call_that_looks(call):
        return True
    if call.program in _MODULES:
        return any(_MODULES[call.program].search(word.text) for word in call.words[1:])
    return not _STATES.isdisjoint(call.operands)


def is_waiting(call: Call) -> bool:
    """Whether a call waits for what an orchestrator does, or asks how far it is."""
    words = call.operands
    if call.program in ("kubectl", "oc"):
        if "wait" in words or words[:2] == ("rollout", "status"):
            return not only_glances(call)
        return "get" in words and (".status" in call.text or "ready" in call.text.lower())
    if call.program == "aws":
        return asks_aws(call)
    if call.program in ("docker", "podman"):
        return asks_swarm(call)
    if call.program == "curl":
        return asks_search(call)
    return call.program in _LOOKERS and not _PROGRESS.isdisjoint(words)


def _is_about(placed: PlacedCall, names: tuple[str, ...]) -> bool:
    """Whether a call names one of these, or none at all that is known."""
    text = " ".join(map(placed.filled, placed.call.operands))
    if not names or "$" in text or placed.call.has("all", "filename", "f", "k"):
        return True
    if any(mentions_word(text, name) for name in names):
        return True
    selector = placed.filled(placed.call.value("selector") or "").rpartition("=")[2]
    return bool(selector) and any(mentions_word(name, selector) for name in names)


def is_call_that_looks(call: Call) -> bool:
    """Whether a call asks for a state in a way that can fail: also an own script that says so."""
    name = call.program.lower()
    return any(word in name for word in ("verify", "check", "test", "smoke", "health", "validate"))
