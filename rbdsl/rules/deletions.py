"""Which commands delete something that no later command of a plan can make again.

Known by program and verb, as a table. Pods, jobs and what lies in a folder for temporary files are
made again, and are none of it.
"""

from __future__ import annotations

import re

from rbdsl.rules.destruction.programs import (
    CLUSTER,
    DEVICES,
    INFRASTRUCTURE,
    OBJECTS,
    QUEUES,
    VOLUMES,
)
from rbdsl.rules.forms import Form, by_program, matching
from rbdsl.rules.placed_calls import PlacedCall

_DELETES = by_program(
    [
        Form("kubectl|oc", "delete", without="dry-run"),
        Form("helm", "uninstall|delete", without="dry-run"),
        Form("docker|podman", "service|image|stack|secret|config rm"),
        Form("docker|podman", "rmi"),
        Form("dropdb|dropuser", ""),
        Form("aws", "s3 rm|rb", without="dryrun"),
        Form("kafka-topics|kafka-topics.sh", "", options="delete"),
        Form("consul", "kv delete"),
        Form("etcdctl", "del"),
    ]
)
"""What is one thing, and no whole store: those are in the tables of what destroys."""
_DESTROYS = (INFRASTRUCTURE, CLUSTER, OBJECTS, VOLUMES, DEVICES, QUEUES)
_CLOUDS = ("aws", "gcloud", "az", "doctl")
_CLOUD_VERB = r"(?:delete|terminate)(?:-[a-z-]+)?\Z"
_MADE_AGAIN = r"(?:pods?|po|jobs?|events?|leases?)(?:/|\Z)"
_TEMPORARY = r"(?i)(?:^|/)tmp/|\$\(?mktemp|\$(?:tmp|d|dir|work)\b"
_SQL = r"(?i)^\s*(?:drop|truncate|delete\s+from)\b"


def deletes(placed: PlacedCall) -> bool:
    """Whether a call deletes something for good."""
    call = placed.call
    if call.program == "curl":
        return (call.value("X", "request") or "").upper() == "DELETE"
    if call.program == "rm":
        lasting = [word for word in call.operands if not re.search(_TEMPORARY, word)]
        return bool(lasting) and ("r" in call.bundled or "R" in call.bundled)
    if call.program in _CLOUDS and any(re.match(_CLOUD_VERB, word) for word in call.operands[:4]):
        return True
    if any(matching(call, forms) is not None for forms in (_DELETES, *_DESTROYS)):
        kind = (*call.operands[1:2], "")[0]
        return call.program not in ("kubectl", "oc") or re.match(_MADE_AGAIN, kind) is None
    return any(re.match(_SQL, statement.text) for statement in placed.statements)
