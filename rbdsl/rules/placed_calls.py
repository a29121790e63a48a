"""Every call of a program in a plan, with the element that it stands in and its place there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from functools import cached_property
from itertools import chain

from rbdsl.analysis.calls import Call, Word, calls
from rbdsl.analysis.sql import CLIENTS, Statement, statements
from rbdsl.model.plan import Phase, Plan, PointOfNoReturn, VariableKind
from rbdsl.model.proof import Check
from rbdsl.model.steps import Step
from rbdsl.model.values import Binding, Shell, ValueType
from rbdsl.record import dataclass
from rbdsl.rules.quiet import says_quiet
from rbdsl.rules.shell_text import variables_read
from rbdsl.source import Span


class Role(StrEnum):
    """What a piece of shell is there for."""

    RUN = "run"
    UNDO = "undo"
    DONE_WHEN = "done_when"
    EXPECT = "expect"
    PROBE = "crossed_when"
    HOOK = "hook"
    BASELINE = "baseline"
    DEPLOY = "deploy"
    QUERY = "query"

    @property
    def acts(self) -> bool:
        """Whether it is there to change something, not only to look."""
        return self in (Role.RUN, Role.UNDO, Role.HOOK, Role.DEPLOY)


@dataclass(frozen=True)
class Place:
    """A piece of shell of a plan, and the element that it belongs to.

    `phase` is None for steps of `capture`, of a forward fix and for all that is no step. `values`
    are the texts of the variables that are known when compiling, by their shell names, `lists`
    the items of those that are lists.
    """

    shell: Shell
    role: Role
    step: Step | None = None
    check: Check | None = None
    phase: Phase | None = None
    captures: bool = False
    point: PointOfNoReturn | None = None
    values: Mapping[str, str] | None = None
    lists: Mapping[str, tuple[str, ...]] | None = None

    @cached_property
    def calls(self) -> tuple[PlacedCall, ...]:
        """The calls in it, in order; a list that a command begins with is written out."""
        found = calls(self.shell.text)
        if self.lists:
            from rbdsl.analysis.list_calls import written_out

            found = tuple(written_out(found, self.lists))
        return tuple(PlacedCall(call, self) for call in found)

    @cached_property
    def programs(self) -> frozenset[str]:
        """The programs that are called in it."""
        return frozenset(placed.call.program for placed in self.calls)

    @cached_property
    def quiet_from(self) -> int | None:
        """Where the first command stands that may stop those who write; None without one."""
        found = (p.call.start for p in self.calls if says_quiet(p.call.text))
        return min(found, default=None)

    @cached_property
    def _order(self) -> dict[int, int]:
        return {id(placed): at for at, placed in enumerate(self.calls)}

    def behind(self, placed: PlacedCall) -> Iterator[PlacedCall]:
        """The calls behind one of its calls, in order."""
        calls = self.calls
        for at in range(self._order[id(placed)] + 1, len(calls)):
            yield calls[at]

    def before(self, placed: PlacedCall) -> Iterator[PlacedCall]:
        """The calls before one of its calls, the nearest first."""
        calls = self.calls
        for at in range(self._order[id(placed)] - 1, -1, -1):
            yield calls[at]

    def span(self, start: int, end: int) -> Span:
        """The span in the source of a stretch of the text, by offsets in characters."""
        return Span(self.shell.span.source, self._locate(start), self._locate(max(start, end)))

    def filled(self, text: str) -> str:
        """A text with the values of the plan written in; `$name` stays for what is not known."""
        values = self.values or {}
        if not values or "$" not in text:
            return text
        for name in sorted(variables_read(text) & values.keys(), key=len, reverse=True):
            text = text.replace(f"${name}", values[name])
        return text

    def settled(self, text: str) -> str:
        """Like `filled`, with what the shell itself assigns to its variables, too."""
        from rbdsl.analysis.own_values import filled_in, own_values

        own = own_values(self.shell.text) if "$" in text else {}
        return self.filled(filled_in(text, own) if own else text)

    def _locate(self, offset: int) -> int:
        text = self.shell.text
        line = text.count("\n", 0, offset)
        column = offset - (text.rfind("\n", 0, offset) + 1)
        return self.shell.locate(line + 1, column + 1)


@dataclass(frozen=True)
class PlacedCall:
    """A call, and where in the plan it stands."""

    call: Call
    place: Place

    @property
    def span(self) -> Span:
        """The command with its arguments; the first line only where it goes over several."""
        return self._on_one_line(self.call.start, self.call.end)

    def span_of(self, word: Word) -> Span:
        """One of its words."""
        return self._on_one_line(word.start, word.end)

    def span_as_written(self, word: Word) -> Span:
        """One of its words, in the array or variable that holds it where it comes out of one."""
        return self._on_one_line(*(word.written or (word.start, word.end)))

    def _on_one_line(self, start: int, end: int) -> Span:
        text = self.place.shell.text
        stop = text.find("\n", start, end)
        end = end if stop < 0 else stop
        return self.place.span(start, end if end > start else start + 1)

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """The SQL that it hands to a database, statement by statement."""
        if self.call.program not in CLIENTS:
            return ()
        return tuple(statements(self.call, self.place.shell.text))

    @property
    def texts(self) -> tuple[str, ...]:
        """The words with the values of the plan written in, as far as they are known."""
        return tuple(self.filled(word.text) for word in self.call.words)

    def filled(self, text: str) -> str:
        """A text with the values of the plan written in; `$name` stays for what is not known."""
        return self.place.filled(text)


def places(plan: Plan) -> Iterator[Place]:
    """Every piece of shell of a plan, in the order in which it is written."""
    lists = {
        variable.name.shell: tuple(item.plain for item in variable.value.items)
        for variable in plan.variables
        if variable.value and variable.type is ValueType.STRINGS
    }
    for place in _places(plan):
        yield replace(place, lists=lists) if lists and "]}" in place.shell.text else place


def _places(plan: Plan) -> Iterator[Place]:
    known = {
        variable.name.shell: variable.value.plain
        for variable in plan.variables
        if variable.value and variable.kind is not VariableKind.SECRET
    }
    known |= {artifact.name.shell: artifact.path.plain for artifact in plan.artifacts}
    yield from _of_metrics_and_capture(plan, known)
    for point in plan.points_of_no_return:
        if point.crossed_when:
            yield Place(point.crossed_when, Role.PROBE, point=point, values=known)
        for item in point.forward_fix:
            if isinstance(item, Step):
                yield from _of_step(item, known, point=point)
    for phase in plan.phases:
        for step in phase.all_steps:
            yield from _of_step(step, known, phase=phase)
    yield from _of_proof(plan, known)
    for hook in plan.hooks:
        yield Place(hook.shell, Role.HOOK, values=known)


def _of_metrics_and_capture(plan: Plan, known: Mapping[str, str]) -> Iterator[Place]:
    for metric in plan.metrics:
        if metric.query:
            yield Place(metric.query, Role.QUERY, values=known)
    for step in plan.capture.steps if plan.capture else ():
        yield from _of_step(step, known, captures=True)
    if plan.capture and plan.capture.baseline:
        yield Place(plan.capture.baseline.shell, Role.BASELINE, captures=True, values=known)


def _of_proof(plan: Plan, known: Mapping[str, str]) -> Iterator[Place]:
    for check in plan.verification.checks if plan.verification else ():
        values = _with(known, check.bindings)
        for expectation in check.expectations:
            yield Place(expectation.shell, Role.EXPECT, check=check, values=values)
    for run in plan.testing.runs if plan.testing else ():
        if run.deploy:
            yield Place(run.deploy, Role.DEPLOY, values=known)


def _of_step(
    step: Step,
    known: Mapping[str, str],
    *,
    phase: Phase | None = None,
    captures: bool = False,
    point: PointOfNoReturn | None = None,
) -> Iterator[Place]:
    values = _with(known, step.bindings)
    own = ((step.done_when, Role.DONE_WHEN), (step.run, Role.RUN), (step.undo, Role.UNDO))
    expected = ((expectation.shell, Role.EXPECT) for expectation in step.expectations)
    for shell, role in chain(own, expected):
        if shell is not None:
            yield Place(shell, role, step, None, phase, captures, point, values)


def _with(known: Mapping[str, str], bindings: tuple[Binding, ...]) -> Mapping[str, str]:
    """The values of the plan, and over them the arguments of a module's step."""
    own = {binding.name.shell: binding.value.plain for binding in bindings}
    return {**known, **{name: _filled(text, known) for name, text in own.items()}}


def _filled(text: str, known: Mapping[str, str]) -> str:
    for name in variables_read(text) & known.keys():
        text = text.replace(f"${{{name}}}", known[name])
    return text
