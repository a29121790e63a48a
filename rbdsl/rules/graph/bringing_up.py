"""Which commands can't bring an application up that was taken down.

In: a call, and the name of the application. A program that is not known may do anything, and so may
a script; what is said here is that a call surely does not.
"""

from __future__ import annotations

from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.shell_text import mentions_word

CLUSTER = ("kubectl", "oc")
_PASSIVE = frozenset(
    """
    : [ [[ awk basename break cat cd chmod chown cmp continue cp curl cut date df diff dig dirname
    du echo etcdctl exit export false find flock getent git grep gunzip gzip head host install jq
    kill ln local ls mariadb mkdir mktemp mongodump mongorestore mongosh mv mysql mysqldump nc
    openssl pg_dump pg_isready pg_restore pgrep ping pkill printf psql pwd read readlink realpath
    redis-cli return rm rsync scp sed set sha256sum shift sleep sort ssh stat sudo sync tail tar tee
    test touch tr trap true umask uniq unset unzip wait wc wget xargs yq zcat zstd
    """.split()  # noqa: SIM905 - a list of words is read as one
)
"""Programs that move files and data, ask and print; what they have run is a call of its own."""
_VERBS = {
    # program → verbs after which nothing comes up that was down
    **dict.fromkeys(
        CLUSTER,
        """
        annotate api-resources auth cluster-info config cordon cp delete describe diff drain events
        exec explain get label logs port-forward rollout set taint top uncordon version wait
        """.split(),  # noqa: SIM905 - a list of words is read as one
    ),
    "systemctl": """
        cat daemon-reload disable is-active is-enabled is-failed kill list-timers list-units mask
        reload reset-failed show status stop
        """.split(),  # noqa: SIM905 - a list of words is read as one
    "helm": """
        get history list ls repo show status template test uninstall delete version
        """.split(),  # noqa: SIM905 - a list of words is read as one
    **dict.fromkeys(
        ("docker", "podman"),
        """
        cp exec images inspect kill logs login network port ps pull rm rmi stats stop tag top wait
        """.split(),  # noqa: SIM905 - a list of words is read as one
    ),
}
_OF_OTHERS = {
    # program → verbs that concern what they name and nothing else
    **dict.fromkeys(CLUSTER, ("scale", "patch")),
    "systemctl": ("start", "restart", "enable", "try-restart", "reload-or-restart", "unmask"),
    "docker": ("start", "restart"),
    "podman": ("start", "restart"),
}
_UNKNOWN = frozenset("$*@{[")
_SENDS = ("X", "request", "d", "data", "data-raw", "data-binary", "json", "F", "form", "T")


def leaves_down(placed: PlacedCall, name: str) -> bool:
    """Whether a call surely brings up nothing of that name."""
    call = placed.call
    program, words = call.program, [placed.filled(word) for word in call.operands]
    if program in ("curl", "wget"):
        return not call.has(*_SENDS, "upload-file", "post-data", "method")
    if program == "git" and "push" in words:
        return False  # what follows the repository may put it in place
    if program in _PASSIVE:
        return "/" not in call.words[0].text or call.words[0].text.startswith(("/bin/", "/usr/"))
    verb = (words or [""])[0]
    if verb in _VERBS.get(program, ()):
        return True
    return verb in _OF_OTHERS.get(program, ()) and _is_about_others(placed, words[1:], name)


def _is_about_others(placed: PlacedCall, named: list[str], name: str) -> bool:
    """Whether a call scales, patches or starts others by their names, or scales down."""
    call = placed.call
    if "scale" in call.operands[:1] and placed.filled(call.value("replicas") or "") == "0":
        return True
    if not named or call.has("l", "selector", "all", "f", "filename"):
        return False
    if any(not _UNKNOWN.isdisjoint(word) or word.endswith(".target") for word in named):
        return False
    return not any(mentions_word(word, name) for word in named)
