"""A small cluster in memory: objects, patches, and what the controllers of Deployments make of them.

It knows what kubectl asks for: Deployments with their ReplicaSets and revisions, the pods that
follow from them, Services and the addresses behind them, ConfigMaps. Over HTTP it is served by
`kubernetes_server.py`.
"""

from __future__ import annotations

import copy
import hashlib
import json
import threading
import uuid
from collections.abc import Iterator
from typing import Any

Object = dict[str, Any]

REVISION = "deployment.kubernetes.io/revision"
HASH = "pod-template-hash"

# resource: (path of its group and version, apiVersion, kind)
KINDS = {
    "configmaps": ("/api/v1", "v1", "ConfigMap"),
    "services": ("/api/v1", "v1", "Service"),
    "pods": ("/api/v1", "v1", "Pod"),
    "deployments": ("/apis/apps/v1", "apps/v1", "Deployment"),
    "replicasets": ("/apis/apps/v1", "apps/v1", "ReplicaSet"),
    "endpointslices": ("/apis/discovery.k8s.io/v1", "discovery.k8s.io/v1", "EndpointSlice"),
}


class MissingError(Exception):
    """An object that is not there."""


class ConflictError(Exception):
    """An object that has changed since it was read."""


class Cluster:
    """One namespace of a cluster. All that changes it holds `changed`, which tells watchers."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.changed = threading.Condition()
        self.events: list[tuple[str, str, Object]] = []  # (resource, type, object)
        self.over = False
        self.broken: set[str] = set()  # images whose pods never become ready
        self._objects: dict[tuple[str, str], Object] = {}

    # -- What is there ------------------------------------------------------------------------

    def get(self, resource: str, name: str) -> Object:
        for found in self.list(resource):
            if found["metadata"]["name"] == name:
                return found
        raise MissingError(name)

    def list(self, resource: str) -> list[Object]:
        """All objects of a kind; pods and addresses follow from the others."""
        with self.changed:
            if resource == "pods":
                return list(self._pods())
            if resource == "endpointslices":
                return [self._addresses_of(s) for s in self.list("services")]
            return [copy.deepcopy(o) for (kind, _), o in self._objects.items() if kind == resource]

    def _pods(self) -> Iterator[Object]:
        for replica_set in self.list("replicasets"):
            for i in range(replica_set["spec"]["replicas"]):
                template = replica_set["spec"]["template"]
                ready = (
                    "True"
                    if template["spec"]["containers"][0]["image"] not in self.broken
                    else "False"
                )
                pod = self._framed("pods", f"{replica_set['metadata']['name']}-{i}", template)
                pod["status"] = {
                    "phase": "Running",
                    "podIP": f"10.0.{len(pod['metadata']['name']) % 200}.{i + 1}",
                    "conditions": [{"type": "Ready", "status": ready}],
                }
                yield pod

    def _addresses_of(self, service: Object) -> Object:
        name, selector = service["metadata"]["name"], service["spec"]["selector"]
        labels = {"kubernetes.io/service-name": name}
        addresses = self._framed("endpointslices", f"{name}-x", {"metadata": {"labels": labels}})
        addresses["addressType"] = "IPv4"
        addresses["endpoints"] = [
            {
                "addresses": [pod["status"]["podIP"]],
                "conditions": {"ready": pod["status"]["conditions"][0]["status"] == "True"},
            }
            for pod in self._pods()
            if selector.items() <= pod["metadata"]["labels"].items()
        ]
        return addresses

    # -- What changes it ----------------------------------------------------------------------

    def create(self, resource: str, name: str, content: Object) -> Object:
        with self.changed:
            return self._keep(resource, "ADDED", self._framed(resource, name, content))

    def replace(self, resource: str, name: str, now: Object) -> Object:
        """Puts a changed object in the place of the one that is there."""
        with self.changed:
            before = self.get(resource, name)
            if now["metadata"].get("resourceVersion") != before["metadata"]["resourceVersion"]:
                raise ConflictError(name)
            # What is the server's stays, whatever is sent.
            for field in ("uid", "generation", "creationTimestamp"):
                now["metadata"][field] = before["metadata"][field]
            now["metadata"].setdefault("labels", {})
            now["metadata"].setdefault("annotations", {})
            if "status" in before:
                now["status"] = before["status"]
            if now.get("spec") != before.get("spec") and resource == "deployments":
                now["metadata"]["generation"] = before["metadata"]["generation"] + 1
            return self._keep(resource, "MODIFIED", now)

    def delete(self, resource: str, name: str) -> Object:
        with self.changed:
            gone = self.get(resource, name)
            del self._objects[resource, name]
            self._tell(resource, "DELETED", gone)
            for owned in self.list("replicasets"):
                if owned["metadata"]["ownerReferences"][0]["uid"] == gone["metadata"]["uid"]:
                    self.delete("replicasets", owned["metadata"]["name"])
            return gone

    def _framed(self, resource: str, name: str, content: Object) -> Object:
        made = copy.deepcopy(content)
        _, version, kind = KINDS[resource]
        made |= {"apiVersion": version, "kind": kind}
        metadata = made.setdefault("metadata", {})
        metadata |= {"name": name, "namespace": self.namespace, "uid": str(uuid.uuid4())}
        metadata |= {"generation": 1, "creationTimestamp": "2025-12-01T00:00:00Z"}
        metadata.setdefault("labels", {})
        metadata.setdefault("annotations", {})
        return made

    def _keep(self, resource: str, what: str, kept: Object) -> Object:
        name = kept["metadata"]["name"]
        kept["metadata"]["resourceVersion"] = str(len(self.events) + 1)
        self._objects[resource, name] = kept
        self._tell(resource, what, kept)
        if resource == "deployments":
            self._roll_out(kept)
        return copy.deepcopy(self._objects[resource, name])

    def _tell(self, resource: str, what: str, told: Object) -> None:
        self.events.append((resource, what, copy.deepcopy(told)))
        self.changed.notify_all()

    # -- The controller of Deployments --------------------------------------------------------

    def _roll_out(self, deployment: Object) -> None:
        """A ReplicaSet for the template; the pods are replaced a moment later."""
        spec = deployment["spec"]
        if spec.get("paused"):
            deployment.setdefault("status", {})["observedGeneration"] = deployment["metadata"][
                "generation"
            ]
            return
        mine = [
            s
            for s in self.list("replicasets")
            if s["metadata"]["ownerReferences"][0]["uid"] == deployment["metadata"]["uid"]
        ]
        newest = max((int(s["metadata"]["annotations"][REVISION]) for s in mine), default=0)
        name = f"{deployment['metadata']['name']}-{_hash_of(spec['template'])}"
        current = next((s for s in mine if s["metadata"]["name"] == name), None)
        if current is None:
            current = self._framed(
                "replicasets", name, {"spec": {"template": copy.deepcopy(spec["template"])}}
            )
            current["spec"]["selector"] = spec["selector"]
            current["metadata"]["labels"] = dict(spec["template"]["metadata"]["labels"])
            current["spec"]["template"]["metadata"]["labels"][HASH] = _hash_of(spec["template"])
            current["metadata"]["annotations"] = {REVISION: "0"}
            current["metadata"]["ownerReferences"] = [_owner(deployment)]
            current["spec"]["replicas"] = 0
        revision = int(current["metadata"]["annotations"][REVISION])
        if revision < newest or revision == 0:
            first = deployment["metadata"]["annotations"].get(REVISION, "1")
            current["metadata"]["annotations"][REVISION] = str(newest + 1 if newest else int(first))
        deployment["metadata"]["annotations"][REVISION] = current["metadata"]["annotations"][
            REVISION
        ]
        self._objects["replicasets", name] = current
        deployment["status"] = {
            "observedGeneration": deployment["metadata"]["generation"],
            "replicas": spec["replicas"],
            "updatedReplicas": current["spec"]["replicas"],
            "readyReplicas": spec["replicas"],
            "availableReplicas": spec["replicas"],
        }
        generation = deployment["metadata"]["generation"]
        threading.Timer(0.2, self._settle, [deployment["metadata"]["name"], generation]).start()

    def settle(self, name: str) -> None:
        """Does at once what the controller does a moment later."""
        with self.changed:
            self._settle(name, self.get("deployments", name)["metadata"]["generation"])

    def _settle(self, name: str, generation: int) -> None:
        with self.changed:
            deployment = self._objects.get(("deployments", name))
            if deployment is None or deployment["metadata"]["generation"] != generation:
                return
            spec = deployment["spec"]
            if spec["template"]["spec"]["containers"][0]["image"] in self.broken:
                # One new pod too many, which is not ready; the old ones stay.
                more = {"replicas": spec["replicas"] + 1, "updatedReplicas": 1}
                deployment["status"] |= {**more, "unavailableReplicas": 1}
                return
            now = f"{name}-{_hash_of(spec['template'])}"
            for (resource, other), kept in self._objects.items():
                if (
                    resource == "replicasets"
                    and kept["metadata"]["ownerReferences"][0]["uid"]
                    == deployment["metadata"]["uid"]
                ):
                    kept["spec"]["replicas"] = spec["replicas"] if other == now else 0
            # As the API leaves them out: a count that is zero is not there.
            counts = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
            deployment["status"] = {"observedGeneration": generation}
            if spec["replicas"]:
                deployment["status"] |= dict.fromkeys(counts, spec["replicas"])
            deployment["metadata"]["resourceVersion"] = str(len(self.events) + 1)
            self._tell("deployments", "MODIFIED", deployment)


def _hash_of(template: Object) -> str:
    """The same for templates that mean the same: what is empty says nothing."""

    def plain(part: Any) -> Any:  # noqa: ANN401
        if isinstance(part, dict):
            said = {key: plain(value) for key, value in part.items() if key != HASH}
            return {key: value for key, value in said.items() if value not in (None, {}, [])}
        return [plain(item) for item in part] if isinstance(part, list) else part

    return hashlib.sha256(json.dumps(plain(template), sort_keys=True).encode()).hexdigest()[:10]


def _owner(deployment: Object) -> Object:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "name": deployment["metadata"]["name"],
        "uid": deployment["metadata"]["uid"],
        "controller": True,
    }


# -- Patches, as the API server understands them ----------------------------------------------

_MERGED_BY = {"containers": "name", "env": "name", "volumes": "name", "ports": "containerPort"}


def patched(before: Object, kind: str, patch: Object | list[Object]) -> Object:
    """An object with a patch of one of the three kinds."""
    now = copy.deepcopy(before)
    if isinstance(patch, list):
        for change in patch:
            *way, last = [
                p.replace("~1", "/").replace("~0", "~") for p in change["path"][1:].split("/")
            ]
            place = now
            for part in way:
                place = place[part]
            if change["op"] == "remove":
                del place[last]
            else:
                place[last] = change["value"]
        return now
    _merge(now, patch, strategic=kind == "application/strategic-merge-patch+json")
    return now


def _merge(now: Object, patch: Object, *, strategic: bool) -> None:
    for key, value in patch.items():
        if key.startswith("$"):
            continue
        if value is None:
            now.pop(key, None)
        elif isinstance(value, dict) and isinstance(now.get(key), dict):
            _merge(now[key], value, strategic=strategic)
        elif strategic and key in _MERGED_BY and isinstance(value, list):
            now[key] = _merged_list(now.get(key, []), value, _MERGED_BY[key])
        else:
            now[key] = copy.deepcopy(value)


def _merged_list(before: list[Object], patch: list[Object], key: str) -> list[Object]:
    now = [copy.deepcopy(item) for item in before]
    for item in patch:
        same = next((i for i in now if i.get(key) == item.get(key)), None)
        if item.get("$patch") == "delete":
            now = [i for i in now if i is not same]
        elif same is None:
            now.append(copy.deepcopy(item))
        else:
            _merge(same, item, strategic=True)
    return now
