"""The entries of PLAN.md that are worked off: steps, gates, manual steps, and what proves them.

Views hold inert Markdown (`facts`, `lead`) and shell as written (`Block.text`), which the
template puts between fences.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbdsl.backends.markdown_prose import prose, remark
from rbdsl.backends.markdown_shell import assignments, with_assignments
from rbdsl.backends.plan_index import PlanIndex
from rbdsl.backends.quoting import markdown_code as code
from rbdsl.backends.quoting import markdown_text as md
from rbdsl.backends.wording import listed, spoken
from rbdsl.model.steps import Expectation, Gate, Manual, Matcher, MatcherKind, Step
from rbdsl.model.values import Binding, show_ms
from rbdsl.record import dataclass


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


_MATCHERS = {
    MatcherKind.EQUALS: "the output equals",
    MatcherKind.CONTAINS: "the output contains",
    MatcherKind.MATCHES: "the output matches",
    MatcherKind.EQUALS_FILE: "the output equals the content of",
}


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
    given = assignments(index, step.bindings)
    if step.run:
        yield Block("", with_assignments(given, step.run.text))
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
    given = assignments(index, bindings)
    for expectation in expectations:
        label = f"Expected, {md(expectation.label)}" if expectation.label else "Expected"
        text = with_assignments(given, expectation.shell.text)
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
