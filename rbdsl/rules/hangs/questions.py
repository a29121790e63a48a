"""Commands that ask "are you sure?", with what answers them beforehand.

Facts about the programs, by their manuals. A verb is a sequence of operands; `a|b` is either.
"""

from __future__ import annotations

from typing import NamedTuple

from rbdsl.diagnostics import Severity


class Question(NamedTuple):
    """A question of a program: of which verbs (of any, without), and what answers it.

    - `answers`: options that answer it; the first one is proposed.
    - `variables`: what answers it in the environment.
    - `wanted`: the options that make it ask, for what asks only then (`rm -i`).
    - `otherwise`: what comes of it in a step, which has no input.
    - `instead`: the command that does not ask, where no option answers.
    """

    programs: tuple[str, ...]
    verbs: tuple[str, ...]
    answers: tuple[str, ...]
    severity: Severity = Severity.ERROR
    variables: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    otherwise: str = "without an answer it does nothing and fails"
    instead: str = ""


_TERRAFORM = ("terraform", "tofu", "terragrunt")
_MAYBE = Severity.WARNING

QUESTIONS = (
    Question(
        ("apt", "apt-get", "aptitude"),
        ("install|remove|purge|upgrade|dist-upgrade|full-upgrade|autoremove|build-dep",),
        ("-y", "--yes", "--assume-yes", "--assume-no", "-qq", "--dry-run", "-s"),
    ),
    Question(
        ("yum", "dnf", "microdnf"),
        ("install|remove|erase|update|upgrade|downgrade|reinstall|autoremove|distro-sync",),
        ("-y", "--assumeyes", "--assumeno"),
    ),
    Question(("yum", "dnf"), ("history", "undo|rollback|redo"), ("-y", "--assumeyes")),
    Question(
        ("zypper",),
        ("install|in|remove|rm|update|up|patch|dup|dist-upgrade",),
        ("-n", "--non-interactive", "-y", "--no-confirm"),
    ),
    Question(("pacman",), (), ("--noconfirm",), _MAYBE, wanted=("-S", "-U", "-R", "-Syu", "-Rs")),
    Question(
        _TERRAFORM,
        ("apply|destroy",),
        ("-auto-approve", "--auto-approve", "--terragrunt-non-interactive"),
    ),
    Question(_TERRAFORM, ("force-unlock",), ("-force",)),
    Question(_TERRAFORM, ("workspace", "delete"), ("-force",), Severity.INFO),
    Question(
        ("pulumi",), ("up|update|destroy|refresh|cancel|import",), ("--yes", "-y", "--skip-preview")
    ),
    Question(("pulumi",), ("stack", "rm|import|export"), ("--yes", "-y", "--file"), Severity.INFO),
    Question(
        ("gcloud",),
        (),
        ("--quiet", "-q"),
        Severity.INFO,
        ("CLOUDSDK_CORE_DISABLE_PROMPTS",),
        otherwise="without an answer it takes the one that it thinks usual",
    ),
    Question(("az",), (), ("--yes", "-y"), _MAYBE),
    Question(
        ("heroku",),
        ("pg:backups:restore|pg:reset|pg:copy|pg:promote|apps:destroy|addons:destroy|pg:upgrade",),
        ("--confirm", "-c", "--force"),
    ),
    Question(
        ("php", "artisan", "sail"),
        (
            "artisan",
            "migrate|migrate:rollback|migrate:reset|migrate:refresh|migrate:fresh|db:wipe|db:seed",
        ),
        ("--force", "--pretend"),
        otherwise="in production it does nothing without an answer",
    ),
    Question(
        ("python", "python3", "./manage.py", "manage.py"),
        ("manage.py|./manage.py", "flush|reset_db"),
        ("--noinput", "--no-input"),
    ),
    Question(("prisma", "npx"), ("prisma", "migrate", "reset"), ("--force", "-f")),
    Question(("npx",), (), ("--yes", "-y", "--no-install", "--no"), Severity.PEDANTIC),
    Question(
        ("lvremove", "vgremove", "pvremove", "lvreduce"), (), ("-y", "--yes", "-f", "--force")
    ),
    Question(("ufw",), ("enable|reset|delete",), ("--force",)),
    Question(
        ("docker", "podman"),
        ("system|volume|image|container|network|builder|buildx", "prune"),
        ("-f", "--force"),
    ),
    Question(("docker-compose",), ("rm",), ("-f", "--force")),
    Question(("docker",), ("compose", "rm"), ("-f", "--force")),
    Question(("argocd",), ("app", "delete"), ("-y", "--yes")),
    Question(("argocd",), ("app", "terminate-op"), ("-y", "--yes"), Severity.PEDANTIC),
    Question(("istioctl",), ("install|uninstall|upgrade",), ("-y", "--skip-confirmation")),
    Question(("kubeadm",), ("reset",), ("-f", "--force")),
    Question(("kubeadm",), ("upgrade", "apply"), ("-y", "--yes", "-f", "--force")),
    Question(("velero",), ("backup|restore|schedule", "delete"), ("--confirm",)),
    Question(
        ("cdk", "npx"),
        ("deploy",),
        ("--require-approval",),
        _MAYBE,
        otherwise="where it widens permissions it fails without an answer",
    ),
    Question(("cdk",), ("destroy",), ("--force", "-f")),
    Question(("sam",), ("delete",), ("--no-prompts",)),
    Question(("eb",), ("terminate",), ("--force",)),
    Question(("gh",), ("repo|release", "delete"), ("--yes", "-y")),
    Question(("fly", "flyctl"), ("apps|machine|volumes", "destroy"), ("--yes", "-y")),
    Question(("mysqladmin",), ("drop",), ("-f", "--force")),
    Question(("dropdb", "dropuser"), (), (), wanted=("-i", "--interactive")),
    Question(
        ("rm", "cp", "mv", "ln"),
        (),
        ("-f", "--force"),
        wanted=("-i", "-I", "--interactive"),
        otherwise="without an answer it leaves the file as it is",
    ),
    Question(
        ("unzip",),
        (),
        ("-o", "-n", "-p", "-l", "-t", "-Z", "-v"),
        _MAYBE,
        otherwise="without an answer it replaces no file that is there",
    ),
    Question(("ssh-keygen",), (), ("-N", "-R", "-F", "-l", "-y"), _MAYBE),
    Question(("redis-cli",), (), ("--cluster-yes",), _MAYBE, wanted=("--cluster",)),
    Question(
        ("patronictl",),
        ("switchover|failover|restart|reload|reinit|edit-config|flush|demote-cluster",),
        ("--force",),
    ),
    Question(("terragrunt",), ("run-all", "apply|destroy"), ("--terragrunt-non-interactive",)),
    Question(("sqitch",), ("revert|rebase|checkout",), ("-y",)),
    Question(("pip", "pip3"), ("uninstall",), ("-y", "--yes")),
    Question(("python", "python3"), ("pip", "uninstall"), ("-y", "--yes")),
    Question(("conda", "mamba"), ("install|remove|update|upgrade|uninstall",), ("-y", "--yes")),
    Question(
        ("cf",),
        ("delete|delete-service|delete-route|delete-service-key|delete-space|delete-org",),
        ("-f",),
    ),
    Question(("flux",), ("delete|uninstall",), ("--silent", "-s")),
    Question(("wp",), ("db", "reset|drop|clean"), ("--yes",)),
    Question(("wp",), ("site", "empty|delete"), ("--yes",)),
    Question(
        ("tiup",),
        ("cluster", "stop|restart|reload|upgrade|patch|scale-in|clean|destroy"),
        ("--yes", "-y"),
    ),
    Question(("copilot",), ("svc|job|env|app|task|pipeline", "delete"), ("--yes",)),
    Question(("railway",), ("down|redeploy",), ("--yes", "-y")),
    Question(("vercel",), ("remove|rm",), ("--yes", "-y")),
    Question(("vercel",), ("promote",), ("--yes", "-y"), _MAYBE),
    Question(("fly", "flyctl"), ("scale", "count"), ("--yes", "-y"), _MAYBE),
    Question(("knife",), ("node|client|role|environment|cookbook", "delete"), ("--yes", "-y")),
    Question(("doctl", "oci"), (), ("--force", "-f")),
    Question(("podman",), ("system", "reset"), ("--force", "-f")),
    Question(
        ("ceph",),
        ("osd", "pool", "delete|rm"),
        ("--yes-i-really-really-mean-it",),
        otherwise="without it it refuses",
    ),
    Question(
        ("fsck", "e2fsck", "fsck.ext4", "fsck.ext3"),
        (),
        ("-y", "-p", "-a", "-n"),
        _MAYBE,
        otherwise="without a terminal it repairs nothing",
    ),
    Question(
        ("netplan",),
        ("try",),
        (),
        otherwise="without an answer it takes the old configuration back",
        instead="netplan apply",
    ),
    Question(
        ("iptables-apply", "ip6tables-apply"),
        (),
        (),
        otherwise="without an answer it takes the old rules back",
        instead="iptables-restore",
    ),
    Question(("npm", "yarn", "pnpm"), ("login|adduser|init",), ("-y", "--yes"), _MAYBE),
)

ASKING_VERBS = {
    "gcloud": frozenset(["delete", "rollback", "restore", "failover", "remove"]),
    "az": frozenset(["delete", "purge"]),
    "doctl": frozenset(["delete"]),
    "oci": frozenset(["delete", "terminate"]),
}
"""The verbs that ask where they stand at the end of the operands."""
