"""Compares two versions of a plan, and two sets of plans: pure, on what `check` returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from rbdsl.analysis.results import Analysis
from rbdsl.compiler import Checked
from rbdsl.diagnostics import Diagnostic, Severity
from rbdsl.record import dataclass
from rbdsl.review.changes.capture import capture
from rbdsl.review.changes.change import Change, Effect, Place
from rbdsl.review.changes.findings import findings
from rbdsl.review.changes.gates import waves
from rbdsl.review.changes.header import header
from rbdsl.review.changes.level import level
from rbdsl.review.changes.metrics import metrics
from rbdsl.review.changes.people import people
from rbdsl.review.changes.phases import phases, places, renamed
from rbdsl.review.changes.reversibility import reversibility
from rbdsl.review.changes.scenarios import scenarios
from rbdsl.review.changes.settings import Settings, reported, settings
from rbdsl.review.changes.times import Row, rows, times
from rbdsl.review.changes.trials import trials
from rbdsl.review.changes.triggers import triggers
from rbdsl.review.changes.verification import verification


class State(StrEnum):
    """What became of a plan."""

    CHANGED = "changed"
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class PlanChange:
    """One plan in both versions.

    A path is None on the side where the plan is not there. `errors` are why a side could not be
    compared, with the side in words. A plan that is unreadable has no changes and no times.
    """

    state: State
    name: str
    title: str
    old_path: str | None
    new_path: str | None
    changes: tuple[Change, ...] = ()
    times: tuple[Row, ...] = ()
    errors: tuple[tuple[str, Diagnostic], ...] = ()

    @property
    def moved(self) -> bool:
        """Whether it stands in another file than before."""
        paths = (self.old_path, self.new_path)
        return None not in paths and paths[0] != paths[1]

    def having(self, effect: Effect) -> tuple[Change, ...]:
        """The changes of one effect, in order."""
        return tuple(change for change in self.changes if change.effect is effect)


def compare(
    old: Checked,
    new: Checked,
    old_path: str,
    new_path: str,
    was: Settings = Settings(),  # noqa: B008 - it never changes
    now: Settings = Settings(),  # noqa: B008
) -> PlanChange:
    """One plan with its version before; the paths are those within the two sides.

    `was` and `now` are what the configurations of the sides say of it.
    """
    if old.inputs and _texts(old) == _texts(new) and was.same_as(now) and _same_level(old, new):
        # The same sources mean the same, also where they do not mean anything.
        plan = new.plan
        name, title = (plan.name.text, plan.title.plain) if plan else ("", "")
        return PlanChange(State.SAME, name, title, old_path, new_path)
    if old.analysis is None or new.analysis is None:
        errors = [
            (side, d)
            for side, checked in (("before", old), ("now", new))
            if checked.analysis is None
            for d in _errors(checked)
        ]
        plan = new.plan or old.plan
        name, title = (plan.name.text, plan.title.plain) if plan else ("", "")
        return PlanChange(State.UNREADABLE, name, title, old_path, new_path, errors=tuple(errors))
    found, figures = _changes(
        replace(old, diagnostics=reported(old.diagnostics, was, now)),
        replace(new, diagnostics=reported(new.diagnostics, now, was)),
        old.analysis,
        new.analysis,
    )
    found = (*settings(was, now), *found)
    state = State.CHANGED if found else State.SAME
    plan = new.analysis.plan
    return PlanChange(state, plan.name.text, plan.title.plain, old_path, new_path, found, figures)


def _changes(
    before: Checked, after: Checked, old: Analysis, new: Analysis
) -> tuple[tuple[Change, ...], tuple[Row, ...]]:
    now = renamed(old.plan, new.plan)
    found = [
        *level(old, new),
        *times(old, new, now),
        *header(old.plan, new.plan),
        *capture(old.plan, new.plan),
        *metrics(old.plan, new.plan),
        *triggers(old.plan, new.plan),
        *reversibility(old, new, now),
        *phases(old.plan, new.plan),
        *waves(old.plan, new.plan),
        *scenarios(old, new, now),
        *verification(old.plan, new.plan),
        *trials(old.plan, new.plan),
        *people(old.plan, new.plan),
        *findings(before, after, places(old.plan, new.plan)),
    ]
    return tuple(found), rows(old, new, now)


def compare_all(
    old: Mapping[str, Checked],
    new: Mapping[str, Checked],
    was: Mapping[str, Settings] | None = None,
    now: Mapping[str, Settings] | None = None,
) -> tuple[PlanChange, ...]:
    """All plans of two sides by their path: together by path, else by the name of the plan.

    Modules are no plans: a change of one shows in the plans that use it.
    """
    before = {path: checked for path, checked in old.items() if not checked.is_module}
    after = {path: checked for path, checked in new.items() if not checked.is_module}
    partner = {path: path for path in after if path in before}
    by_name = {c.plan.name.text: p for p, c in before.items() if c.plan and p not in partner}
    for path, checked in after.items():
        if path not in partner and checked.plan and checked.plan.name.text in by_name:
            partner[path] = by_name.pop(checked.plan.name.text)
    found = [
        compare(
            before[partner[path]],
            checked,
            partner[path],
            path,
            (was or {}).get(partner[path], Settings()),
            (now or {}).get(path, Settings()),
        )
        if path in partner
        else _alone(checked, State.ADDED, None, path)
        for path, checked in after.items()
    ]
    gone = [path for path in before if path not in partner.values()]
    return (*found, *(_alone(before[path], State.REMOVED, path, None) for path in gone))


def _same_level(old: Checked, new: Checked) -> bool:
    """Whether both are judged by the same demands, as the policies of the sides have them."""
    demands = [checked.analysis.policy if checked.analysis else None for checked in (old, new)]
    return demands[0] == demands[1]


def _texts(checked: Checked) -> list[str]:
    return [source.text for source in checked.inputs.values()]


def _errors(checked: Checked) -> list[Diagnostic]:
    return [d for d in checked.diagnostics if d.severity is Severity.ERROR]


def _alone(checked: Checked, state: State, old: str | None, new: str | None) -> PlanChange:
    if checked.plan is None:
        side = "before" if new is None else "now"
        errors = [(side, d) for d in _errors(checked)]
        return PlanChange(State.UNREADABLE, "", "", old, new, errors=tuple(errors))
    plan = checked.plan
    place = Place("plan", plan.name.span)
    change = (
        place.neutral("plan-added", "added")
        if state is State.ADDED
        else place.weaker("plan-removed", "removed", "there is no rollback plan for it any more")
    )
    return PlanChange(state, plan.name.text, plan.title.plain, old, new, (change,))
