"""The variables that a step finds set: those of the plan, of bash, and of a usual environment."""

from __future__ import annotations

import re

from rbdsl.model.plan import Plan
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, Role

_BASH = frozenset(
    """
    _ BASH BASHOPTS BASHPID BASH_ALIASES BASH_ARGC BASH_ARGV BASH_CMDS BASH_COMMAND BASH_ENV
    BASH_EXECUTION_STRING BASH_LINENO BASH_REMATCH BASH_SOURCE BASH_SUBSHELL BASH_VERSINFO
    BASH_VERSION COLUMNS COPROC DIRSTACK EPOCHREALTIME EPOCHSECONDS EUID FUNCNAME GROUPS HISTCMD
    HOSTNAME HOSTTYPE IFS LINENO LINES MACHTYPE OLDPWD OPTARG OPTERR OPTIND OSTYPE PATH PIPESTATUS
    PPID PS4 PWD RANDOM SECONDS SHELL SHELLOPTS SHLVL SRANDOM UID
    """.split()  # noqa: SIM905 - a list of words is read as one
)
"""What bash sets itself, by its manual."""
_SYSTEM = frozenset(["HOME", "LANG", "LOGNAME", "TERM", "TMPDIR", "TZ", "USER", "EDITOR", "MAIL"])
_USUAL = (
    r"(?:AWS|AZURE|ARM|GOOGLE|GCLOUD|CLOUDSDK|KUBE|HELM|TF|PG|MYSQL|REDIS|DOCKER|COMPOSE|VAULT|CONSUL"
    r"|NOMAD|ANSIBLE|SSH|XDG|CI|GITHUB|GITLAB|RUNNER|BUILDKITE|JENKINS|SYSTEMD|SUDO|LC|INVOCATION"
    r"|JOURNAL|NOTIFY)(?:_\w+)?|PG[A-Z]+|KUBECONFIG|CI|SUDO_USER|(?:https?|no|all)_proxy"
    r"|(?:HTTPS?|NO|ALL)_PROXY"
)
"""What machines that run rollbacks often have in their environment, by the prefix."""
_RUNTIME = frozenset(
    """
    RBC_ARTIFACTS RBC_REGION RBC_SCENARIO RBC_RUN RBC_RUN_DIR RBC_VERBOSE RBC_EVENT RBC_MESSAGE
    RBC_METRIC RBC_GRACE RBC_ARCHIVE RBC_PAGERDUTY_URL RBC_MAIL_FROM
    """.split()  # noqa: SIM905 - a list of words is read as one
)


def is_usual(name: str) -> bool:
    """Whether bash, the system, the script or a usual environment sets it."""
    return (
        name in _BASH
        or name in _SYSTEM
        or name in _RUNTIME
        or name.startswith("rbc_")
        or re.fullmatch(_USUAL, name) is not None
    )


def declared(plan: Plan) -> frozenset[str]:
    """The shell names of what the plan declares for all of its steps."""
    names = {variable.name.shell for variable in plan.variables}
    names |= {artifact.name.shell for artifact in plan.artifacts}
    names |= {name.shell for name in plan.baselines}
    if plan.regions:
        names.add("region")
    for channel in plan.communications.channels if plan.communications else ():
        if channel.secret:
            names.add(channel.secret.shell)
    return frozenset(names)


def bound(place: Place) -> frozenset[str]:
    """What a step or check is given by the call of its module, `requires` and `uses`."""
    owner = place.step or place.check
    if owner is None:
        return frozenset()
    return frozenset(
        [
            *(binding.name.shell for binding in owner.bindings),
            *(name.shell for name in (*owner.requires, *owner.uses)),
        ]
    )


def shells(context: Context) -> tuple[Place, ...]:
    """The places that hold bash: the query of a metric is none."""
    return tuple(place for place in context.places if place.role is not Role.QUERY)
