"""Which paths hold what people or programs have stored, and which can be made again.

Told by the names of folders alone: `/var/lib/shop`, `/srv/shop/uploads` and what lies in a home are
data; caches, logs, releases, and whatever has a version in its name, are not.
"""

from __future__ import annotations

import posixpath
import re

from rbdsl.patterns import lazy_pattern

_OF_SYSTEM = frozenset(
    """
    apt chrony cloud cni dhcp dnf dpkg fluent-bit fluentd filebeat haproxy logrotate man-db
    networkmanager nginx node_exporter php promtail puppet rpm rsyslog systemd telegraf varnish
    vector yum zabbix
    """.split()  # noqa: SIM905 - a list of words is read as one
)
"""Below `/var/lib`: what belongs to a package, and is made anew."""
_STORED = lazy_pattern(
    r"(?i)/(?:[\w-]+[._-])?(?:attachments?|blobs?|customers?|data|databases?|db|documents?|files?"
    r"|invoices?|mail(?:box(?:es)?|dir)?|media|objects|orders?|pgdata|photos?|repositor(?:y|ies)"
    r"|storage|uploads?|userdata|users?|volumes?)(?:/|\Z)"
)
"""Names of folders that hold what was stored, somewhere in a path."""
_AGAIN = lazy_pattern(
    r"(?i)(?:^|[/._-])(?:archives?|artifacts?|assets|back-?ups?|bak|bin|build|builds|bundle|caches?"
    r"|canary|checkout|conf\.d|copy|deploy(?:s|ments?)?|dist|download(?:s|ed)?|dumps?|exports?"
    r"|failed|generated|green|blue|import|incoming|index(?:es)?|install(?:er)?|kept|lists|locks?|logs?"
    r"|modules|new|next|node_modules|old|orig|out|package[sd]?|pending|pids?|plugins?|public"
    r"|queue[sd]?|releases?|restored?|rollback|run|scratch|sessions?|shadow|snapshots?|sock(?:ets?)?"
    r"|spool|src|stag(?:e|ing)|static|target|te?mp|templates?|tests?|themes?|thumb(?:nail)?s|trash"
    r"|unpack(?:ed)?|vendor|venv|versions?|wal|webapps|work(?:dir|space)?|www-data)(?:[/._\d-]|\Z)"
    r"|\d\.\d|(?:^|[/._-])v?\d+(?:/|\Z)|/\.\w"
)
"""In the names of what is made again, moved aside, or belongs to one version."""
_HOME = lazy_pattern(r"~[\w.-]*/|/home/[^/]+(?:/|\Z)|/root/")
_FILE = lazy_pattern(r"(?i)\.(?:db|sqlite3?|mdb|ibd|ldb)\Z")
_FILLED = lazy_pattern(
    r"(?i)\.(?:db|sqlite3?|mdb|ibd|json|ya?ml|csv|dat|conf|cfg|ini|env|xml|htpasswd|ldif|sql)\Z"
)
_DISPOSABLE = ("/tmp/", "/var/tmp/", "/run/", "/dev/", "/var/log/", "/var/cache/", "/proc/")  # noqa: S108 - of the plan


def normal(path: str) -> str:
    """A path without the `/*` and slashes at its end, `$HOME` written `~`."""
    path = re.sub(r"^\$HOME(?=/|\Z)", "~", path.strip("\"'"))
    path = re.sub(r"(?:/\*|/\.)+\Z", "", path).rstrip("/")
    return posixpath.normpath(path) if path else ""


def is_stored(path: str) -> bool:
    """Whether a folder that is removed as a whole holds what nobody can make again."""
    if not _is_known(path) or _AGAIN.search(_below_home(path)):
        return False
    if path.startswith("/var/lib/"):
        return path.split("/")[3].lower() not in _OF_SYSTEM
    return _HOME.match(path) is not None or _STORED.search(path) is not None


def is_database(path: str) -> bool:
    """Whether a file is a database by its name."""
    return _is_known(path) and bool(_FILE.search(path)) and not _AGAIN.search(path)


def is_filled(path: str) -> bool:
    """Whether a file that is emptied held settings or data by its name."""
    return _is_known(path) and bool(_FILLED.search(path)) and not _AGAIN.search(path)


def _is_known(path: str) -> bool:
    return (
        path.startswith(("/", "~"))
        and path.count("/") > 0
        and not {"$", "*", "?", "{", "`"} & set(path)
        and not f"{path}/".startswith(_DISPOSABLE)
    )


def _below_home(path: str) -> str:
    """A path without the name of the user: `/home/deploy/shop` is about `shop`."""
    found = _HOME.match(path)
    return "/" + path[found.end() :] if found else path
