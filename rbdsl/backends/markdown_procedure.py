"""The part of PLAN.md that is worked off: phases, steps, gates, and what proves them.

Views hold inert Markdown (`facts`, `lead`) and shell as written (`Block.text`), which the
template puts between fences.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbdsl.backends.markdown_prose import prose, remark
from rbdsl.backends.plan_index import PlanIndex
from rbdsl.backends.quoting import markdown_code as code
from rbdsl.backends.quoting import markdown_text as md
from rbdsl.backends.quoting import word
from rbdsl.backends.wording import listed, plural, spoken
from rbdsl.model.plan import Phase, Plan, VariableKind
from rbdsl.model.steps import Expectation, Gate, Item, Manual, Matcher, MatcherKind, Step
from rbdsl.model.values import Binding, Text, Value, ValueType, show_ms
from rbdsl.record import dataclass

_MATCHERS = {
    MatcherKind.EQUALS: "the output equals",
    MatcherKind.CONTAINS: "the output contains",
    MatcherKind.MATCHES: "the output matches",
    MatcherKind.EQUALS_FILE: "the output equals the content of",
}


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block with the line that leads to it; an empty lead is left out."""

    lead: str
    text: str
    language: str = "bash"


@dataclass(frozen=True, slots=True)
class ItemView:
    """One numbered entry of a phase: bold title, facts, warnings, notes, shell."""

    title: str
    facts: tuple[str, ...] = ()
    critical: str = ""
    note: str = ""
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class PhaseView:
    """A phase: `heading` without its `###`, warnings and facts as lines, its entries."""

    heading: str
    objective: str
    warnings: tuple[str, ...]
    facts: tuple[str, ...]
    note: str
    items: tuple[ItemView, ...]


def phases(index: PlanIndex) -> list[PhaseView]:
    """Every phase in order of declaration."""
    return [_phase(index, phase) for phase in index.plan.phases]


def phase_names(index: PlanIndex, names: Iterable[str]) -> str:
    """`Phase 2 (Stop Traffic) and Phase 3 (Database)` as inert Markdown, in order."""
    numbers = sorted(index.phase_numbers[name] for name in names)
    return listed(f"Phase {n} ({md(index.plan.phases[n - 1].title)})" for n in numbers)


def _phase(index: PlanIndex, phase: Phase) -> PhaseView:
    number = index.phase_numbers[phase.name.text]
    return PhaseView(
        heading=f"Phase {number}: {md(phase.title)} ({spoken(phase.budget.ms)})",
        objective=remark(phase.objective) if phase.objective else "",
        warnings=tuple(_warnings(index, phase)),
        facts=tuple(_phase_facts(index, phase)),
        note=prose(phase.note) if phase.note else "",
        items=tuple(_items(index, phase)),
    )


def _warnings(index: PlanIndex, phase: Phase) -> Iterator[str]:
    if phase.critical:
        yield f"**CRITICAL**: {remark(phase.critical)}"
    points = [
        md(point.title)
        for point in index.plan.points_of_no_return
        if phase.name.text in {name.text for name in point.blocks}
    ]
    if points and not phase.critical:
        yield "**CRITICAL**: Only execute if NOT past the point of no return!"
    if points:
        yield f"**[Point of No Return](#point-of-no-return)**: {listed(points, 'or')}"
    if phase.irreversible:
        yield "**IRREVERSIBLE**: Once this phase has begun, the run can only go forward."


def _phase_facts(index: PlanIndex, phase: Phase) -> Iterator[str]:
    if phase.needs:
        yield f"**Needs**: {phase_names(index, (n.text for n in phase.needs))}"
    if phase.after:
        yield f"**After**: {phase_names(index, (n.text for n in phase.after))}"
    if phase.timeout:
        yield f"**Time limit**: {spoken(phase.timeout.ms)}"
    if phase.off_clock:
        yield "**SLA clock**: not running any more"
    if index.plan.regions:
        yield f"**Runs**: {'once' if phase.run_once else 'in each region'}"
    if given := _assignments(index, phase.bindings):
        yield f"**With**: {', '.join(code(line) for line in given)}"


