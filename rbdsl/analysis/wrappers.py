"""What a program runs in turn on this machine: the words behind `sudo`, `timeout`, `find … -exec`,
the texts of `su -c`, `watch` and `trap`.

In: the name of the program and its words, None for those that are not known. Where it is unsure
what of them is the command, there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rbdsl.analysis.wrapper_options import TIMERS, WRAPPERS, Wrapper
from rbdsl.patterns import lazy_pattern
from rbdsl.record import dataclass

Words = Sequence[str | None]

SHELLS = frozenset(["sh", "bash", "dash", "ksh", "zsh"])
"""Programs that take a text with `-c`, and run it."""
TEXT_RUNNERS = frozenset(["su", "runuser", "flock", "script"])
"""Programs other than shells that have a text run by one, with `-c`."""
_OWN_SHELL = frozenset(["flock", "script"])
"""Those that take the shell which the user has chosen, whatever its settings."""
STAYING = frozenset(["find", "systemd-run", "trap", "watch"])
"""Programs that are more than what they run: they stay calls of their own."""

_ASSIGNMENT = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_]*=")
_EXECUTING = frozenset(["-exec", "-execdir", "-ok", "-okdir"])
_INPUTS = frozenset([":::", "::::", ":::+", "::::+", "--"])
_OPENING = frozenset(["{", "(", "((", "[[", "if", "for", "while", "until", "case", "select"])
_NUMBER = lazy_pattern(r"\d+\Z|\$")
_TEXT = lazy_pattern(r"-[a-z]*c\Z|--command\Z")
_LOGIN = lazy_pattern(r"-\Z|-[a-z]*[li][a-z]*\Z|--login\Z")


@dataclass(frozen=True, slots=True)
class Run:
    """A command among the words behind a program: those from `start` to `end`.

    `text` says that a shell reads them, with blanks between them, `skipped` how many characters of
    the first one do not belong to it (`--command=`). `away` says that it runs in another root or
    on another machine, `login` that it may have another `PATH`, `later` that it runs some other
    time.
    """

    start: int
    end: int
    text: bool = False
    skipped: int = 0
    away: bool = False
    login: bool = False
    later: bool = False


def behind(wrapper: str, words: Words) -> list[str | None]:
    """What stands behind a wrapper, its options and assignments; nothing if it is none."""
    run = wrapped(wrapper, words)
    return list(words[run.start : run.end]) if run else []


def wrapped(wrapper: str, words: Words) -> Run | None:
    """The command behind a wrapper; a text for a shell is none, nor is what others do besides."""
    if wrapper in STAYING:
        return None
    return next((run for run in runs(wrapper, words) if not run.text), None)


def runs(program: str, words: Words) -> Iterator[Run]:
    """All that a program runs of the words behind it."""
    match program:
        case "find":
            yield from _of_find(words)
        case "trap":
            yield from _of_trap(words)
        case "coproc":
            yield from _of_coproc(words)
        case _ if program in SHELLS or program in TEXT_RUNNERS:
            text = _of_option(program, words)
            if text is not None:
                yield text
            elif program in WRAPPERS:
                yield from _of_wrapper(program, words)
        case _ if program in WRAPPERS:
            yield from _of_wrapper(program, words)


def _of_wrapper(name: str, words: Words) -> Iterator[Run]:
    wrapper = WRAPPERS[name]
    options: set[str] = set()
    at = _behind_options(name, wrapper, words, options)
    if at is None or not options.isdisjoint(wrapper.off):
        return
    # Without a user it is like `su`: what follows is the name of one.
    if name == "runuser" and options.isdisjoint(("u", "user")):
        return
    if name == "chrt" and at < len(words) and not _NUMBER.match(words[at] or "$"):
        return
    if name == "command" and not options.isdisjoint(("v", "V")):
        return
    start, end, text = at + wrapper.operands, len(words), False
    if name == "parallel":
        if at and words[at - 1] == "--":
            return  # one of two programs of that name takes what follows for many commands
        end = next((i for i in range(start, end) if words[i] in _INPUTS), end)
        text = end == start + 1 and " " in (words[start] or "")
    if name == "watch":
        text = options.isdisjoint(("x", "exec"))
    if start < end:
        away = name == "chroot" or not options.isdisjoint(wrapper.away)
        login = not options.isdisjoint(wrapper.login)
        later = name == "systemd-run" and not options.isdisjoint(TIMERS)
        yield Run(start, end, text, 0, away, login, later)


def _behind_options(name: str, wrapper: Wrapper, words: Words, options: set[str]) -> int | None:
    """Where the first word stands that is no option, no value of one and nothing assigned."""
    at = 0
    while at < len(words):
        word = words[at]
        if word is None:
            return None
        if word == "--":
            return at + 1
        if word.startswith("-") and (word != "-" or name == "env"):
            found, takes = _read(wrapper, word)
            options.update(found)
            at += 2 if takes else 1
        elif wrapper.assigns and _ASSIGNMENT.match(word):
            at += 1
        else:
            break
    return at


def _read(wrapper: Wrapper, option: str) -> tuple[list[str], bool]:
    """The options of a word, and whether the next one is its value: `-u app`, `-nu app`."""
    if option.startswith("--"):
        name, equals, _ = option[2:].partition("=")
        return [name], name in wrapper.valued and not equals
    found = []
    for at, letter in enumerate(option[1:], 2):
        found.append(letter)
        if letter in wrapper.valued:
            return found, at == len(option)
        if letter in wrapper.attached:
            break
    return found, False


def _of_find(words: Words) -> Iterator[Run]:
    """`-exec CMD … ;` and `-exec CMD … {} +`, each of them."""
    at = 0
    while at < len(words):
        if words[at] in _EXECUTING:
            start = at + 1
            while at < len(words) and not (
                words[at] == ";" or (words[at] == "+" and words[at - 1] == "{}")
            ):
                at += 1
            if start < at < len(words):
                yield Run(start, at)
        at += 1


def _of_trap(words: Words) -> Iterator[Run]:
    """`trap 'TEXT' EXIT`; nothing for `trap - EXIT`, `trap '' INT` and `trap -p`."""
    start = 1 if words[:1] == ["--"] else 0
    word = words[start] if start + 1 < len(words) else ""
    if word is None or (word and not word.startswith("-")):
        yield Run(start, start + 1, text=True)


def _of_coproc(words: Words) -> Iterator[Run]:
    """`coproc CMD …`; a group behind it, or behind its name, is none (see `shell_grammar`)."""
    if words and words[0] not in _OPENING:
        yield Run(0, len(words))


def _of_option(program: str, words: Words) -> Run | None:
    """The text behind `-c`, of a shell or of one that has a text run by a shell."""
    login = program in _OWN_SHELL or any(word and _LOGIN.match(word) for word in words)
    for at, word in enumerate(words):
        if word is None and program not in SHELLS:
            continue
        if word is None:
            return None
        if _TEXT.match(word) or (program in SHELLS and re.match(r"-[a-z]*c[a-z]*\Z", word)):
            if at + 1 >= len(words):
                return None
            return Run(at + 1, at + 2, text=True, login=login)
        if word.startswith("--command=") and program not in SHELLS:
            return Run(at, at + 1, text=True, skipped=len("--command="), login=login)
        if program in SHELLS and not word.startswith(("-", "+")) and not _is_setting(words, at):
            return None  # a script, and its arguments
    return None


def _is_setting(words: Words, at: int) -> bool:
    """Whether a word is the value of `-o`: `bash -eo pipefail -c …`."""
    before = words[at - 1] if at else None
    return before is not None and re.match(r"[-+][a-z]*[oO]\Z", before) is not None
