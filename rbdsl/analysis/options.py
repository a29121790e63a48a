"""Which words of a command are options, and which of them take the next word as their value.

Options of a few programs are known. Of all others an option that is followed by a number or a
length of time takes it; what else follows one is a word of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from rbdsl.patterns import lazy_pattern

Option: TypeAlias = tuple[str, str | None]
"""The name without dashes, and the value if it has one."""

_NUMBER = lazy_pattern(r"\d+(?:\.\d+)?(?:ms|[smhd%])?\Z")

_KUBECTL = frozenset(
    """
    as as-group cache-dir certificate-authority chunk-size client-certificate client-key cluster
    container context current-replicas f field-manager field-selector filename grace-period
    kubeconfig l n namespace o output p patch patch-file pod-selector port profile replicas
    request-timeout resource-version revision s selector server subresource template timeout
    to-revision token type user
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_DOCKER = frozenset(
    """
    e env env-file u user w workdir v volume name network entrypoint mount p publish l label
    memory cpus add-host platform restart hostname file project-name profile log-driver log-opt
    scale wait-timeout timeout H host context c format filter
    image update-failure-action update-order update-delay update-monitor update-parallelism
    rollback-failure-action rollback-order rollback-delay rollback-monitor rollback-parallelism
    stop-grace-period stop-signal restart-condition
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_TERRAFORM = frozenset(
    """
    backup backend-config generate-config-out lock-timeout out parallelism replace state state-out
    target var var-file
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_VALUED: dict[str, frozenset[str]] = {
    "kubectl": _KUBECTL,
    "oc": _KUBECTL,
    "systemctl": frozenset(
        ["H", "M", "host", "job-mode", "machine", "root", "signal", "state", "type"]
    ),
    "psql": frozenset(
        """
        d dbname f file F field-separator h host o output L log-file p port P pset
        R record-separator T table-attr U username v set variable
        """.split()  # noqa: SIM905 - a list of words is read as one
    ),
    "redis-cli": frozenset(
        ["h", "p", "s", "a", "u", "n", "r", "i", "d", "D", "user", "pass", "cacert", "cert", "key"]
    ),
    "curl": frozenset(
        """
        X request d data data-raw data-binary data-urlencode json F form T upload-file H header
        o output u user m max-time connect-timeout w write-out A user-agent b cookie c cookie-jar
        retry retry-delay retry-max-time cacert capath cert key e referer x proxy url resolve
        K config range r interface limit-rate E D dump-header
        """.split()  # noqa: SIM905 - a list of words is read as one
    ),
    "docker": _DOCKER,
    "podman": _DOCKER,
    "docker-compose": _DOCKER | {"f"},
    "scp": frozenset(["c", "D", "F", "i", "J", "l", "o", "P", "S", "X"]),
    "ssh": frozenset("b B c D e E F i I J l L m o O p Q R S w W".split()),  # noqa: SIM905
    "git": frozenset(
        [
            "C",
            "c",
            "m",
            "message",
            "F",
            "file",
            "author",
            "date",
            "git-dir",
            "work-tree",
            "namespace",
        ]
    ),
    "helm": frozenset(
        """
        burst-limit ca-file description f history-max keyring kube-apiserver kube-as-user
        history-max kube-context kubeconfig max-history n namespace o output password post-renderer
        repo
        repository-config revision set set-file set-json set-literal set-string timeout username
        values version
        """.split()  # noqa: SIM905 - a list of words is read as one
    ),
    **dict.fromkeys(
        ("apt", "apt-get"),
        frozenset(["o", "option", "c", "config-file", "t", "target-release", "default-release"]),
    ),
    "terraform": _TERRAFORM,
    "tofu": _TERRAFORM,
}
_LONG = {
    "kubectl": {"n": "namespace", "l": "selector", "s": "server", "f": "filename", "p": "patch"},
    "helm": {"n": "namespace", "f": "values"},
    "systemctl": {"H": "host", "M": "machine"},
    "psql": {"d": "dbname", "h": "host", "p": "port", "U": "username", "v": "set"},
}
_LONG["oc"] = _LONG["kubectl"]
_FURTHER: dict[str, frozenset[str]] = {
    "aws": frozenset(
        """
        profile region endpoint-url output query include exclude db-instance-identifier
        db-cluster-identifier table-name bucket stack-name cluster service queue-url name
        task-definition job-definition launch-type desired-count secret-id secret-string
        update-expression condition-expression function-name services key
        """.split()  # noqa: SIM905 - a list of words is read as one
    ),
    "az": frozenset(["g", "n", "name", "resource-group", "subscription", "output", "o"]),
    "gcloud": frozenset(["project", "region", "zone", "format", "account"]),
    "git": frozenset(["C", "c", "git-dir", "work-tree", "mainline", "m", "b", "B", "message"]),
    "helm": frozenset(["n", "namespace", "kube-context", "kubeconfig", "timeout", "description"]),
    "kafka-consumer-groups": frozenset(
        [
            "bootstrap-server",
            "command-config",
            "from-file",
            "group",
            "timeout",
            "to-datetime",
            "topic",
        ]
    ),
    "kafka-topics": frozenset(["bootstrap-server", "command-config", "topic", "zookeeper"]),
    "patronictl": frozenset(
        """
        c config-file d dcs-url leader primary master candidate scheduled m member group role
        """.split()  # noqa: SIM905 - a list of words is read as one
    ),
    "rabbitmqadmin": frozenset(["H", "host", "u", "username", "p", "V", "vhost", "P", "port"]),
    "rabbitmqctl": frozenset(["n", "node", "p", "vhost"]),
    "velero": frozenset(["n", "namespace", "include-namespaces", "selector"]),
}
_FURTHER["kafka-consumer-groups.sh"] = _FURTHER["kafka-consumer-groups"]
_FURTHER["kafka-topics.sh"] = _FURTHER["kafka-topics"]
"""Options with a value of programs of which not all are known: a number is a value there, too."""

_POSTGRES = """
    d dbname f file F format h host p port U username n schema N exclude-schema t table T
    exclude-table j jobs Z compress S superuser E encoding L use-list D pgdata section role
    exclude-table-data extension filter lock-wait-timeout rows-per-insert snapshot
    """
_MYSQL = """
    u user h host P port D database S socket e execute r result-file defaults-extra-file
    defaults-file default-character-set ignore-table max-allowed-packet where
    """
_OF_FILES = {
    "pg_dump": _POSTGRES,
    "pg_dumpall": _POSTGRES,
    "pg_restore": _POSTGRES,
    "pg_basebackup": _POSTGRES,
    "mysqldump": _MYSQL,
    "mariadb-dump": _MYSQL,
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
    "systemd-run": "u unit p property on-active on-boot on-calendar uid gid setenv",
    "tar": "f file C directory exclude T files-from",
    "curl": """
        o output H header d data data-binary X request u user m max-time connect-timeout w write-out
        T upload-file F form A user-agent b cookie c cookie-jar retry retry-delay retry-max-time
        cacert cert key url
        """,
    "wget": "O output-document T timeout t tries",
    "redis-cli": "h p n a u rdb user pass s",
    "gpg": "o output r recipient u local-user",
    "openssl": "in out k pass passin inkey iter md",
    "zstd": "o D M",
    "unzstd": "o D M",
}
"""Programs that write and read files, with their options that take a value."""

_ATTACHED = frozenset(["mysql", "mysqldump", "mariadb", "mariadb-dump"])
"""Programs whose `-p` has all behind it as its value, the password, and nothing else."""

for _program, _names in _OF_FILES.items():
    _VALUED[_program] = _VALUED.get(_program, frozenset()) | frozenset(_names.split())


def split(program: str, arguments: Sequence[str]) -> tuple[tuple[str, ...], tuple[Option, ...]]:
    """The words of a command and its options, each in order. Behind `--` all are words."""
    words: list[str] = []
    options: list[Option] = []
    at = 0
    while at < len(arguments):
        argument = arguments[at]
        at += 1
        if argument == "--":
            words.extend(arguments[at:])
            break
        if not argument.startswith("-") or argument == "-" or " " in argument.split("=")[0]:
            words.append(argument)
            continue
        name, equals, value = argument.lstrip("-").partition("=")
        flags, letter, attached = _bundle(program, argument)
        if letter:
            options.extend([(flags, None)] if flags else [])
            name, equals, value = letter, "=" * bool(attached), attached
        name = _LONG.get(program, {}).get(name, name)
        following = arguments[at] if at < len(arguments) else None
        if equals:
            options.append((name, value))
        elif following is not None and _takes(program, name, following):
            options.append((name, following))
            at += 1
        else:
            options.append((name, None))
    return tuple(words), tuple(options)


def _bundle(program: str, argument: str) -> tuple[str, str, str]:
    """`-xzf`, `-Fc` and `-dshop`: the letters before the one that takes a value, it, the value.

    All empty where it is no bundle with such a letter in it.
    """
    valued = _VALUED.get(program, frozenset())
    letters = argument[1:]
    if letters[:1] == "p" and program in _ATTACHED:
        return "", "p", letters[1:]
    if argument.startswith("--") or len(letters) < 2 or letters.partition("=")[0] in valued:
        return "", "", ""
    at = next((i for i, letter in enumerate(letters) if letter in valued), None)
    if at is None or (at and not letters[:at].isalpha()):
        return "", "", ""
    return letters[:at], letters[at], letters[at + 1 :]


def _takes(program: str, name: str, following: str) -> bool:
    """Whether an option takes the next word as its value."""
    if program in _VALUED:
        return name in _VALUED[program]
    return name in _FURTHER.get(program, ()) or _NUMBER.match(following) is not None
