"""Draws a plan as Markdown with two Mermaid diagrams: the order as a flowchart, the time as gantt.

A code host shows both where the text is pasted into a comment or a document. How titles are made
safe for Mermaid is in `rbdsl.backends.mermaid`, which draws the same for `PLAN.md`.
"""

from __future__ import annotations

from rbdsl.analysis.results import Analysis
from rbdsl.backends.mermaid import flowchart, gantt
from rbdsl.review.graph_scale import subject


def draw(analysis: Analysis, scenario: str | None) -> str:
    """Both diagrams of the whole plan, or of the scenario of that name; ends with a newline.

    Raises KeyError where there is no such scenario.
    """
    timeline = subject(analysis, scenario).timeline
    diagrams = (flowchart(analysis, timeline), gantt(analysis, timeline))
    return "\n".join(f"```mermaid\n{diagram}\n```\n" for diagram in diagrams)