def _items(index: PlanIndex, phase: Phase) -> Iterator[ItemView]:
    for item in phase.items:
        yield _item(index, item)
    for step in phase.ensure:
        view = step_view(index, step)
        yield ItemView(
            f"Always, also after a failure: {view.title}",
            view.facts,
            view.critical,
            view.note,
            view.blocks,
        )


def _item(index: PlanIndex, item: Item) -> ItemView:
    match item:
        case Step():
            return step_view(index, item)
        case Gate():
            return gate_view(item)
        case Manual():
            return manual_view(item)
        case _:
            return _verify_view(index.plan)


def step_view(index: PlanIndex, step: Step) -> ItemView:
    """A step with everything that it says."""
    return ItemView(
        title=md(step.title),
        facts=tuple(_step_facts(index, step)),
        critical=remark(step.critical) if step.critical else "",
        note=prose(step.note) if step.note else "",
        blocks=tuple(_step_blocks(index, step)),
    )


def gate_view(gate: Gate) -> ItemView:
    """A decision, and how it is given."""
    facts = []
    if gate.approvers:
        facts.append(f"decided by {listed((md(a) for a in gate.approvers), 'or')}")
    facts.append(f"within {spoken(gate.timeout.ms)}" if gate.timeout else "without a time limit")
    facts.append(f"otherwise {'go on' if gate.continue_otherwise else 'stop'}")
    return ItemView(
        title=f"Gate: {md(gate.title)}",
        facts=tuple(facts),
        note=prose(gate.note) if gate.note else "",
        blocks=(
            Block(
                "Approve it from another shell:", f"./rollback.sh --approve {gate.name} --as NAME"
            ),
        ),
    )


def manual_view(manual: Manual) -> ItemView:
    """What a person does and confirms."""
    facts = [f"done by {md(manual.by)}"] if manual.by else []
    if manual.takes:
        facts.append(f"takes {spoken(manual.takes.ms)}")
    if manual.timeout:
        facts.append(f"time limit {spoken(manual.timeout.ms)}")
    return ItemView(
        title=f"By hand: {md(manual.title)}",
        facts=tuple(facts),
        note=prose(manual.note) if manual.note else "",
    )


def _verify_view(plan: Plan) -> ItemView:
    verification = plan.verification
    count = len(verification.checks) + len(verification.bounds) if verification else 0
    return ItemView(
        title="Verify the rollback",
        facts=(f"{plural(count, 'check')}: see [Automated Verification](#automated-verification)",),
        blocks=(Block("", "./verify.sh"),),
    )


def _step_facts(index: PlanIndex, step: Step) -> Iterator[str]:
    if step.services:
        yield f"for {listed(code(name) for name in step.services)}"
    if step.uses:
        yield f"uses {listed(artifact_words(index, name.text) for name in step.uses)}"
    for artifact in step.creates:
        sum_ = f", checksum {md(artifact.checksum)}" if artifact.checksum else ""
        yield f"creates {code(artifact.name)} ({code(artifact.path)}{sum_})"
    if step.requires:
        yield f"needs {listed(code(name) for name in step.requires)}"
    if step.takes:
        yield f"takes {spoken(step.takes.ms)}"
    if step.timeout:
        yield f"time limit {spoken(step.timeout.ms)}"
    if step.retry:
        apart = f", {show_ms(step.retry.delay_ms)} apart" if step.retry.delay_ms else ""
        yield f"up to {step.attempts} attempts{apart}"
    if step.rerunnable:
        yield "may be run again"
    if step.continue_on_failure:
        yield "the phase goes on if it fails"
    if step.notify:
        severity = f" with severity {md(step.notify.severity)}" if step.notify.severity else ""
        yield f"tells {listed(code(name) for name in step.notify.channels)}{severity}"


def artifact_words(index: PlanIndex, name: str) -> str:
    """`` `db_backup` (`backup.dump`) ``."""
    path = index.artifact_paths.get(name)
    return f"{code(name)} ({code(path)})" if path else code(name)


