"""A target of templates alone: what a folder with `target.toml` and templates is rendered with.

The view is documented here, and a template may count on it:

- `plan`: the plan (`rbdsl/model/plan.py`), e.g. `plan.title.plain`, `plan.phases`
- `analysis`: everything computed (`rbdsl/analysis/results.py`), e.g. `analysis.timeline.total_ms`
- `inputs`, `plan_sha256`, `version`, `findings`: as in `rbdsl/backends/output.py`
- `spoken(ms)`: milliseconds in words; `short(ms)`: as `1m30s`
- `gantt`, `flowchart`: the Mermaid drawings as text

Every text has to pass a filter: `sh` in a shell, `comment` in its comments, `md`, `code` or
`fence` in Markdown, `e` in HTML, `tojson` in JSON. One that passes none is refused; `version`,
`plan_sha256` and what the two functions say may be written as they are.
"""

from __future__ import annotations

from rbdsl.backends.mermaid import flowchart, gantt
from rbdsl.backends.output import EmitRequest, OutputFile
from rbdsl.backends.registry import Target, TargetError
from rbdsl.backends.templates import TemplateError, inert, render_own
from rbdsl.backends.wording import spoken
from rbdsl.model.values import show_ms


def emit_templates(target: Target, request: EmitRequest) -> list[OutputFile]:
    """Every file of the target's manifest. Raises TargetError for a fault in a template."""
    analysis = request.analysis
    view: dict[str, object] = {
        "plan": analysis.plan,
        "analysis": analysis,
        "inputs": request.inputs,
        "plan_sha256": inert(request.plan_sha256),
        "version": inert(request.version),
        "findings": request.diagnostics,
        "spoken": lambda ms: inert(spoken(ms)),
        "short": lambda ms: inert(show_ms(ms)),
        "gantt": gantt(analysis),
        "flowchart": flowchart(analysis),
    }
    try:
        return [
            OutputFile(file.path, render_own(target.folder, file.template, **view), file.executable)
            for file in target.files
        ]
    except TemplateError as fault:
        raise TargetError(f"target `{target.name}`: {fault}") from fault
