"""Finds what a command turns off or on, by its words.

Two commands belong together when they are the same but for one word and its opposite:
`./enable-monitoring.sh` and `./disable-monitoring.sh`, `… read_only = on` and `… read_only = off`,
`--replicas=0` and `--replicas=10`. Options that only say how are left out, wherever they stand.
That needs no understanding of the command, and mistakes only what is worded differently for
something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from rbdsl.analysis.invocations import Invocation, invocations
from rbdsl.model.values import Binding
from rbdsl.record import dataclass
from rbdsl.rules.opposite_words import (
    ASKING,
    CLOSED,
    FILES,
    KINDS,
    LETTERS,
    MANNER,
    MARKER,
    NUMBERED,
    OF_NODES,
    PAIRS,
    PATH,
    SCALED,
    SETTING,
    SIZES,
    STATE,
    STATES,
    STOPPED,
    TALKING,
    TURNING,
    VARIABLE,
    WORDS,
)
from rbdsl.rules.settings import settings
from rbdsl.rules.shell_text import filled, variables_read


@dataclass(frozen=True, slots=True)
class Switch:
    """A command that turns something: `key` is the same for both directions, the program second.

    `on` is the direction in which the system serves (writes allowed, traffic flowing, replicas
    up); `word` is what says so. `options` say what is meant. A `bare` one is a script that is
    called `restore` and nothing else; `everything` is a command with `--all`.
    """

    key: tuple[str, ...]
    on: bool
    word: str
    program: str
    options: frozenset[tuple[str, str]] = frozenset()
    bare: bool = False
    everything: bool = False

    def undoes(self, other: Switch) -> bool:
        """Whether it turns back what the other one turned."""
        if self.on == other.on:
            return False
        same = other.key[: len(self.key)] if self.everything else other.key
        theirs = dict(other.options)
        return self.key == same and all(theirs.get(n, v) == v for n, v in self.options)


def switches(
    text: str, bindings: Iterable[Binding] = (), known: Mapping[str, str] | None = None
) -> Iterator[Switch]:
    """Every switch in a piece of shell; a command with several words yields one for each.

    `known` are values of variables, by names in lower case: `on` for `$page` closes what `$page`
    says is a maintenance page.
    """
    if not _may_switch(filled(text, bindings)):
        return
    for invocation in called(text, bindings):
        if not _acts(invocation):
            continue
        for one in _single(invocation):
            if one.program in FILES:
                yield from _markers(one)
                continue
            yield from _readings(one, known or {})
            yield from _sizes(one, known or {})
            for what, on, word in settings(one, known or {}):
                yield Switch((one.where, what), on, word, one.program)


def called(text: str, bindings: Iterable[Binding] = ()) -> Iterator[Invocation]:
    """The commands of a text, in lower case, with the arguments of a call filled in."""

    def plain(word: str) -> str:
        return " ".join(filled(word, bindings).lower().split()).rstrip("; ")

    for found in invocations(text):
        options = tuple((n.lower(), v if v is None else plain(v)) for n, v in found.options)
        words = tuple(plain(word) for word in found.words)
        yield Invocation(plain(found.program), words, options, found.where)


def _may_switch(text: str) -> bool:
    """Whether it is worth a parse: most pieces of shell turn nothing."""
    low = text.lower()
    return (
        not WORDS.isdisjoint(re.findall(LETTERS, low))
        or any(size in low for size in (*SIZES, "scale"))
        or re.search(f"{NUMBERED}|{STATE}|{MARKER}|{SETTING}", low) is not None
    )


def _acts(invocation: Invocation) -> bool:
    """Whether it changes something: no dry run, no query, nothing that only talks."""
    if invocation.program in TALKING | STATES:
        return False
    if any(name == "dry-run" and value != "none" for name, value in invocation.options):
        return False
    said = [word for word in invocation.words if " " in word]
    return not said or not all(re.match(ASKING, word) for word in said)


def _single(invocation: Invocation) -> Iterator[Invocation]:
    """A command for each node or unit that it names, which are worded in one way."""
    program, words = invocation.program.rpartition("/")[2], invocation.words
    if program in ("kubectl", "oc"):
        words = tuple(chain.from_iterable(_resource(word) for word in words))
        if words[:1] and words[0] in OF_NODES:
            words = (words[0], *(word for word in words[1:] if word != "node"))
    elif program == "systemctl":
        words = tuple(word.removesuffix(".service") for word in words)
    several = len(words) > 2 and (program == "systemctl" or words[0] in OF_NODES)
    for choice in ((words[0], word) for word in words[1:]) if several else (words,):
        yield Invocation(invocation.program, choice, invocation.options, invocation.where)


def _resource(word: str) -> tuple[str, ...]:
    """`deploy/api` and `deploy api` are the same; other words stay as they are."""
    kind, slash, name = word.partition("/")
    if slash and re.fullmatch(r"[a-z.]+", kind):
        return KINDS.get(kind, kind), name
    return (KINDS.get(word, word),)


def _markers(invocation: Invocation) -> Iterator[Switch]:
    """`touch /srv/maintenance` turns off, `rm /srv/maintenance` on."""
    made = invocation.program == "touch"
    for path in invocation.words if made or invocation.program == "rm" else ():
        if re.search(MARKER, path.rpartition("/")[2]):
            key = (invocation.where, "file", path)
            yield Switch(key, not made, invocation.program, invocation.program)


def _readings(invocation: Invocation, known: Mapping[str, str]) -> Iterator[Switch]:
    """The switches that the words of a command make, in its name and in its options too."""
    parts = [invocation.program, *invocation.words]
    whole = " ".join([*parts, *(f"{n}={v}" for n, v in invocation.options)])
    whole = " ".join([whole, *(known.get(name, "") for name in variables_read(whole))])
    for at, part in enumerate(parts):
        for off, marked, word in _marked(_without_paths(part) if at else part, whole):
            key = (*parts[:at], marked, *parts[at + 1 :])
            bare = at == 0 and word == "restore" and _stem(part) == word
            yield _switch(invocation, key, on=not off, word=word, bare=bare)
    for name, value in invocation.options:
        if name in MANNER:
            continue
        written = name if value is None else f"{name}={value}"
        for off, marked, word in _marked(written, whole):
            yield _switch(invocation, (*parts, marked), on=not off, word=word, without=name)


def _without_paths(part: str) -> str:
    """A part in which the files that are named by their whole path turn nothing."""
    return re.sub(PATH, lambda found: "/" * len(found[0]), part) if "/" in part else part


def _marked(part: str, whole: str) -> Iterator[tuple[bool, str, str]]:
    """Whether a word of a part turns off, the part with a mark in its place, and the word."""
    for found in re.finditer(LETTERS, part):
        word = found[0]
        if word not in WORDS:
            continue
        inverted = word in TURNING and re.search(CLOSED, whole) is not None
        inverted |= word in STATES and re.search(STOPPED, whole) is not None
        for pair in PAIRS:
            if word in pair:
                mark = f"{part[: found.start()]}<{'/'.join(pair)}>{part[found.end() :]}"
                yield (word == pair[0]) != inverted, mark, word
    for found in re.finditer(STATE, part):
        mark = f"{part[: found.start(1)]}<state>{part[found.end(1) :]}"
        yield found[1] != "ready", mark, found[1]
    for found in re.finditer(NUMBERED, part):
        yield found[1] == "1", f"{part[: found.start(1)]}<0/1>{part[found.end(1) :]}", found[0]


def _sizes(invocation: Invocation, known: Mapping[str, str]) -> Iterator[Switch]:
    """`--replicas=0` turns off, `--replicas=3` on; so do `web=0` and `web=3` of a `scale`.

    A size in a variable is what there was: nobody writes 0 into one.
    """
    parts = (invocation.program, *invocation.words)
    for name, value in invocation.options:
        if name in SIZES and value is not None:
            size = known.get(value[1:], "1") if re.fullmatch(VARIABLE, value) else value
            if size.isdecimal():
                key, word = (*parts, f"--{name}=?"), f"--{name}={value}"
                yield _switch(invocation, key, on=int(size) > 0, word=word, without=name)
    if len(parts) > 3 and "scale" in parts[1:3] and parts[-1].isdecimal():
        yield _switch(invocation, (*parts[:-1], "?"), on=int(parts[-1]) > 0, word=parts[-1])
    scales = any("scale" in part for part in parts) or invocation.has("scale")
    for at, part in enumerate(parts):
        found = re.fullmatch(SCALED, part) if scales else None
        if found:
            key = (*parts[:at], f"{found[1]}=?", *parts[at + 1 :])
            yield _switch(invocation, key, on=int(found[2]) > 0, word=part)


def _switch(
    invocation: Invocation,
    key: tuple[str, ...],
    *,
    on: bool,
    word: str,
    without: str = "",
    bare: bool = False,
) -> Switch:
    options = frozenset(
        (name, value)
        for name, value in invocation.options
        if value is not None and name != without and name not in MANNER | SIZES
    )
    return Switch(
        (invocation.where, *key),
        on,
        word,
        invocation.program,
        options,
        bare=bare,
        everything=invocation.has("all"),
    )


def _stem(program: str) -> str:
    return program.rpartition("/")[2].partition(".")[0]
