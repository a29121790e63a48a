"""What is set in a running program and not in its file, and what makes the program forget it.

A table: how it is set, set back and kept, which file would keep it, and what starts from that file.
"""

from __future__ import annotations

import re

from rbdsl.record import dataclass
from rbdsl.rules.placed_calls import PlacedCall

_SERVICES = frozenset(["systemctl", "service", "rc-service", "supervisorctl"])
_CONTAINERS = frozenset(["docker", "podman", "docker-compose"])
_CLUSTER = frozenset(["kubectl", "oc"])
_ONLY_LOOKING = frozenset(
    """
    haproxy nginx cat ls stat test [ grep egrep diff cmp head tail less awk md5sum sha256sum
    redis-server iptables-restore wc find ssh sh bash
    """.split()  # noqa: SIM905 - a list of words is read as one
)


@dataclass(frozen=True, slots=True)
class Kind:
    """State of one kind of program.

    - `where`: what it is set over, for the message.
    - `programs`: by which it is set; `sets`, `back` and `keeps` are looked for in what they say.
    - `unit`: in the names of its units, containers and pods.
    - `verbs`: by which these forget it; `forgets` are other commands that do.
    - `file`: the file that would keep it.
    """

    where: str
    programs: frozenset[str]
    sets: str
    back: str
    keeps: str
    unit: str
    verbs: frozenset[str]
    file: str
    forgets: str = r"(?!)"


_RELOADS = frozenset(["reload", "restart", "force-reload", "try-restart", "reload-or-restart"])
_RESTARTS = frozenset(["restart", "try-restart"])
_BOOTS = r"\A(?:reboot|systemctl reboot|shutdown -r)\b"

KINDS = (
    Kind(
        "the socket",
        frozenset(["socat", "nc", "ncat", "hatop"]),
        (
            r"\bset server \S+ (?:state (?:maint|drain)|weight|addr)\b"
            r"|\bdisable (?:server|frontend)\b|\bset weight \S+ \d"
        ),
        r"\bset server \S+ state ready\b|\benable (?:server|frontend)\b",
        r"\bshow servers state\b",
        r"haproxy",
        _RELOADS,
        r"haproxy[\w.-]*\.(?:cfg|cfg\.tmpl)\b|haproxy/conf|load-server-state",
        r"\A(?:docker|podman) kill (?:.* )?(?:SIG)?(?:USR2|HUP) .*haproxy",
    ),
    Kind(
        "`CONFIG SET`",
        frozenset(["redis-cli", "valkey-cli"]),
        r"(?i)\bconfig set\b",
        r"(?!)",
        r"(?i)\bconfig rewrite\b",
        r"redis|valkey",
        _RESTARTS,
        r"redis[\w.-]*\.conf|valkey[\w.-]*\.conf",
    ),
    Kind(
        "`sysctl -w`",
        frozenset(["sysctl"]),
        r"\bsysctl (?:.* )?(?:-\w*w\w*|--write) \S+=|\bsysctl (?:-q )?[\w./-]+=\S",
        r"(?!)",
        r"(?!)",
        r"systemd-sysctl|procps",
        _RESTARTS,
        r"/etc/sysctl",
        rf"{_BOOTS}|\Asysctl (?:.* )?(?:--system|--load|-p)\b",
    ),
    Kind(
        "the command line",
        frozenset(["iptables", "ip6tables", "nft", "ipset"]),
        (
            r"\bip6?tables (?:.* )?(?:-[AIDRP]|--append|--insert|--delete|--policy) \S"
            r"|\bnft (?:add|insert|delete) (?:rule|element)\b|\bipset (?:add|del)\b"
        ),
        r"(?!)",
        r"ip6?tables-save|netfilter-persistent save|iptables save|nft list ruleset",
        r"iptables|nftables|netfilter-persistent|\bufw\b|firewalld",
        _RELOADS,
        r"/etc/(?:iptables|sysconfig/ip6?tables|nftables)|rules\.v[46]",
        _BOOTS,
    ),
    Kind(
        "the command line, without `--permanent`",
        frozenset(["firewall-cmd"]),
        r"\bfirewall-cmd (?!.*--permanent)(?:.* )?--(?:add|remove)-",
        r"(?!)",
        r"--runtime-to-permanent|--permanent",
        r"firewalld",
        _RELOADS,
        r"/etc/firewalld",
        rf"{_BOOTS}|\Afirewall-cmd (?:.* )?--(?:complete-)?reload\b",
    ),
    Kind(
        "`ipvsadm`",
        frozenset(["ipvsadm"]),
        r"\bipvsadm (?:.* )?(?:-[aedAEDC]|--\w+-(?:server|service)|--clear)\b",
        r"(?!)",
        r"ipvsadm-save|ipvsadm (?:.* )?(?:-S|--save)\b",
        r"keepalived|ipvsadm",
        _RELOADS,
        r"keepalived[\w.-]*\.conf|/etc/(?:ipvsadm|sysconfig/ipvsadm|keepalived)",
        _BOOTS,
    ),
    Kind(
        "`ip`",
        frozenset(["ip"]),
        r"\bip (?:-\w+ )*(?:route|rule|addr|address) (?:add|del|replace|change)\b",
        r"(?!)",
        r"(?!)",
        r"\A(?:systemd-)?network(?:ing|d)?(?:\.service)?\Z|\ANetworkManager",
        _RESTARTS,
        r"/etc/(?:netplan|network|sysconfig/network|systemd/network|NetworkManager)",
        rf"{_BOOTS}|\Anetplan apply\b",
    ),
)


def said(placed: PlacedCall) -> str:
    """The words of a call and what it is given, on lines of their own."""
    return "\n".join((" ".join(placed.texts), *map(placed.filled, placed.call.given)))


def forgets(kind: Kind, placed: PlacedCall) -> bool:
    """Whether a call makes a program start from its file."""
    call = placed.call
    text = " ".join(placed.texts)
    if re.search(kind.forgets, text):
        return True
    words = (word for word in text.split()[1:] if "exporter" not in word)
    names = [word for word in words if re.search(kind.unit, word)]
    if not names:
        return False
    if call.program in _SERVICES:
        return not kind.verbs.isdisjoint(call.operands)
    if call.program in _CONTAINERS:
        return "restart" in call.operands
    return call.program in _CLUSTER and call.operands[:2] == ("rollout", "restart")


def may_keep(kind: Kind, placed: PlacedCall) -> bool:
    """Whether a call may write what is set into the file that a program starts from."""
    if re.search(kind.keeps, said(placed)):
        return True
    if placed.call.program in _ONLY_LOOKING or "exec" in placed.call.operands[:3]:
        return any(
            re.search(kind.file, r.target.text)
            for r in placed.call.redirections
            if r.operator.startswith((">", "&>"))
        )
    words = (*placed.call.operands, *(r.target.text for r in placed.call.redirections))
    return any(re.search(kind.file, placed.filled(word)) for word in words)
