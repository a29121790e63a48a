"""Where the steps of a plan turn something off and, elsewhere, on again.

What a command turns is told by `rbdsl.rules.opposites`; here it gets its step, its place in the
source, and the command that turns it back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from rbdsl.model.plan import Phase, Plan, VariableKind
from rbdsl.model.steps import Step
from rbdsl.model.values import Shell
from rbdsl.record import dataclass
from rbdsl.rules.opposites import Switch, switches
from rbdsl.source import Span

_TRAFFIC = r"(?i)traffic|balanc|drain|rout(?:e|ing)"


@dataclass(frozen=True, slots=True)
class Turn:
    """A switch in a step of a phase, `index` being the step's place among the phase's steps."""

    switch: Switch
    step: Step
    phase: Phase
    index: int


def known_values(plan: Plan) -> Mapping[str, str]:
    """The values of the plan's variables that are known, by their shell names in lower case."""
    return {
        variable.name.shell.lower(): variable.value.plain.lower()
        for variable in plan.variables
        if variable.value and variable.kind is not VariableKind.SECRET
    }


def step_switches(shell: Shell | None, step: Step, known: Mapping[str, str]) -> set[Switch]:
    """The switches in a shell of a step, with the arguments of its call filled in.

    A script that is called `restore` and nothing else brings traffic back, or data: the step has to
    say that it is about traffic.
    """
    if shell is None:
        return set()
    found = set(switches(shell.text, step.bindings, known))
    if any(switch.bare for switch in found):
        about = f"{step.name} {step.title.plain}"
        if not re.search(_TRAFFIC, about):
            found = {switch for switch in found if not switch.bare}
    return found


def place(turn: Turn) -> Span:
    """Where the command stands that turns it, or else the step.

    Of several lines with its word it is the one that holds most of the command: `|| true` stands
    behind many.
    """
    shell = turn.step.run
    if shell is None:
        return turn.step.name.span
    word = re.escape(turn.switch.word).replace("=", "[= ]")
    word = rf"(?i)(?<![A-Za-z]){word}(?![A-Za-z\d])"
    said = [part for part in (turn.switch.program, *turn.switch.key[1:]) if "<" not in part]
    start = turn.switch.word.partition("=")[0].lower()
    best = (-1, turn.step.name.span)
    for number, line in enumerate(shell.text.split("\n"), start=1):
        low = line.lower()
        if start not in low or low.lstrip().startswith("#"):
            continue
        if found := re.search(word, line):
            held = sum(part in low for part in said)
            if held > best[0]:
                at = shell.span_of(number, found.start() + 1, number, found.end() + 1)
                best = (held, at)
            if held == len(said):
                break
    return best[1]


def turns(plan: Plan) -> list[Turn]:
    """Every switch that a step of a phase makes when it runs."""
    known = known_values(plan)
    return [
        Turn(switch, step, phase, index)
        for phase in plan.phases
        for index, step in enumerate(phase.steps)
        for switch in sorted(step_switches(step.run, step, known), key=lambda s: (s.key, s.word))
    ]


def pairs(
    made: Iterable[Turn], runs_before: Callable[[Phase, Phase], bool]
) -> Iterator[tuple[Turn, Turn]]:
    """Each turn, with the first one after it in the order of the run that turns it back."""

    def later(first: Turn, second: Turn) -> bool:
        if first.phase is second.phase:
            return second.index > first.index
        return runs_before(first.phase, second.phase)

    by_key: dict[tuple[tuple[str, ...], bool], list[Turn]] = {}
    for turn in made:
        by_key.setdefault((turn.switch.key, turn.switch.on), []).append(turn)
    for (key, on), same in by_key.items():
        opposite = by_key.get((key, not on), ())
        for first in same:
            back = (t for t in opposite if t.switch.undoes(first.switch) and later(first, t))
            found = next(back, None)
            if found:
                yield first, found
