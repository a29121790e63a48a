"""An artifact is used, and no step creates it.

A warning where an expectation compares with a file that is no artifact.

## Why

The restore reads a file that nobody ever wrote. The script finds out in its preflight, which is
early enough not to break anything, and too late to make the backup: the state it should hold is
gone with the change.

## Bad

```rbplan
phase config "Configuration" {
  budget 1m
  step apply "Restore configuration" {
    uses config_snapshot
    run `kubectl apply -f "$config_snapshot"`
  }
}
```

## Good

```rbplan
capture {
  step snapshot "Save the configuration" {
    creates config_snapshot "config.json"
    run `kubectl get configmap api -o json > "$config_snapshot"`
  }
}
phase config "Configuration" {
  budget 1m
  step apply "Restore configuration" {
    uses config_snapshot
    run `kubectl apply -f "$config_snapshot"`
  }
}
```

## How it can be fooled

By a step that creates the artifact and never writes it (RB805), and by files that are named in
shell only.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity, did_you_mean
from rbdsl.model.steps import Expectation, MatcherKind
from rbdsl.model.values import Name
from rbdsl.rules.context import Context
from rbdsl.rules.prose import name_meant

CODE = Code("RB801", "artifact-never-made", Severity.ERROR)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each artifact and file of that kind, at its first use."""
    plan = context.plan
    made = [artifact.name.text for artifact in plan.artifacts]
    uses: dict[str, list[Name]] = {}
    expectations: list[Expectation] = []
    for step in plan.steps():
        expectations.extend(step.expectations)
        for name in step.uses:
            uses.setdefault(name.text, []).append(name)
    for item in plan.verification.checks if plan.verification else ():
        expectations.extend(item.expectations)
        for name in item.uses:
            uses.setdefault(name.text, []).append(name)
    for text, names in uses.items():
        if text not in made:
            yield _never_made(context, text, names, made)
    yield from _files(context, expectations)


def _never_made(context: Context, text: str, names: list[Name], made: list[str]) -> Diagnostic:
    labels = [Label(name.span, "used here too") for name in names[1:]]
    labels.extend(
        Label(fact.span, "this says that there is one, and nothing makes it")
        for fact in (context.plan.capture.facts if context.plan.capture else ())
        if name_meant(f"{fact.label} {fact.value}", [text])
    )
    times = f" ({len(names)} times)" if len(names) > 1 else ""
    return CODE.at(
        names[0].span,
        f"artifact `{text}` is used{times}, and no step creates it",
        labels=labels,
        hint=did_you_mean(text, made)
        or f'let a step of `capture` make it: `creates {text} "FILE"`',
    )


def _files(context: Context, expectations: list[Expectation]) -> Iterator[Diagnostic]:
    """Files that expectations compare with, and that are no artifact."""
    paths = {artifact.path.plain: artifact.name.text for artifact in context.plan.artifacts}
    for expectation in expectations:
        matcher = expectation.matcher
        if not matcher or matcher.kind is not MatcherKind.EQUALS_FILE or matcher.artifact:
            continue
        path = matcher.value.plain
        if any(ref.shell == a.name.shell for ref in matcher.value.references
               for a in context.plan.artifacts):  # fmt: skip
            continue
        same = paths.get(path)
        yield CODE.at(
            matcher.value.span,
            f"the expectation compares with the file `{path}`, which no step creates",
            hint=f"write `equals_file {same}`: the artifact of that path"
            if same
            else "let a step of `capture` create it, and name the artifact here",
            severity=Severity.WARNING,
        )
