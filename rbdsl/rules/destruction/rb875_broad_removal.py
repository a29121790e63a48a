"""A folder of the system, of a user, or the present one is removed as a whole.

## Why

What is meant is one release. What goes is the configuration of everything else on the host, or
whatever folder the script happens to stand in.

## Bad

```rbplan
phase files "Files" {
  budget 1m
  step remove "Remove" { run `sudo -n rm -rf /var/lib/*`; expect `./served.sh 3.1` }
}
```

## Good

```rbplan
phase files "Files" {
  budget 1m
  step remove "Remove" { run `sudo -n rm -rf /var/lib/shop/releases/3.2`; expect `./served.sh 3.1` }
}
```

## How it can be fooled

Only names of folders are known that every system has, and `.`, `..`, `~` and a bare `*`. A folder
of one application is as bad a loss where it is the wrong one.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.acting import acting, shown
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB875", "broad-removal", Severity.WARNING)

_SYSTEM = frozenset(
    """
    / /bin /boot /data /dev /etc /home /lib /lib64 /media /mnt /opt /proc /root /run /sbin /srv /sys
    /usr /usr/bin /usr/lib /usr/local /usr/local/bin /usr/share /var /var/lib /var/lib/docker
    /var/lib/mysql /var/lib/postgresql /var/lib/postgresql/data /var/log /var/www /var/www/html
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_STORES = lazy_pattern(
    r"/(?:var/lib|srv|data|var/opt|opt)/(?:postgresql|pgsql|mysql|mariadb|mongo(?:db)?|redis|etcd"
    r"|elasticsearch|opensearch|kafka|zookeeper|rabbitmq|cassandra|clickhouse|influxdb|prometheus"
    r"|docker|containerd|kubelet)(?:/(?:\d+|main|data|db|pgdata|nodes|member|volumes))*"
)
"""Where servers keep their data."""
_HERE = frozenset(["*", ".", "..", "./", "../", "./*", ".*", "~", "~/", "~/*", "$HOME", "$PWD"])
PROGRAMS = ("rm", "find", "chown", "chmod")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such command."""
    for placed in acting(context, *PROGRAMS):
        target = next((t for t in _targets(placed) if is_broad(t)), None)
        if target is not None:
            yield CODE.at(
                placed.span,
                f"{shown(placed.call.text)} is about all of {shown(target)}",
                hint="name the folder of the release that is meant, from the root",
            )


def _targets(placed: PlacedCall) -> list[str]:
    call = placed.call
    recursive = call.has("R", "recursive") or (call.program == "rm" and call.has("r"))
    operands = [text for text in placed.texts[1:] if not text.startswith("-")]
    if call.program == "find":
        deletes = any(word.text == "-delete" for word in call.words) or "-exec rm" in call.text
        narrowed = any(
            word.text in ("-name", "-path", "-mtime", "-regex", "-newer", "-iname")
            for word in call.words
        )
        return operands[:1] if deletes and not narrowed else []
    if not recursive:
        return []
    return operands if call.program == "rm" else operands[1:]


def is_broad(target: str) -> bool:
    """Whether a path is a folder of the system, of a server's data, or the present one."""
    if target in _HERE:
        return True
    bare = target.removesuffix("*").rstrip("/") or ("/" if target.startswith("/") else "")
    return target.startswith("/") and (bare in _SYSTEM or _STORES.fullmatch(bare) is not None)
