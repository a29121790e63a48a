"""The capture writes a file that nothing in the plan mentions again.

This is about files that are named in shell only; RB802 is about declared artifacts.

## Why

A backup that no step restores protects nothing, and makes the plan look as if that part were
covered. And a file in the current folder is not kept with the run: after the next change nobody
can say which one it belongs to.

## Bad

```rbplan
capture {
  step manifest "Save the manifest" { run `kubectl -n shop get deployment web -o yaml > web.yaml` }
}
phase back "Back" {
  budget 2m
  step image "Image" { run `kubectl -n shop set image deployment/web web=web:1.4.2` }
}
```

## Good

```rbplan
capture {
  step manifest "Save the manifest" {
    creates manifest "web.yaml"
    run `kubectl -n shop get deployment web -o yaml > "$manifest"`
  }
}
phase back "Back" {
  budget 2m
  step apply "Apply" { uses manifest; run `kubectl -n shop apply -f "$manifest"` }
}
```

## How it can be fooled

By a script that reads the file without being told its name. A mention in any shell or text of the
plan counts as use, and so does a pattern that fits, or the file's folder. A log is for people.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.artifacts.rb814_two_names import pairs
from rbdsl.rules.context import Context, step_reads
from rbdsl.rules.placed_files import PlacedFile

CODE = Code("RB813", "file-never-used", Severity.WARNING)

PARTS = ("capture",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such file, unless it is read under another name."""
    named_twice = {id(pair.made) for pair in pairs(context)}
    for file in context.loose_files.unused:
        if id(file) not in named_twice and not _stands_for_an_artifact(file):
            yield CODE.at(
                file.span,
                f"`{file.path}` is captured, and nothing in the plan reads it",
                hint=f'make it an artifact (`creates NAME "{file.path}"`) that the step which '
                "restores or compares it `uses`, or remove it",
            )


def _stands_for_an_artifact(file: PlacedFile) -> bool:
    """Whether its step creates an artifact and never mentions it, which RB805 reports."""
    step = file.place.step
    reads = step_reads(step) if step else set()
    return any(artifact.name.shell not in reads for artifact in (step.creates if step else ()))
