"""Finds commands that turn something off and, elsewhere, on again, by comparing their words.

Two commands belong together when they are the same but for one word and its opposite:
`./enable-monitoring.sh` and `./disable-monitoring.sh`, `… read_only = on` and `… read_only = off`,
`--replicas=0` and `--replicas=10`. That needs no understanding of the command, and mistakes only
what is worded differently for something else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from rbdsl.model.plan import Phase, Plan
from rbdsl.model.steps import Step
from rbdsl.model.values import Shell
from rbdsl.record import dataclass
from rbdsl.rules.shell_text import commands, filled
from rbdsl.source import Span

_OFF_TO_ON = {
    "disable": "enable",
    "pause": "resume",
    "suspend": "resume",
    "cordon": "uncordon",
    "drain": "uncordon",
    "stop": "start",
    "deactivate": "activate",
    "lock": "unlock",
    "freeze": "unfreeze",
    "block": "unblock",
    "detach": "attach",
    "deregister": "register",
    "mute": "unmute",
}
_WORDS = frozenset({*_OFF_TO_ON, *_OFF_TO_ON.values(), "on", "off", "true", "false"})
# Patterns are compiled when they are first used: most plans need few of them.
_LETTERS = r"[A-Za-z]+"
_REPLICAS = r"--replicas[= ](\d+)"
_INVERTED = r"(?i)read[_-]?only|maintenance|pause|suspend|drain|deny|disabled"


@dataclass(frozen=True, slots=True)
class Switch:
    """A command that turns something: `key` is the same for both directions.

    `on` is the direction in which the system serves (writes allowed, traffic flowing, replicas
    up); `word` is what says so.
    """

    key: str
    on: bool
    word: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A switch in a step of a phase, `index` being the step's place among the phase's steps."""

    switch: Switch
    step: Step
    phase: Phase
    index: int


def switches(text: str) -> Iterator[Switch]:
    """Every switch in a piece of shell; a command with several words yields one for each."""
    if "--replicas" not in text and _WORDS.isdisjoint(re.findall(_LETTERS, text.lower())):
        return
    for command in commands(text):
        for found in re.finditer(_LETTERS, command):
            if found[0].lower() in _WORDS:
                yield from _readings(command, found)
        replicas = re.search(_REPLICAS, command)
        if replicas:
            key = command[: replicas.start()] + "--replicas=?" + command[replicas.end() :]
            yield Switch(key.lower(), int(replicas[1]) > 0, replicas[0])


def step_switches(shell: Shell | None, step: Step) -> set[Switch]:
    """The switches in a shell of a step, with the arguments of its call filled in."""
    return set(switches(filled(shell.text, step.bindings))) if shell else set()


def place(turn: Turn) -> Span:
    """Where the command stands that turns it, or else the step."""
    shell = turn.step.run
    word = rf"(?i)(?<![A-Za-z]){re.escape(turn.switch.word)}(?![A-Za-z])"
    for number, line in enumerate(shell.text.split("\n") if shell else (), start=1):
        found = re.search(word, line)
        if shell and found and not line.lstrip().startswith("#"):
            return shell.span_of(number, found.start() + 1, number, found.end() + 1)
    return turn.step.name.span


def turns(plan: Plan) -> list[Turn]:
    """Every switch that a step of a phase makes when it runs."""
    return [
        Turn(switch, step, phase, index)
        for phase in plan.phases
        for index, step in enumerate(phase.steps)
        for switch in sorted(step_switches(step.run, step), key=lambda s: s.key)
    ]


def pairs(
    made: Iterable[Turn], runs_before: Callable[[Phase, Phase], bool]
) -> Iterator[tuple[Turn, Turn]]:
    """Each turn, with the first one after it in the order of the run that turns it back."""

    def later(first: Turn, second: Turn) -> bool:
        if first.phase is second.phase:
            return second.index > first.index
        return runs_before(first.phase, second.phase)

    by_key: dict[str, list[Turn]] = {}
    for turn in made:
        by_key.setdefault(turn.switch.key, []).append(turn)
    for same in by_key.values():
        for first in same:
            back = (t for t in same if t.switch.on != first.switch.on and later(first, t))
            found = next(back, None)
            if found:
                yield first, found


def _readings(command: str, found: re.Match[str]) -> Iterator[Switch]:
    """The switch that a word makes; `resume` answers to `pause` and to `suspend`."""
    word = found[0].lower()
    before, after = command[: found.start()].lower(), command[found.end() :].lower()
    if word in ("on", "off", "true", "false"):
        pair = "on/off" if word in ("on", "off") else "true/false"
        inverted = re.search(_INVERTED, command) is not None
        yield Switch(f"{before}<{pair}>{after}", (word in ("on", "true")) != inverted, word)
        return
    for off, on in _OFF_TO_ON.items():
        if word in (off, on):
            yield Switch(f"{before}<{off}/{on}>{after}", word == on, word)
