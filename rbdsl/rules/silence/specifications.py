"""Which commands read a specification back, and not what has become of it. As a table."""

from __future__ import annotations

import re
from typing import NamedTuple

from rbdsl.patterns import lazy_pattern
from rbdsl.rules.placed_calls import PlacedCall


class _Reader(NamedTuple):
    """A reader: the programs and first words that write, those that read, what is read and not.

    `field` has to be in the text of the expectation, `state` must not: that is no specification.
    """

    programs: tuple[str, ...]
    writes: tuple[str, ...]
    reads: tuple[str, ...]
    field: str
    state: str


_READERS = (
    _Reader(
        ("kubectl", "oc"),
        ("set", "rollout", "scale", "patch", "apply", "replace"),
        ("get", "describe"),
        r"\.spec\b|\bspec\.|(?i:image)|['\"]?spec['\"]?\]|replicas",
        r"(?i:\bstatus\b|ready|available|updatedReplicas|observedGeneration|\bpods?\b|\bpo\b)",
    ),
    _Reader(
        ("kubectl", "oc"),
        ("set", "rollout", "patch", "apply", "replace"),
        ("rollout",),
        r"rollout history",
        r"rollout status",
    ),
    _Reader(
        ("helm",),
        ("upgrade", "rollback", "install"),
        ("list", "ls", "history", "status", "get"),
        r"",
        r"(?i:\bresources\b|hooks)",
    ),
    _Reader(
        ("aws",),
        ("ecs",),
        ("ecs",),
        r"describe-services\b(?s:.*)taskDefinition",
        r"(?i:deployments|runningCount|rolloutState|pendingCount|events)",
    ),
    _Reader(
        ("docker", "podman"),
        ("service", "stack"),
        ("service",),
        r"inspect\b(?s:.*)(?:Spec|Image)",
        r"UpdateStatus|service ps",
    ),
)
_WORKLOADS = lazy_pattern(
    r"(?:deployments?|deploy|statefulsets?|sts|daemonsets?|ds|deploymentconfigs?|dc)"
    r"(?:\.apps)?(?:/|\Z)"
)


def reads_back(placed: PlacedCall, written: PlacedCall, text: str) -> bool:
    """Whether a call only reads back what another one wrote; `text` is all that it stands in."""
    other = written.call
    reader = _reader(placed, text)
    return (
        reader is not None
        and other.program in reader.programs
        and other.operands[:1] != ()
        and other.operands[0] in reader.writes
    )


def reads_specification(placed: PlacedCall, text: str) -> bool:
    """Whether a call reads a specification; `text` is all that it stands in."""
    return _reader(placed, text) is not None


def _reader(placed: PlacedCall, text: str) -> _Reader | None:
    call = placed.call
    for one in _READERS:
        if call.program in one.programs and call.operands and call.operands[0] in one.reads:
            of_cluster = call.program in ("kubectl", "oc")
            known = re.search(one.field, text) and not re.search(one.state, text)
            return one if known and (not of_cluster or _is_of_workload(call.operands)) else None
    return None


def _is_of_workload(operands: tuple[str, ...]) -> bool:
    return any(_WORKLOADS.match(word) for word in operands[1:3])
