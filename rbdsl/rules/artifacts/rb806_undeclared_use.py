"""A step or check reads an artifact without saying that it `uses` it.

## Why

`uses` is what the preflight goes by: it looks for the file, and compares its checksum, before
anything is touched. A use that it does not know fails in the middle of the rollback instead.

## Bad

```rbplan
capture { step dump "Dump" { creates dump "before.dump"; run `./dump.sh "$dump"` } }
phase restore "Restore" { budget 3m; step load "Load" { run `./load.sh "$dump"` } }
```

## Good

```rbplan
capture { step dump "Dump" { creates dump "before.dump"; run `./dump.sh "$dump"` } }
phase restore "Restore" { budget 3m; step load "Load" { uses dump; run `./load.sh "$dump"` } }
```

## How it can be fooled

By the word `$dump` where it is not the artifact, such as a variable of a `while read` loop.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.steps import Artifact
from rbdsl.model.values import Binding, Name
from rbdsl.rules.context import Context, check_reads

CODE = Code("RB806", "undeclared-use", Severity.WARNING)

PARTS = ("artifacts",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each step or check, and artifact."""
    plan = context.plan
    artifacts = {artifact.name.shell: artifact for artifact in plan.artifacts}
    if not artifacts:
        return
    for step, reads in context.step_reads:
        if reads.isdisjoint(artifacts):
            continue
        known = {n.text for n in step.uses} | {a.name.text for a in step.creates}
        known |= _bound(step.bindings)
        yield from _unsaid("step", step.name, known, reads, artifacts)
    for item in plan.verification.checks if plan.verification else ():
        known = {n.text for n in item.uses} | _compared(item.expectations)
        known |= _bound(item.bindings)
        yield from _unsaid("check", item.name, known, check_reads(item), artifacts)


def _bound(bindings: tuple[Binding, ...]) -> set[str]:
    """The parameters of a module, which stand before artifacts of the same name."""
    return {binding.name.text for binding in bindings}


def _compared(expectations: tuple[object, ...]) -> set[str]:
    """Artifacts named by `equals_file`, which says as much as `uses`."""
    matchers = (getattr(expectation, "matcher", None) for expectation in expectations)
    return {m.artifact.text for m in matchers if m and m.artifact}


def _unsaid(
    what: str, name: Name, known: set[str], reads: set[str], artifacts: dict[str, Artifact]
) -> Iterator[Diagnostic]:
    for shell_name in sorted(reads & artifacts.keys()):
        artifact = artifacts[shell_name]
        if artifact.name.text not in known:
            yield CODE.at(
                name.span,
                f"{what} `{name}` reads `${shell_name}` and does not say that it uses it",
                labels=(Label(artifact.name.span, "the artifact"),),
                hint=f"add `uses {artifact.name}`: then the preflight looks for it",
            )
