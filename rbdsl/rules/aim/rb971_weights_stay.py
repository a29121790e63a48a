"""An alias of a Lambda function is set back, and its weights stay as they are.

## Why

`update-alias --function-version` changes where the alias points. The weights of a canary are kept
apart from it: the part of the traffic that went to the new version still goes there, and the alias
reads as rolled back.

## Bad

```rbplan
change "Version 12 gets 20 percent of the alias live (routing weights)."
phase back "Back" {
  budget 2m
  step alias "Alias" {
    timeout 30s
    run `aws lambda update-alias --function-name shop --name live --function-version 11`
    expect `./version-is.sh 11`
  }
}
```

## Good

```rbplan
change "Version 12 gets 20 percent of the alias live (routing weights)."
phase back "Back" {
  budget 2m
  step alias "Alias" {
    timeout 30s
    run ```
      aws lambda update-alias --function-name shop --name live --function-version 11 \\
        --routing-config 'AdditionalVersionWeights={}'
    ```
    expect `./version-is.sh 11`
  }
}
```

## How it can be fooled

Whether an alias has weights only AWS knows. It is a warning where the plan speaks of weights, a
canary, the routing configuration or a part of the calls: in the text of the change, in a fact, in a
comment or in what is captured; else it is an information. A file (`--cli-input-json`) is not looked
into.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.acting import acting
from rbdsl.rules.context import Context

CODE = Code("RB971", "weights-stay", Severity.WARNING)

_WEIGHTS = lazy_pattern(
    r"(?i)weight|canary|routing.?config|linear\d|gradual"
    r"|\b(?:part|share|half|third|quarter|fifth|tenth|hundredth|\d+ ?(?:%|percent|per cent)) of "
    r"(?:(?:the|all|its|our) )?(?:calls|traffic|requests|invocations|users|customers|alias)\b"
)
PROGRAMS = ("aws",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    calls = [
        placed
        for placed in acting(context, *PROGRAMS)
        if placed.call.operands[:2] == ("lambda", "update-alias")
    ]
    if any("routing-config" in placed.call.text for placed in calls):
        return
    for placed in calls:
        if not placed.call.has("function-version") or placed.call.has("cli-input-json"):
            continue
        has_weights = _WEIGHTS.search(_said(context)) is not None
        yield CODE.at(
            placed.span,
            "the weights of the alias stay as they are: the part of the traffic that went to the "
            "other version still does",
            hint="add `--routing-config 'AdditionalVersionWeights={}'`",
            severity=Severity.WARNING if has_weights else Severity.INFO,
        )


def _said(context: Context) -> str:
    """What the plan says of the change, and what it keeps beforehand."""
    plan = context.plan
    texts = [text.plain for text in (plan.title, plan.change, plan.note) if text]
    facts = plan.capture.facts if plan.capture else ()
    texts += [f"{fact.label.plain} {fact.value.plain}" for fact in facts]
    lines = plan.source.text.splitlines()
    texts += [line for line in lines if line.lstrip().startswith("#")]
    return "\n".join([*texts, *(p.shell.text for p in context.places if p.captures)])
