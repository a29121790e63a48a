"""The capture creates an artifact, and nothing uses it.

## Why

A backup that no step restores protects nothing, but it makes the plan look as if that part were
covered. Either the step that restores it was forgotten, or the backup is only made out of habit.

## Bad

```rbplan
capture {
  step manifest "Save the manifest" {
    creates manifest "api.yaml"
    run `kubectl get deployment api -o yaml > "$manifest"`
  }
}
phase apps "Applications" { budget 2m; step deploy "Deploy" { run `./deploy.sh` } }
```

## Good

```rbplan
capture {
  step manifest "Save the manifest" {
    creates manifest "api.yaml"
    run `kubectl get deployment api -o yaml > "$manifest"`
  }
}
phase apps "Applications" {
  budget 2m
  step deploy "Deploy" { uses manifest; run `kubectl apply -f "$manifest"` }
}
```

## How it can be fooled

A mention of `$manifest` anywhere outside of the step that creates it counts as use. What phases
of the rollback create (logs, measurements) is not looked at: that is for people to read.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context

CODE = Code("RB802", "artifact-never-used", Severity.WARNING)

PARTS = ("capture",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such artifact."""
    plan = context.plan
    used = {name.text for step in plan.steps() for name in step.uses}
    for item in plan.verification.checks if plan.verification else ():
        used |= {name.text for name in item.uses}
    for step in plan.capture.steps if plan.capture else ():
        for artifact in step.creates:
            readers = context.readers.get(artifact.name.shell, ())
            elsewhere = any(span != step.name.span for span in readers)
            if artifact.name.text not in used and not elsewhere:
                yield CODE.at(
                    artifact.name.span,
                    f"artifact `{artifact.name}` is captured, and nothing in the rollback uses it",
                    hint=f"say `uses {artifact.name}` in the step that restores or compares it, or "
                    "remove it",
                )
