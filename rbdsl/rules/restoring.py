"""Which commands bring a service back to its old version, and which take the new one away.

Known by their words alone: a command that names the service and its restored version brings it
back; one that deletes, drains or scales to zero and names the replaced version takes it away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rbdsl.model.plan import Phase, Plan, Service, VariableKind
from rbdsl.model.steps import Step
from rbdsl.record import dataclass
from rbdsl.rules.shell_text import commands, filled, mentions_word
from rbdsl.source import Span

_REMOVES = (
    r"\b(?:delete|destroy|terminate|drain|undeploy|uninstall)\b"
    r"|--replicas[= ]0\b|--desired-count[= ]0\b"
)


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a step of a phase, with the values of the plan written in."""

    text: str
    step: Step
    phase: Phase

    @property
    def span(self) -> Span:
        """Where it stands; the step where its line can't be told."""
        shell = self.step.run
        first = self.text.split(" ", 1)[0]
        for number, line in enumerate(shell.text.split("\n") if shell else (), start=1):
            written = " ".join(line.rstrip("\\").split())
            if shell and written and written.startswith(first) and written in self.text:
                indent = len(line) - len(line.lstrip())
                return shell.span_of(number, indent + 1, number, len(line.rstrip(" \\")) + 1)
        return self.step.name.span


def phase_commands(plan: Plan) -> list[Command]:
    """The commands of all phases, in the order in which they are written."""
    values = {
        variable.name.shell: variable.value.plain
        for variable in plan.variables
        if variable.value and variable.kind is not VariableKind.SECRET
    }
    return [
        Command(text, step, phase)
        for phase in plan.phases
        for step in phase.steps
        if step.run
        for text in commands(_with_values(filled(step.run.text, step.bindings), values))
    ]


def restores(command: Command, service: Service) -> bool:
    """Whether a command names the old version and the service, or stands in a step for it alone."""
    if not service.restored or not mentions_version(command.text, service.restored.plain):
        return False
    own = tuple(name.text for name in command.step.services) == (service.name.text,)
    return mentions_word(command.text, service.name.text) or (
        own
        and re.search(r"\b(?:image|deploy|install|upgrade|rollback)\b", command.text) is not None
    )


def removes_new(command: Command, service: Service) -> bool:
    """Whether a command takes away what has the service's name and its new version."""
    return (
        service.replaced is not None
        and not command.text.startswith(("echo ", "printf "))
        and re.search(_REMOVES, command.text) is not None
        and mentions_version(command.text, service.replaced.plain)
        and mentions_word(command.text, service.name.text)
    )


def mentions_version(text: str, version: str) -> bool:
    """Whether a version stands in a text, and not only the start of a longer one."""
    bare = version.removeprefix("v")
    if not re.search(r"\d", bare):
        return False
    return re.search(rf"(?<![\d.]){re.escape(bare)}(?![\d]|\.\d)", text) is not None


def of_steps(found: Iterable[Command], steps: Iterable[Step]) -> Iterator[Command]:
    """The commands that stand in some steps."""
    wanted = {id(step) for step in steps}
    return (command for command in found if id(command.step) in wanted)


def _with_values(text: str, values: dict[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        return values.get(match[1] or match[2], match[0])

    return re.sub(r'"?\$(?:\{(\w+)\}|(\w+))"?', value, text)
