"""The words by which a command turns something off or on, as data for `rbdsl.rules.opposites`.

Patterns are kept as text and compiled when they are first used: most plans need few of them.
"""

from __future__ import annotations

from itertools import chain

PAIRS = (
    ("disable", "enable"),
    ("pause", "resume"),
    ("pause", "unpause"),
    ("suspend", "resume"),
    ("suspend", "unsuspend"),
    ("cordon", "uncordon"),
    ("drain", "uncordon"),
    ("drain", "undrain"),
    ("drain", "restore"),
    ("drain", "resume"),
    ("stop", "start"),
    ("deactivate", "activate"),
    ("lock", "unlock"),
    ("freeze", "unfreeze"),
    ("freeze", "thaw"),
    ("block", "unblock"),
    ("mask", "unmask"),
    ("detach", "attach"),
    ("deregister", "register"),
    ("mute", "unmute"),
    ("off", "on"),
    ("false", "true"),
)
WORDS = frozenset(chain.from_iterable(PAIRS))
STATES = frozenset(["on", "off", "true", "false"])
TURNING = STATES | {"enable", "disable", "start", "stop", "activate", "deactivate"}
SIZES = frozenset(
    ["replicas", "desired-count", "desired-capacity", "num-nodes", "reserved-concurrent-executions"]
)
MANNER = frozenset(
    """
    timeout request-timeout grace-period output o v current-replicas update-failure-action
    rollback-failure-action
    """.split()  # noqa: SIM905 - a list of words is read as one
)
"""Options with a value that say how, and not on what."""
TALKING = frozenset(["cat", "echo", "grep", "logger", "printf", "test"])
FILES = frozenset(["mkdir", "mv", "rm", "touch"])
"""What these are given are names of files: only that the file is there turns something."""
LETTERS = r"[A-Za-z]+"
NUMBERED = r"(?i)(?:read[_-]?only|maintenance)(?:[_-]mode)?\s*[= ]\s*([01])\b"
SCALED = r"([\w.-]+)=(\d+)"
VARIABLE = r"\$[a-z_]\w*"
SETTING = (
    r"\b(?:reset|revoke|grant|nologin|login|connection limit|multi_user|fsync|mode|online)"
    r"|event_scheduler|read[_ -]write"
)
"""Words of what `rbdsl.rules.settings` knows."""
STATE = r"\bstate (drain|maint|ready)\b"
"""Of a server of HAProxy."""
MARKER = r"maintenance|read[_-]?only|pause|drain|suspend|disabled|offline|closed"
CLOSED = r"(?i)read[_-]?only|maintenance|drain|deny|blocks?[._]write"
STOPPED = r"(?i)pause|suspend|disabled"
PATH = r"(?<![^\s'\"=])/[\w./-]+"
"""A file that is named by its whole path, as it likes."""
ASKING = r"(?i)\s*(?:select|show|explain|with)\b"
KINDS = {
    "deploy": "deployment",
    "deployments": "deployment",
    "deployment.apps": "deployment",
    "sts": "statefulset",
    "statefulsets": "statefulset",
    "rs": "replicaset",
    "cj": "cronjob",
    "cronjobs": "cronjob",
    "no": "node",
    "nodes": "node",
}
OF_NODES = frozenset(["cordon", "drain", "uncordon"])