def _step_blocks(index: PlanIndex, step: Step) -> Iterator[Block]:
    given = _assignments(index, step.bindings)
    if step.run:
        yield Block("", _with_assignments(given, step.run.text))
    elif given:
        yield Block("", "\n".join(given))
    if step.done_when:
        yield Block("Already done if this succeeds:", step.done_when.text)
    yield from expectation_blocks(index, step.expectations)
    if step.undo:
        yield Block("Undone, if a later step of this phase fails, by:", step.undo.text)


def expectation_blocks(
    index: PlanIndex, expectations: Iterable[Expectation], bindings: Iterable[Binding] = ()
) -> Iterator[Block]:
    """The commands, each led by what is expected of it; the first one sets the bindings."""
    given = _assignments(index, bindings)
    for expectation in expectations:
        label = f"Expected, {md(expectation.label)}" if expectation.label else "Expected"
        text = _with_assignments(given, expectation.shell.text)
        yield Block(f"{label}: {expected(index, expectation)}", text)
        given = []


def expected(index: PlanIndex, expectation: Expectation) -> str:
    """`the output equals "healthy", within 1 minute, asked every 5s` as inert Markdown."""
    matcher = expectation.matcher
    if matcher is None:
        said = "it succeeds"
    else:
        said = f"{_MATCHERS[matcher.kind]} {_matched(index, matcher)}"
    if expectation.within:
        every = expectation.every.ms if expectation.every else 5000
        said += f", within {spoken(expectation.within.ms)}, asked every {show_ms(every)}"
    return said


def _matched(index: PlanIndex, matcher: Matcher) -> str:
    references = matcher.value.references
    if matcher.artifact:
        return artifact_words(index, matcher.artifact.text)
    if matcher.kind is MatcherKind.EQUALS_FILE and matcher.value.parts == references[:1]:
        return artifact_words(index, references[0].name)
    return code(matcher.value) or "nothing"


def _with_assignments(given: list[str], text: str) -> str:
    return "\n".join([*given, "", text]) if given else text


def _assignments(index: PlanIndex, bindings: Iterable[Binding]) -> list[str]:
    return [_assignment(index, b.name.shell, b.value) for b in bindings]


def _assignment(index: PlanIndex, name: str, value: Value) -> str:
    if value.type is ValueType.STRINGS:
        words = [_list_words(index, item) for item in value.items]
        return f"{name}=({' '.join(words)})"
    words = [_shell_word(item) for item in value.items]
    return f"{name}={words[0] if words else ''}"


def _list_words(index: PlanIndex, text: Text) -> str:
    """One item of a list, or all items of the list variable that stands for them."""
    if len(text.parts) == 1 and text.references:
        value = index.lists.get(text.references[0].name)
        if value:
            return " ".join(_shell_word(item) for item in value.items)
    return _shell_word(text)


def _shell_word(text: Text) -> str:
    """A text as one word of shell; what only the run knows stays a variable."""
    parts = [
        word(part)
        if isinstance(part, str)
        else (word(part.value) if part.value is not None else f'"${part.shell}"')
        for part in text.parts
    ]
    return "".join(parts) or "''"


def variables_block(index: PlanIndex) -> str:
    """Bash that sets what the steps read, so that one can be run by hand."""
    plan = index.plan
    lines = []
    for variable in plan.variables:
        name = variable.name.shell
        if variable.kind is VariableKind.SECRET or variable.value is None:
            lines.append(f': "${{{name}:?set it in the environment}}"')
        else:
            lines.append(_assignment(index, name, variable.value))
    folder = f".rbc/artifacts/{plan.name.text}"
    for artifact in plan.artifacts:
        path = f"{word(folder + '/')}{_shell_word(artifact.path)}"
        lines.append(f"{artifact.name.shell}={path}")
    if plan.regions:
        lines.append(f"region={word(next(iter(plan.regions.names)).text)}")
    return "\n".join(lines)
