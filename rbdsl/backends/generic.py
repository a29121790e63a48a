"""A target of templates alone: what a folder with `target.toml` and templates is rendered with.

The view is documented here, and a template may count on it:

- `plan`: the plan (`rbdsl/model/plan.py`), e.g. `plan.title.plain`, `plan.phases`
- `analysis`: everything computed (`rbdsl/analysis/results.py`), e.g. `analysis.timeline.total_ms`
- `inputs`, `plan_sha256`, `version`, `findings`: as in `rbdsl/backends/output.py`
- `spoken(ms)`: milliseconds in words; `short(ms)`: as `1m30s`
- `gantt`, `flowchart`: the Mermaid drawings as text

Every value of the plan has to pass a filter: `sh` in a shell, `comment` in its comments, `md`,
`code` or `fence` in Markdown, `e` in HTML, `tojson` in JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rbdsl.backends.mermaid import flowchart, gantt
from rbdsl.backends.output import EmitRequest, OutputFile
from rbdsl.backends.templates import render
from rbdsl.backends.wording import spoken
from rbdsl.model.values import show_ms

if TYPE_CHECKING:
    from rbdsl.backends.registry import Target


def emit_templates(target: Target, request: EmitRequest) -> list[OutputFile]:
    """Every file of the target's manifest. A fault in a template raises what jinja2 raises."""
    analysis = request.analysis
    view: dict[str, object] = {
        "plan": analysis.plan,
        "analysis": analysis,
        "inputs": request.inputs,
        "plan_sha256": request.plan_sha256,
        "version": request.version,
        "findings": request.diagnostics,
        "spoken": spoken,
        "short": show_ms,
        "gantt": gantt(analysis),
        "flowchart": flowchart(analysis),
    }
    return [
        OutputFile(file.path, render(target.folder, file.template, **view), file.executable)
        for file in target.files
    ]
