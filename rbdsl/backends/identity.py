"""What every generated document says about the plan that it comes from."""

from __future__ import annotations

import posixpath

from rbdsl.backends.output import EmitRequest
from rbdsl.documents.shape import PlanIdentity
from rbdsl.model.plan import Plan
from rbdsl.model.values import Text
from rbdsl.source import Span


def identity(request: EmitRequest) -> PlanIdentity:
    """Name, title, level and hash of the plan of a request."""
    plan = request.analysis.plan
    return PlanIdentity(
        name=plan.name.text,
        title=plan.title.plain,
        level=plan.level.number,
        sha256=request.plan_sha256,
    )


def plain(text: Text | None) -> str | None:
    """A text for people, or None."""
    return text.plain if text else None


def place(plan: Plan, span: Span) -> str:
    """`api-v2-1.rbplan:12`: a line of a source, by its path from the plan's own folder.

    So the place is the same wherever the compiler is started from.
    """
    path, home = span.source.path, posixpath.dirname(plan.source.path)
    if span.source is plan.source:
        path = posixpath.basename(path)
    elif not path.startswith("std/"):
        path = posixpath.relpath(path, home or ".")
    return f"{path}:{span.begin.line}"
