"""A service is affected by the change, and no step does anything about it.

## Why

The list of services is what the incident commander reads. One that no step is `for`, and none
mentions, stays on the new version while everything around it goes back.

## Bad

```rbplan
service api   in production
service cache in production
phase apps "Applications" { budget 2m; step deploy "Deploy" { for api; run `./deploy.sh` } }
```

## Good

```rbplan
service api   in production
service cache in production
phase apps "Applications" {
  budget 2m
  step deploy "Deploy" { for api; run `./deploy.sh` }
  step flush "Flush" { for cache; run `./flush.sh` }
}
```

## How it can be fooled

A mention of the name in the step's title, shell or arguments counts, in whatever context.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.model.steps import Step
from rbdsl.rules.context import Context
from rbdsl.rules.shell_text import mentions_word

CODE = Code("RB518", "service-without-step", Severity.WARNING)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such service, where the plan has steps at all."""
    steps = [step for phase in context.plan.phases for step in phase.all_steps]
    if not steps:
        return
    served = {name.text for step in steps for name in step.services}
    words = "\n".join(text for step in steps for text in _texts(step))
    for service in context.plan.services:
        name = service.name.text
        if name not in served and not mentions_word(words, name):
            yield CODE.at(
                service.name.span,
                f"no step is for service `{name}`, and none mentions it",
                hint=f"say `for {name}` in the steps that roll it back, or remove the service",
            )


def _texts(step: Step) -> Iterator[str]:
    yield step.title.plain
    yield from (shell.text for shell in step.shells)
    yield from (binding.value.plain for binding in step.bindings)
