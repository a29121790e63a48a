"""Traffic goes back to the old version before anything has verified it.

## Why

If the old version does not work either, users find out first. Verification must come between the
rollback and the return of traffic; what needs traffic to be measured (error rates) can be watched
after that.

## Bad

```rbplan
phase apps "Applications" { budget 2m; step deploy "Deploy" { run `./deploy.sh` } }
phase traffic "Traffic restoration" {
  after apps
  budget 1m
  step shift "Shift" { run `./shift.sh 100` }
}
phase verification "Verification" { after traffic; budget 1m; verify }
verification { check health "Healthy" { expect `./health.sh` } }
```

## Good

```rbplan
phase apps "Applications" { budget 2m; step deploy "Deploy" { run `./deploy.sh` } }
phase verification "Verification" { after apps; budget 1m; verify }
phase traffic "Traffic restoration" {
  after verification
  budget 1m
  step shift "Shift" { run `./shift.sh 100` }
}
verification { check health "Healthy" { expect `./health.sh` } }
```

## How it can be fooled

The phase is known by its name and title ("traffic" with restore, resume, return, route back). Any
expectation in a phase before it counts as verification.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.plan import Phase
from rbdsl.rules.context import Context

CODE = Code("RB522", "traffic-before-verification", Severity.WARNING)

_TRAFFIC = r"(?i)traffic"
_BACK = r"(?i)restor|resum|return|re-?open|re-?enabl|normal|back\b"


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such phase."""
    for phase in context.plan.phases:
        if not _brings_traffic_back(phase):
            continue
        later = [v for v in context.verifying if context.runs_before(phase, v)]
        earlier = [p for p in context.plan.phases if context.runs_before(p, phase)]
        verified = any(p.verifies or any(s.expectations for s in p.steps) for p in earlier)
        if later and earlier and not verified:
            yield CODE.at(
                phase.name.span,
                f"phase `{phase.name}` brings traffic back before anything is verified",
                labels=(Label(later[0].name.span, "verification comes only here"),),
                hint=f"let `{phase.name}` come after `{later[0].name}`, or give a step before it "
                "an `expect`",
            )


def _brings_traffic_back(phase: Phase) -> bool:
    words = f"{phase.name} {phase.title.plain}"
    return bool(re.search(_TRAFFIC, words) and re.search(_BACK, words))
