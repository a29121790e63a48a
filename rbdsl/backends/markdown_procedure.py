"""The rollback procedure in PLAN.md: every phase with its warnings, its order and its entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbdsl.backends.markdown_prose import prose, remark
from rbdsl.backends.markdown_shell import assignments
from rbdsl.backends.markdown_steps import Block, ItemView, gate_view, manual_view, step_view
from rbdsl.backends.plan_index import PlanIndex
from rbdsl.backends.quoting import markdown_text as md
from rbdsl.backends.wording import listed, plural, spoken
from rbdsl.model.plan import Phase, Plan
from rbdsl.model.steps import Gate, Item, Manual, Step
from rbdsl.record import dataclass


@dataclass(frozen=True, slots=True)
class PhaseView:
    """A phase: `heading` without its `###`, warnings and facts as lines, its entries.

    `variables` is bash: the parameters of a phase that comes from a module.
    """

    heading: str
    objective: str
    warnings: tuple[str, ...]
    facts: tuple[str, ...]
    note: str
    variables: str
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
        variables="\n".join(assignments(index, phase.bindings)),
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


def _verify_view(plan: Plan) -> ItemView:
    verification = plan.verification
    count = len(verification.checks) + len(verification.bounds) if verification else 0
    return ItemView(
        title="Verify the rollback",
        facts=(f"{plural(count, 'check')}: see [Automated Verification](#automated-verification)",),
        blocks=(Block("", "./verify.sh"),),
    )
