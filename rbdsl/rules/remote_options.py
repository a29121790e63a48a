"""The options of a command that has another one run elsewhere, apart from those of the other one.

`ssh`, and `exec`, `run` and the like of kubectl, docker and their kin.
"""

from __future__ import annotations

from rbdsl.analysis.calls import Call, Word

VERBS = frozenset(["exec", "run", "attach", "debug", "create"])
_CLUSTER = ("kubectl", "oc")
_TAKING = frozenset(
    """
    -e --env --env-file -u --user -w --workdir -v --volume --name --network --entrypoint --mount -p
    --publish -l --label --memory --cpus --add-host --pull --platform --restart --hostname -h
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_LONG = {"--tty": "t", "--stdin": "i", "--interactive": "i"}


def own_options(call: Call) -> list[Word]:
    """The options of the command itself, behind its verb, as words."""
    if call.program == "ssh":
        host = call.operands[0] if call.operands else None
        names = [word.text for word in call.words]
        end = names.index(host) if host in names else len(names)
        return [word for word in call.words[1:end] if _is_option(word)]
    verb = next((i for i, w in enumerate(call.words) if w.text in VERBS), None)
    if verb is None:
        return []
    found, skip = [], False
    for word in call.words[verb + 1 :]:
        if word.text == "--":
            break
        if _is_option(word):
            found.append(word)
        elif call.program not in _CLUSTER and not skip:
            break  # the container: what follows is its command
        skip = word.text in _TAKING
    return found


def letters(text: str) -> str:
    """The letters of `-it`, also where they are spelled out; none of an option of another kind."""
    if text.startswith("--"):
        return _LONG.get(text.removesuffix("=true"), "")
    return text[1:] if set(text[1:]) <= set("itdTq46Anvf") else ""


def _is_option(word: Word) -> bool:
    return word.text.startswith("-") and len(word.text) > 1
