"""What a rule gets to see: the plan, its analysis, the time of day, and indexes over them.

The indexes are built once per plan, on first use, so that each rule stays linear.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property

from rbdsl.analysis.results import Analysis, ScenarioResult
from rbdsl.model.plan import Phase, Plan, Scenario
from rbdsl.model.proof import Check
from rbdsl.model.steps import Expectation, Step
from rbdsl.model.values import Binding, Shell, Text
from rbdsl.record import dataclass
from rbdsl.rules.loose_files import LooseFiles, loose_files
from rbdsl.rules.needs import held
from rbdsl.rules.placed_calls import Place, PlacedCall, Role, places
from rbdsl.rules.placed_files import PlacedFile, placed_files
from rbdsl.rules.quiet import quieting_phases
from rbdsl.rules.restoring import Command, phase_commands
from rbdsl.rules.shell_text import variables_read
from rbdsl.rules.switches import Turn, pairs, turns
from rbdsl.source import Span


@dataclass(frozen=True)
class Context:
    """The input of every rule. `now` is None where the time must not matter."""

    plan: Plan
    analysis: Analysis
    now: datetime | None = None

    @cached_property
    def moments(self) -> list[datetime]:
        """What was compared with the time of day so far: until it passes one of these, the same
        is found again.
        """
        return []

    def is_to_come(self, when: datetime) -> bool:
        """Whether a moment is later than now; the only way to ask. Not where now is not known."""
        if self.now is None:
            return False
        self.moments.append(when)
        return when > self.now

    @cached_property
    def verifying(self) -> tuple[Phase, ...]:
        """The phases that run the verification block."""
        return tuple(phase for phase in self.plan.phases if phase.verifies)

    @cached_property
    def commands(self) -> list[Command]:
        """The commands of all phases, in the order in which they are written."""
        return phase_commands(self.plan)

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Every piece of shell, with the element that it stands in."""
        return tuple(places(self.plan))

    @cached_property
    def calls(self) -> tuple[PlacedCall, ...]:
        """Every call of a program in the plan, in the order in which it is written."""
        return tuple(call for place in self.places for call in place.calls)

    @cached_property
    def holds(self) -> frozenset[str]:
        """What the plan has of all that a rule may need."""
        return held(self.plan, self.analysis, (placed.call for placed in self.calls))

    @cached_property
    def acting(self) -> Mapping[str, tuple[tuple[int, PlacedCall], ...]]:
        """The calls that act on the plan's own environment, by program, each with its number.

        What deploys for a test acts on another one.
        """
        found: dict[str, list[tuple[int, PlacedCall]]] = defaultdict(list)
        for number, placed in enumerate(self.calls):
            if placed.place.role.acts and placed.place.role is not Role.DEPLOY:
                found[placed.call.program].append((number, placed))
        return {program: tuple(calls) for program, calls in found.items()}

    @cached_property
    def calls_by_program(self) -> dict[str, list[PlacedCall]]:
        """The calls in shell by the name of their program; the query of a metric is no shell."""
        found: dict[str, list[PlacedCall]] = defaultdict(list)
        for place in self.places:
            if place.role is not Role.QUERY:
                for placed in place.calls:
                    found[placed.call.program].append(placed)
        return found

    @cached_property
    def files(self) -> tuple[PlacedFile, ...]:
        """Every file that the shell of the plan names, in the order in which it is written."""
        return tuple(file for place in self.places for file in placed_files(place))

    @cached_property
    def loose_files(self) -> LooseFiles:
        """The files that are only read or only captured, of those that are no artifacts."""
        return loose_files(self.plan, self.files, self.calls)

    @cached_property
    def quieting(self) -> tuple[Phase, ...]:
        """The phases that may stop those who write, or the traffic."""
        return quieting_phases(self.plan)

    @cached_property
    def turns(self) -> list[Turn]:
        """What the steps of the phases turn on or off."""
        return turns(self.plan)

    @cached_property
    def switched(self) -> list[tuple[Turn, Turn]]:
        """What a step turns off or on and a later one turns back."""
        return list(pairs(self.turns, self.runs_before))

    @cached_property
    def step_reads(self) -> list[tuple[Step, set[str]]]:
        """Every step with the shell variables that it reads."""
        return [(step, step_reads(step)) for step in self.plan.steps()]

    @cached_property
    def readers(self) -> dict[str, list[Span]]:
        """Where each shell variable is read, by its name: in shell, in texts and in arguments."""
        places: dict[str, list[Span]] = defaultdict(list)
        for step, names in self.step_reads:
            for name in names:
                places[name].append(step.name.span)
        for check in self.plan.verification.checks if self.plan.verification else ():
            for name in check_reads(check):
                places[name].append(check.name.span)
        for shell in self._loose_shells():
            for name in variables_read(shell.text):
                places[name].append(shell.span)
        for text in self._loose_texts():
            for reference in text.references:
                places[reference.shell].append(text.span)
        return places

    def shells(self) -> Iterable[Shell]:
        """Every piece of shell that a script is made of."""
        plan = self.plan
        for step in plan.steps():
            yield from step.shells
        for check in plan.verification.checks if plan.verification else ():
            yield from (expectation.shell for expectation in check.expectations)
        yield from self._probes()

    def _loose_shells(self) -> Iterable[Shell]:
        """What reads variables and stands neither in a step nor in a check."""
        yield from self._probes()
        yield from (metric.query for metric in self.plan.metrics if metric.query)

    def _probes(self) -> Iterable[Shell]:
        plan = self.plan
        yield from (p.crossed_when for p in plan.points_of_no_return if p.crossed_when)
        yield from (hook.shell for hook in plan.hooks)
        if plan.capture and plan.capture.baseline:
            yield plan.capture.baseline.shell
        if plan.testing:
            yield from (run.deploy for run in plan.testing.runs if run.deploy)

    def _loose_texts(self) -> Iterable[Text]:
        """The texts outside of steps in which a variable may be mentioned."""
        plan = self.plan
        optional = (plan.title, plan.operation, plan.permit, plan.owner, plan.change, plan.note)
        yield from (text for text in optional if text)
        yield from (source.address for source in plan.metric_sources)
        for variable in plan.variables:
            yield from variable.value.items if variable.value else ()
        for phase in plan.phases:
            yield from (t for t in (phase.title, phase.objective, phase.critical) if t)
            yield from _arguments(phase.bindings)
        for service in plan.services:
            yield from (t for t in (service.restored, service.replaced) if t)
        if plan.archive:
            yield plan.archive.target
        if plan.communications:
            yield from (channel.target for channel in plan.communications.channels)
            yield from (a.message for a in plan.communications.audiences if a.message)

    def whole_phases(self, scenario: Scenario) -> set[str]:
        """The phases that a scenario runs with their gates and `verify`: those of its `run`.

        Of a phase that is there for `only SERVICE` just the service's steps are run.
        """
        names = [phase.name.text for phase in self.plan.phases]
        found: set[str] = set()
        for part in scenario.run:
            first, last = part.first.text, (part.last or part.first).text
            found.update(names[names.index(first) : names.index(last) + 1])
        return found

    def verifies(self, result: ScenarioResult) -> bool:
        """Whether a scenario runs the verification."""
        whole = self.whole_phases(result.scenario)
        return any(phase.name.text in whole for phase in self.verifying)

    def runs_before(self, first: Phase, second: Phase) -> bool:
        """Whether the second phase waits for the first one, directly or by way of others."""
        return self.analysis.ancestors.comes_after(second.name.text, first.name.text)


def step_reads(step: Step) -> set[str]:
    """The shell variables that a step reads, in its shell or in the arguments of its call."""
    return _reads(step.shells, step.expectations, step.bindings) | {
        reference.shell for text in (step.title, step.note) if text for reference in text.references
    }


def check_reads(check: Check) -> set[str]:
    """The shell variables that a check reads."""
    shells = tuple(expectation.shell for expectation in check.expectations)
    return _reads(shells, check.expectations, check.bindings)


def _reads(
    shells: Iterable[Shell], expectations: Iterable[Expectation], bindings: Iterable[Binding]
) -> set[str]:
    found: set[str] = set()
    for shell in shells:
        found.update(variables_read(shell.text))
    for text in _arguments(bindings):
        found.update(reference.shell for reference in text.references)
    for expectation in expectations:
        if expectation.matcher:
            found.update(reference.shell for reference in expectation.matcher.value.references)
            if expectation.matcher.artifact:
                found.add(expectation.matcher.artifact.shell)
    return found


def _arguments(bindings: Iterable[Binding]) -> Iterable[Text]:
    for binding in bindings:
        yield from binding.value.items
