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
    sets: re.Pattern[str]
    back: re.Pattern[str]
    keeps: re.Pattern[str]
    unit: re.Pattern[str]
    verbs: frozenset[str]
    file: re.Pattern[str]
    forgets: re.Pattern[str] = re.compile(r"(?!)")


_RELOADS = frozenset(["reload", "restart", "force-reload", "try-restart", "reload-or-restart"])
_RESTARTS = frozenset(["restart", "try-restart"])
_BOOTS = r"\A(?:reboot|systemctl reboot|shutdown -r)\b"

KINDS = (
    Kind(
        "the socket",
        frozenset(["socat", "nc", "ncat", "hatop"]),
        re.compile(
            r"\bset server \S+ (?:state (?:maint|drain)|weight|addr)\b"
            r"|\bdisable (?:server|frontend)\b|\bset weight \S+ \d"
        ),
        re.compile(r"\bset server \S+ state ready\b|\benable (?:server|frontend)\b"),
        re.compile(r"\bshow servers state\b"),
        re.compile(r"haproxy"),
        _RELOADS,
        re.compile(r"haproxy[\w.-]*\.(?:cfg|cfg\.tmpl)\b|haproxy/conf|load-server-state"),
        re.compile(r"\A(?:docker|podman) kill (?:.* )?(?:SIG)?(?:USR2|HUP) .*haproxy"),
    ),
    Kind(
        "`CONFIG SET`",
        frozenset(["redis-cli", "valkey-cli"]),
        re.compile(r"(?i)\bconfig set\b"),
        re.compile(r"(?!)"),
        re.compile(r"(?i)\bconfig rewrite\b"),
        re.compile(r"redis|valkey"),
        _RESTARTS,
        re.compile(r"redis[\w.-]*\.conf|valkey[\w.-]*\.conf"),
    ),
    Kind(
        "`sysctl -w`",
        frozenset(["sysctl"]),
        re.compile(r"\bsysctl (?:.* )?(?:-\w*w\w*|--write) \S+=|\bsysctl (?:-q )?[\w./-]+=\S"),
        re.compile(r"(?!)"),
        re.compile(r"(?!)"),
        re.compile(r"systemd-sysctl|procps"),
        _RESTARTS,
        re.compile(r"/etc/sysctl"),
        re.compile(rf"{_BOOTS}|\Asysctl (?:.* )?(?:--system|--load|-p)\b"),
    ),
    Kind(
        "the command line",
        frozenset(["iptables", "ip6tables", "nft", "ipset"]),
        re.compile(
            r"\bip6?tables (?:.* )?(?:-[AIDRP]|--append|--insert|--delete|--policy) \S"
            r"|\bnft (?:add|insert|delete) (?:rule|element)\b|\bipset (?:add|del)\b"
        ),
        re.compile(r"(?!)"),
        re.compile(r"ip6?tables-save|netfilter-persistent save|iptables save|nft list ruleset"),
        re.compile(r"iptables|nftables|netfilter-persistent|\bufw\b|firewalld"),
        _RELOADS,
        re.compile(r"/etc/(?:iptables|sysconfig/ip6?tables|nftables)|rules\.v[46]"),
        re.compile(_BOOTS),
    ),
    Kind(
        "the command line, without `--permanent`",
        frozenset(["firewall-cmd"]),
        re.compile(r"\bfirewall-cmd (?!.*--permanent)(?:.* )?--(?:add|remove)-"),
        re.compile(r"(?!)"),
        re.compile(r"--runtime-to-permanent|--permanent"),
        re.compile(r"firewalld"),
        _RELOADS,
        re.compile(r"/etc/firewalld"),
        re.compile(rf"{_BOOTS}|\Afirewall-cmd (?:.* )?--(?:complete-)?reload\b"),
    ),
    Kind(
        "`ipvsadm`",
        frozenset(["ipvsadm"]),
        re.compile(r"\bipvsadm (?:.* )?(?:-[aedAEDC]|--\w+-(?:server|service)|--clear)\b"),
        re.compile(r"(?!)"),
        re.compile(r"ipvsadm-save|ipvsadm (?:.* )?(?:-S|--save)\b"),
        re.compile(r"keepalived|ipvsadm"),
        _RELOADS,
        re.compile(r"keepalived[\w.-]*\.conf|/etc/(?:ipvsadm|sysconfig/ipvsadm|keepalived)"),
        re.compile(_BOOTS),
    ),
    Kind(
        "`ip`",
        frozenset(["ip"]),
        re.compile(r"\bip (?:-\w+ )*(?:route|rule|addr|address) (?:add|del|replace|change)\b"),
        re.compile(r"(?!)"),
        re.compile(r"(?!)"),
        re.compile(r"\A(?:systemd-)?network(?:ing|d)?(?:\.service)?\Z|\ANetworkManager"),
        _RESTARTS,
        re.compile(r"/etc/(?:netplan|network|sysconfig/network|systemd/network|NetworkManager)"),
        re.compile(rf"{_BOOTS}|\Anetplan apply\b"),
    ),
)


def said(placed: PlacedCall) -> str:
    """The words of a call and what it is given, on lines of their own."""
    return "\n".join((" ".join(placed.texts), *map(placed.filled, placed.call.given)))


def forgets(kind: Kind, placed: PlacedCall) -> bool:
    """Whether a call makes a program start from its file."""
    call = placed.call
    text = " ".join(placed.texts)
    if kind.forgets.search(text):
        return True
    words = (word for word in text.split()[1:] if "exporter" not in word)
    names = [word for word in words if kind.unit.search(word)]
    if not names:
        return False
    if call.program in _SERVICES:
        return not kind.verbs.isdisjoint(call.operands)
    if call.program in _CONTAINERS:
        return "restart" in call.operands
    return call.program in _CLUSTER and call.operands[:2] == ("rollout", "restart")


def may_keep(kind: Kind, placed: PlacedCall) -> bool:
    """Whether a call may write what is set into the file that a program starts from."""
    if kind.keeps.search(said(placed)):
        return True
    if placed.call.program in _ONLY_LOOKING or "exec" in placed.call.operands[:3]:
        return any(
            kind.file.search(r.target.text)
            for r in placed.call.redirections
            if r.operator.startswith((">", "&>"))
        )
    words = (*placed.call.operands, *(r.target.text for r in placed.call.redirections))
    return any(kind.file.search(placed.filled(word)) for word in words)
