"""What a call has an agent run on other hosts: `salt … cmd.run`, `ansible -a`, `fly ssh -C`.

Each of them hands a text to a shell there. Modules that are no shell (`service.restart`,
`-m copy`) have none.
"""

from __future__ import annotations

from collections.abc import Sequence

from rbdsl.analysis.calls import Call, Word
from rbdsl.analysis.word_texts import without
from rbdsl.patterns import lazy_pattern
from rbdsl.record import dataclass


@dataclass(frozen=True, slots=True)
class Sent:
    """The words that a shell on `hosts` gets as one text."""

    hosts: str
    words: tuple[Word, ...]


_SHELL_MODULES = lazy_pattern(r"(?:ansible\.(?:builtin|legacy)\.)?(?:shell|command|raw)\Z")
_SALT = lazy_pattern(r"cmd\.(?:run|run_all|run_stdout|run_stderr|retcode|shell)\Z")
_PSSH = "-h -H -l -p -o -e -t -O -x -X"
_FANNED = {
    "pdsh": "-w -x -g -X -l -u -f -t -R -M",
    "clush": "-w -x -g -X -l -f -t -u -o -R --hostfile --group --user",
    "pssh": _PSSH,
    "parallel-ssh": _PSSH,
}
"""Programs whose operands are the command, with their options that take the next word."""
_TSH = "-l --login -p --port -L -R -D -o -i --identity --proxy --cluster --user"
AGENTS = frozenset(["salt", "salt-call", "ansible", "fly", "flyctl", "bolt", "tsh", *_FANNED])
"""All of them."""


def sent(call: Call) -> Sent | None:
    """The text that a call sends; None where it sends none, or it is not sure which."""
    words = call.words[1:]
    texts = [word.text for word in words]
    match call.program:
        case "salt" | "salt-call":
            return _of_salt(words, texts)
        case "ansible":
            module = _value(words, "-m", "--module-name")
            if module and not _SHELL_MODULES.match(module.text):
                return None
            return _of_option(words, texts[:1], "-a", "--args")
        case "fly" | "flyctl" if texts[:2] == ["ssh", "console"]:
            return _of_option(words, ["ssh console"], "-C", "--command")
        case "bolt" if texts[:2] == ["command", "run"] and len(words) > 2:
            return Sent("command run", (words[2],))
        case "tsh" if texts[:1] == ["ssh"]:
            at = _operand(texts, 1, _TSH)
            return Sent(f"ssh {texts[at]}", tuple(words[at + 1 :])) if at + 1 < len(words) else None
        case program if program in _FANNED:
            at = _operand(texts, 0, _FANNED[program])
            return Sent("", tuple(words[at:])) if at < len(words) else None
    return None


def _of_salt(words: Sequence[Word], texts: Sequence[str]) -> Sent | None:
    at = next((i for i, text in enumerate(texts) if _SALT.match(text)), len(texts))
    if at + 1 >= len(words):
        return None
    target = texts[at - 1] if at and not texts[at - 1].startswith("-") else ""
    return Sent(target, (words[at + 1],))


def _of_option(words: Sequence[Word], hosts: Sequence[str], *names: str) -> Sent | None:
    text = _value(words, *names)
    return Sent(" ".join(hosts), (text,)) if text else None


def _value(words: Sequence[Word], short: str, long: str) -> Word | None:
    """The value of an option: the next word, or what is attached to the long name by `=`."""
    for at, word in enumerate(words):
        if word.text in (short, long):
            return words[at + 1] if at + 1 < len(words) else None
        if word.text.startswith(f"{long}="):
            return without(word, len(long) + 1)
    return None


def _operand(texts: Sequence[str], at: int, valued: str) -> int:
    known = valued.split()
    while at < len(texts) and texts[at].startswith("-"):
        at += 2 if texts[at] in known else 1
    return at
