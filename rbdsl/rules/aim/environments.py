"""Which environments the names in a command say that it acts on, or asks: staging, production.

In: calls and pieces of shell. Out: namespaces, contexts, profiles, hosts and addresses, each with
the environments that its words name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.analysis.own_values import own_values
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.placed_calls import Place, PlacedCall

ENVIRONMENTS = {
    "production": frozenset(["production", "prod", "prd"]),
    "staging": frozenset(["staging", "stage", "stg"]),
    "preproduction": frozenset(["preprod", "preproduction"]),
    "development": frozenset(["development", "dev"]),
    "acceptance": frozenset(["uat", "qa"]),
    "sandbox": frozenset(["sandbox"]),
}
"""Each with the words that name it."""
ALSO = {"live": "production"}
"""Words that name one where a service is said to be in it, and may mean anything elsewhere."""
_IN_HOSTS = frozenset(["production", "staging", "preproduction", "acceptance"])
"""Tools for developers have `dev` in the names of their hosts."""
_OPTIONS = {
    "kubectl": ("n", "namespace", "context", "cluster"),
    "helm": ("n", "namespace", "kube-context"),
    "aws": ("profile",),
    "gcloud": ("project", "configuration"),
    "bq": ("project_id",),
    "az": ("subscription", "g", "resource-group"),
    "docker": ("context", "c"),
    "nomad": ("namespace",),
    "terraform": ("var-file",),
    "ansible-playbook": ("i", "inventory", "l", "limit"),
    "argocd": ("server",),
}
"""The options of a program that say where it acts."""
_OPTIONS["oc"] = _OPTIONS["kubectl"]
_VARIABLES = re.compile(
    r"AWS_PROFILE|CLOUDSDK_CORE_PROJECT|KUBECONFIG|DOCKER_(?:HOST|CONTEXT)|(?:PG|MYSQL_)HOST"
    r"|(?:NOMAD|VAULT|CONSUL_HTTP)_ADDR|(?:NOMAD|HELM)_NAMESPACE|HELM_KUBECONTEXT|ETCDCTL_ENDPOINTS"
)
"""Variables of the environment that say it to programs."""
_ASKING_BY_HOST = frozenset(
    """
    psql pg_dump pg_restore createdb dropdb pg_isready mysql mysqldump mariadb mariadb-dump
    redis-cli valkey-cli mongosh mongodump mongorestore cqlsh clickhouse-client
    """.split()  # noqa: SIM905 - a list of words is read as one
)
"""Programs whose `-h` or `--host` is a server."""
_TALKING = frozenset(
    "echo printf logger git gh glab npm pip jq yq sed grep awk docker podman skopeo crane".split()  # noqa: SIM905
)
"""What these are given may have an address in it that is not asked, or is that of a registry."""
_ADDRESS = lazy_pattern(r"(?:--?[\w-]+=)?(?<![a-z0-9+])[a-z][a-z0-9+]*://(?:[^\s/@]*@)?([\w.-]+)")
_HOST = lazy_pattern(r"(?<![\w-])(?:[\w-]+@)?([\w-]+(?:\.[\w-]+)+)")
_BARE = re.compile(r"(?:[\w-]+@)?([a-z\d-]+)\Z")
_CONNINFO = re.compile(r"(?:\A|\s)host(?:addr)?=(\S+)")
_HEADERS = ("H", "header", "e", "referer", "d", "data", "data-raw", "json")


def environments_of(name: str, also: dict[str, str] | None = None) -> set[str]:
    """The environments that a name has in it."""
    words = set(re.split(r"[^a-z]+", name.lower()))
    found = {e for e, known in ENVIRONMENTS.items() if not words.isdisjoint(known)}
    return found | {e for word, e in (also or {}).items() if word in words}


def named(placed: PlacedCall) -> Iterator[tuple[str, set[str]]]:
    """The names that say where a command acts, with the environments that are in them."""
    call, settled = placed.call, placed.place.settled
    for option in _OPTIONS.get(call.program, ()):
        value = settled(call.value(option) or _behind(call, option))
        if value:
            yield value, environments_of(value)
    if call.program in ("terraform", "tofu") and call.operands[:2] == ("workspace", "select"):
        yield from ((word, environments_of(word)) for word in map(settled, call.operands[-1:]))
    for host in _hosts(placed):
        found = _BARE.match(host)
        for name in [found[1]] if found else _HOST.findall(host):
            if "acme" not in name:
                yield name, environments_of(name) & _IN_HOSTS


def _hosts(placed: PlacedCall) -> Iterator[str]:
    """What a call names as a server, alone or in an address."""
    call, settled = placed.call, placed.place.settled
    if call.program == "ssh":
        yield from (settled(word) for word in call.operands[:1])
    elif call.program in ("scp", "rsync"):
        parts = ((text, text.partition(":")[0]) for text in map(settled, call.operands))
        yield from (host for text, host in parts if host != text and "/" not in host)
    elif call.program in _ASKING_BY_HOST:
        yield settled(call.value("h", "host") or "")
        for word in call.words[1:]:
            yield from _CONNINFO.findall(settled(word.text))
    elif call.program in ("docker", "podman"):
        yield from _ADDRESS.findall(settled(call.value("H", "host") or ""))
    if call.program not in _TALKING:
        said = {value for name, value in call.options if name in _HEADERS and value}
        for word in call.words[1:]:
            found = _ADDRESS.match(settled(word.text)) if word.text not in said else None
            if found:
                yield found[1]


def told(place: Place) -> Iterator[tuple[str, str, set[str]]]:
    """The variables by which a text says to its programs where they act, with their values."""
    for variable, value in own_values(place.shell.text).items():
        if _VARIABLES.fullmatch(variable):
            name = place.settled(value)
            yield variable, name, environments_of(name)


def in_address(address: str) -> tuple[str, set[str]]:
    """The host of an address, and the environments that are in its name."""
    found = _ADDRESS.match(address)
    name = found[1] if found else ""
    return name, environments_of(name) & _IN_HOSTS


def _behind(call: Call, option: str) -> str:
    """The word behind an option whose value is not told apart from the operands."""
    written = f"-{option}" if len(option) == 1 else f"--{option}"
    words = [word.text for word in call.words]
    at = words.index(written) + 1 if written in words else len(words)
    return words[at] if at < len(words) else ""
