"""What a call runs on another host or in a container: `ssh`, `kubectl exec` and the like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rbdsl.analysis.agents import AGENTS, sent
from rbdsl.analysis.calls import Call, Word
from rbdsl.analysis.options import split
from rbdsl.analysis.word_texts import without
from rbdsl.record import dataclass

_CONTAINERS = {
    **dict.fromkeys(("kubectl", "oc"), ("exec", "rsh", "run", "debug")),
    **dict.fromkeys(("docker", "podman", "nerdctl", "docker-compose"), ("exec", "run")),
    **dict.fromkeys(("crictl", "lxc", "incus"), ("exec",)),
}
_MARKED = ("run", "debug")
"""What `kubectl` hands to a new container stands behind `--`, and nowhere else."""
_GROUPS = ("compose", "container")
_VALUED = frozenset(
    """
    -e --env --env-file -u --user -w --workdir -v --volume --name --network --entrypoint --mount -p
    --publish -l --label --memory --cpus --add-host --pull --platform --restart --hostname -h
    --index -f --file --project-name --profile
    -m -c --container -a --attach --cap-add --cap-drop --cgroup-parent --cgroupns --cidfile
    --cpu-shares --cpuset-cpus --detach-keys --device --dns --dns-search --expose --gpus --group-add
    --health-cmd --ip --ipc --isolation --link --log-driver --log-opt --memory-swap --net
    --network-alias --pid --pids-limit --runtime --secret --security-opt --shm-size --stop-signal
    --stop-timeout --storage-opt --sysctl --tmpfs --ulimit --userns --uts --volume-driver
    --volumes-from --preserve-fds --pod --cwd --group --mode --project --timeout -r --transport
    -n --namespace --context --kubeconfig --image --overrides --override-type --port --labels
    --image-pull-policy --target --copy-to --set-image --pod-running-timeout --field-manager
    """.split()  # noqa: SIM905 - a list of words is read as one
)
"""Options of all of these between the verb and the command, with the next word as their value."""
_GLOBAL = {
    "crictl": frozenset(
        ["-r", "-i", "-c", "-t", "--runtime-endpoint", "--image-endpoint", "--config", "--timeout"]
    ),
    "docker": frozenset(["-H", "--host", "-c", "--context", "-l", "--log-level", "--config"]),
    "podman": frozenset(["-c", "--connection", "--url", "--log-level", "--root", "--storage-opt"]),
}
_COMPOSED = frozenset(
    """
    -f --file -p --project-name --profile --env-file --project-directory --parallel
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_GCLOUD = frozenset(
    """
    --zone --project --account --configuration --ssh-flag --ssh-key-file --command --container
    --strict-host-key-checking --force-key-file-overwrite --ssh-key-expiration --format
    --ssh-key-expire-after --network --region --dest-group
    --billing-project --impersonate-service-account
    """.split()  # noqa: SIM905 - a list of words is read as one
)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Words that run in another place. `text` says that a shell there gets them as one text.

    Without words it is a shell, which reads what it is given.
    """

    name: str
    words: tuple[Word, ...]
    text: bool = False


def elsewhere(call: Call) -> Iterator[Elsewhere]:
    """What a call runs in another place; nothing where that is not sure."""
    if call.program == "ssh":
        operands = ssh_operands(call)
        if operands:
            yield Elsewhere(f"ssh {operands[0].text}", tuple(operands[1:]), text=True)
    elif call.program == "gcloud":
        yield from _of_gcloud(call)
    elif call.program in _CONTAINERS:
        yield from _of_container(call)
    elif call.program in AGENTS and (found := sent(call)):
        yield Elsewhere(f"{call.program} {found.hosts}".strip(), found.words, text=True)


def _of_container(call: Call) -> Iterator[Elsewhere]:
    words = call.words[1:]
    at = _verb(call)
    if at is None:
        return
    verb = words[at].text
    rest = words[at + 1 :]
    first = _first(rest)
    inner = _behind(rest, first, marked=verb in _MARKED and call.program in ("kubectl", "oc"))
    if inner and not inner[0].text.startswith("-"):
        target = rest[first].text if first < len(rest) and rest[first].text != "--" else ""
        yield Elsewhere(f"{call.program} {verb} {target}".strip(), tuple(inner))


def _verb(call: Call) -> int | None:
    """Where the verb stands behind which a command may be; None where it is another one."""
    texts = [word.text for word in call.words[1:]]
    verbs = _CONTAINERS[call.program]
    if call.program in ("kubectl", "oc"):
        words = list(call.words[1:])
        at = _first_operand(words, call.program)
        return at if at is not None and texts[at] in verbs else None
    at = _operand(texts, 0, _GLOBAL.get(call.program, _COMPOSED))
    if at is not None and texts[at] in _GROUPS:
        at = _operand(texts, at + 1, _COMPOSED)
    return at if at is not None and texts[at] in verbs else None


def _operand(texts: Sequence[str], at: int, valued: frozenset[str]) -> int | None:
    """Where the first word from a place on is that is neither an option nor the value of one."""
    while at < len(texts) and texts[at].startswith("-"):
        at += 2 if texts[at] in valued else 1
    return at if at < len(texts) else None


def _first(words: Sequence[Word]) -> int:
    """Where the container stands: the first word that is neither an option nor a value of one."""
    at = 0
    while at < len(words) and words[at].text.startswith("-") and words[at].text != "--":
        at += 2 if _takes_next(words[at].text) else 1
    return at


def _behind(words: Sequence[Word], first: int, *, marked: bool) -> Sequence[Word]:
    """The command in the container: behind `--`, else behind the name of the container."""
    texts = [word.text for word in words]
    if "--" in texts:
        return words[texts.index("--") + 1 :]
    return () if marked else words[first + 1 :]


def _takes_next(option: str) -> bool:
    """Whether the next word is the value of an option, or of the last letter of a bundle."""
    return option in _VALUED or (option[1:].isalpha() and f"-{option[-1]}" in _BUNDLED)


_BUNDLED = frozenset(["-e", "-u", "-w", "-v", "-p"])


def _of_gcloud(call: Call) -> Iterator[Elsewhere]:
    """`gcloud compute ssh HOST --command='TEXT'`, what stands behind `--` are options of ssh."""
    words = call.words[1:]
    texts = [word.text for word in words]
    at = next((i for i in range(len(texts) - 1) if texts[i : i + 2] == ["compute", "ssh"]), None)
    if at is None:
        return
    host = _operand(texts, at + 2, _GCLOUD)
    if host is None:
        return
    name = f"ssh {texts[host]}"
    for i, text in enumerate(texts):
        if text == "--":
            return
        if text == "--command" and i + 1 < len(words):
            yield Elsewhere(name, (words[i + 1],), text=True)
        elif text.startswith("--command="):
            yield Elsewhere(name, (without(words[i], len("--command=")),), text=True)


def ssh_operands(call: Call) -> list[Word]:
    """The words of `ssh` that are no options: the host, and what it is to run.

    An array at its beginning holds options: nobody has a command run by several hosts so. Options
    may also stand between the two: `ssh web1 -o BatchMode=yes uptime`.
    """
    words = [w for w in call.words[1:] if not w.text.endswith("[@]}")]
    at = _first_operand(words, "ssh")
    if at is None:
        return []
    rest = call.words[call.words.index(words[at]) + 1 :]
    command = _first_operand(rest, "ssh")
    return [words[at], *(rest[command:] if command is not None else ())]


def _first_operand(words: Sequence[Word], program: str) -> int | None:
    """Where the first word stands that is neither an option of a program nor the value of one."""
    texts = [word.text for word in words]
    for count, text in enumerate(texts, 1):
        if not text.startswith("-") and len(split(program, texts[:count])[0]) == 1:
            return count - 1
    return None
