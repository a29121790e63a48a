"""What a call runs in turn: behind wrappers, in texts for a shell, on hosts, in containers."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from rbdsl.analysis.calls import Call, Word
from rbdsl.analysis.commands import SHELLS, behind
from rbdsl.analysis.options import split
from rbdsl.patterns import lazy_pattern

_DEEPEST = 4
_CONTAINERS = {
    "kubectl": ("exec",),
    "oc": ("exec", "rsh"),
    "docker": ("exec", "run"),
    "podman": ("exec", "run"),
    "nerdctl": ("exec", "run"),
    "docker-compose": ("exec", "run"),
}
_TEXT_RUNNERS = ("su", "runuser", "flock", "script")
"""Programs other than shells that have a text run by one, with `-c`."""
_COMPOSED = ("docker", "podman", "nerdctl")
_DOCKER_VALUED = frozenset(
    """
    -e --env --env-file -u --user -w --workdir -v --volume --name --network --entrypoint --mount -p
    --publish -l --label --memory --cpus --add-host --pull --platform --restart --hostname -h
    --index -f --file --project-name --profile
    """.split()  # noqa: SIM905 - a list of words is read as one
)

_FEW = 6
"""Words of a command that is nothing but a shell: `sudo -n -u deploy bash -s`."""

_ESCAPED = lazy_pattern(r'\\([$`"\\])')

Found = tuple[Call, str | None, Callable[[int], int]]


def inside(call: Call) -> Iterator[Found]:
    """The call without its wrappers, then each text that it has run by a shell.

    A found call comes with None; a text comes with the call that it is an argument of (whose
    `where` it has), and the way from its offsets to those of the whole text.
    """
    call = _unwrapped(call)
    text = _text_of_shell(call)
    if text is None and _reads_commands(call):
        yield _of_document(call)
    elif text is None:
        yield call, None, int
        yield from _elsewhere(call)
    else:
        read = text in call.documents  # what the shell has read, its commands do not get
        given = () if read else call.given
        around = replace(call, wrappers=(*call.wrappers, call.words), given=given)
        yield around, _read(text), _placing(text)


def _unwrapped(call: Call) -> Call:
    words, wrappers, environment = call.words, list(call.wrappers), call.environment
    for _ in range(_DEEPEST):  # `sudo timeout 5 nice …`
        name = words[0].text.rpartition("/")[2]
        inner = behind(name, [word.text for word in words[1:]])
        if not inner:
            break
        wrapper = words[: len(words) - len(inner)]
        wrappers.append(wrapper)
        if name in ("env", "sudo"):
            environment += tuple(w.text.partition("=")[0] for w in wrapper[1:] if "=" in w.text)
        words = words[len(words) - len(inner) :]
    if words is call.words:
        return call
    return replace(call, words=words, wrappers=tuple(wrappers), environment=environment)


def _text_of_shell(call: Call) -> Word | None:
    """The text of `bash -c text`, `su - name -c text`, `flock file -c text` and `eval text`."""
    if call.program == "eval" and len(call.words) == 2:
        return call.words[1]
    if call.program not in SHELLS and call.program not in _TEXT_RUNNERS:
        return None
    for option, text in zip(call.words[1:], call.words[2:], strict=False):
        if re.fullmatch(r"-[a-z]*c[a-z]*|--command", option.text):
            return text
    if call.documents and not any(_is_script(word) for word in call.words[1:]):
        return call.documents[0]
    return None


def is_shell(text: str) -> bool:
    """Whether a text is one call of a shell, which then reads what was meant for it."""
    words = text.split()
    return len(words) <= _FEW and any(word.rpartition("/")[2] in SHELLS for word in words)


def _is_script(word: Word) -> bool:
    """Whether a word behind `bash` is a file that it runs instead of what it reads."""
    return not word.text.startswith("-") and not word.text.endswith(("errexit", "pipefail"))


def _reads_commands(call: Call) -> bool:
    """Whether it is a shell that gets its commands from a here-document: `bash -s <<'END'`."""
    if call.program not in SHELLS or not call.documents:
        return False
    return call.has("s") or all(word.text.startswith("-") for word in call.words[1:])


def _of_document(call: Call) -> Found:
    """What a shell reads; where it stands is known of a here-document only."""
    inner = replace(call, given=(), documents=())
    if not call.documents:
        return inner, "\n".join(call.given), lambda _: call.start
    return inner, call.documents[-1].text, _placing(call.documents[-1])


def _elsewhere(call: Call) -> Iterator[Found]:
    """What runs on another host or in a container."""
    arguments = call.words[1:]
    if call.program == "ssh":
        operands = ssh_operands(call)
        if len(operands) > 1:
            there = replace(call, where=(*call.where, f"ssh {operands[0].text}"), environment=())
            yield _joined(there, operands[1:])
        elif operands and call.given:
            where = (*call.where, f"ssh {operands[0].text}")
            yield _of_document(replace(call, where=where, environment=()))
        return
    verbs = _CONTAINERS.get(call.program)
    names = [word.text for word in arguments]
    if call.program in _COMPOSED and names[:1] == ["compose"]:
        arguments, names = arguments[1:], names[1:]
    at = next((i for i, name in enumerate(names) if verbs and name in verbs), None)
    if at is None or not verbs:
        return
    inner = _behind_container(arguments[at + 1 :])
    if inner:
        target = next(iter(w.text for w in arguments[at + 1 :] if not w.text.startswith("-")), "")
        where = (*call.where, f"{call.program} {names[at]} {target}".strip())
        wrapped = replace(call, words=tuple(inner), where=where, environment=())
        yield from inside(wrapped)


def _behind_container(words: Sequence[Word]) -> Sequence[Word]:
    """The command in the container: behind `--`, else behind the first word that is no option."""
    texts = [word.text for word in words]
    if "--" in texts:
        return words[texts.index("--") + 1 :]
    at = 0
    while at < len(words) and texts[at].startswith("-"):
        at += 2 if texts[at] in _DOCKER_VALUED else 1
    return words[at + 1 :]


def ssh_operands(call: Call) -> list[Word]:
    """The words of `ssh` that are no options: the host, and what it is to run.

    An array at its beginning holds options: nobody has a command run by several hosts so. Options
    may also stand between the two: `ssh web1 -o BatchMode=yes uptime`.
    """
    words = [w for w in call.words[1:] if not w.text.endswith("[@]}")]
    at = _first_operand(words)
    if at is None:
        return []
    rest = call.words[call.words.index(words[at]) + 1 :]
    command = _first_operand(rest)
    return [words[at], *(rest[command:] if command is not None else ())]


def _first_operand(words: Sequence[Word]) -> int | None:
    """Where the first word of ssh stands that is neither an option nor the value of one."""
    texts = [word.text for word in words]
    for count, text in enumerate(texts, 1):
        if not text.startswith("-") and len(split("ssh", texts[:count])[0]) == 1:
            return count - 1
    return None


def _joined(call: Call, words: Sequence[Word]) -> Found:
    """Words that a host's shell gets as one text."""
    if len(words) == 1:
        return call, _read(words[0]), _placing(words[0])
    text, starts = "", []
    for word in words:
        starts.append((len(text), word))
        text += word.text + " "
    return call, text.rstrip(), lambda offset: _in_words(starts, offset)


def _in_words(starts: Sequence[tuple[int, Word]], offset: int) -> int:
    begin, word = next((s, w) for s, w in reversed(starts) if s <= offset)
    return min(word.start + int(word.quoted) + offset - begin, word.end)


def _read(word: Word) -> str:
    """What a shell gets of a word: without the backslashes that double quotes take away."""
    return _ESCAPED.sub(r"\1", word.text) if word.escaped else word.text


def _placing(word: Word) -> Callable[[int], int]:
    """From an offset in the text of a quoted word to one in the whole text.

    Exact where nothing in it is expanded; else the word's own place.
    """
    if word.end - word.start != len(word.text) + 2 * int(word.quoted):
        return lambda offset: word.start if offset == 0 else word.end
    begin = word.start + int(word.quoted)
    if not word.escaped:
        return lambda offset: begin + offset
    gone = [match.start() - at for at, match in enumerate(_ESCAPED.finditer(word.text))]
    return lambda offset: begin + offset + bisect_right(gone, offset)
