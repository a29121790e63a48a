"""The changes of plans as the JSON document `plan-diff`."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rbdsl.documents import plan_diff as document
from rbdsl.documents.shape import in_seconds
from rbdsl.review.changes.change import Change, Effect
from rbdsl.review.changes.compare import PlanChange
from rbdsl.source import Span


def render(plans: Sequence[PlanChange], old: str, new: str) -> str:
    """The document as text; `old` and `new` are the words for the two sides.

    Characters beyond ASCII are escaped, as in the findings: it may end up in a terminal.
    """
    changes = [change for plan in plans for change in plan.changes]
    made = document.PlanDiffDocument(
        format=1,
        old=old,
        new=new,
        weaker=_count(changes, Effect.WEAKER),
        stronger=_count(changes, Effect.STRONGER),
        neutral=_count(changes, Effect.NEUTRAL),
        plans=[_plan(plan) for plan in plans],
    ).to_json()
    return json.dumps(json.loads(made), indent=2) + "\n"


def _count(changes: Sequence[Change], effect: Effect) -> int:
    return sum(change.effect is effect for change in changes)


def _plan(plan: PlanChange) -> document.PlanChange:
    return document.PlanChange(
        state=plan.state.value,
        name=plan.name,
        title=plan.title,
        old_path=plan.old_path,
        new_path=plan.new_path,
        changes=[_change(change) for change in plan.changes],
        times=[
            document.Figure(
                name=row.name.replace("`", ""),
                before_seconds=None if row.before is None else in_seconds(row.before),
                after_seconds=None if row.after is None else in_seconds(row.after),
            )
            for row in plan.times
        ],
        problems=[
            document.Problem(
                version="before" if side == "before" else "now",
                code=found.code,
                message=found.message,
                position=_position(found.span),
            )
            for side, found in plan.errors
        ],
    )


def _change(change: Change) -> document.Change:
    return document.Change(
        kind=change.kind,
        effect=change.effect.value,
        where=change.where,
        what=change.what,
        why=change.why or None,
        before=change.before,
        after=change.after,
        lines=list(change.lines),
        position=None if change.span is None else _position(change.span),
    )


def _position(span: Span) -> document.Position:
    line, column = span.begin
    return document.Position(path=span.source.path, line=line, column=column)
