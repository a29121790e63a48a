"""An object is put back with the `resourceVersion` that it had when it was kept.

## Why

`kubectl get … -o yaml` prints the version of the object, too, and a `replace` or `apply` that
carries a version is only taken while the object still has it. The change that is rolled back has
given it a new one: the server refuses with a conflict ("the object has been modified"), and the
file that was to bring the old state back is of no use as it is.

## Bad

```rbplan
capture {
  step keep "Keep" {
    creates old "shop.yaml"
    run `kubectl -n shop get ingress shop -o yaml > "$old"`
  }
}
phase back "Back" {
  budget 1m
  step replace "Replace" { uses old; run `kubectl -n shop replace -f "$old"` }
}
```

## Good

```rbplan
capture {
  step keep "Keep" {
    creates old "shop.json"
    run ```
      kubectl -n shop get ingress shop -o json |
        jq 'del(.metadata.resourceVersion, .metadata.uid, .status)' > "$old"
    ```
  }
}
phase back "Back" {
  budget 1m
  step replace "Replace" { uses old; run `kubectl -n shop replace -f "$old"` }
}
```

## How it can be fooled

An object that the change does not touch keeps its version, and is taken. `replace --force` and
`create` leave the version out by themselves, though the first deletes the object. What an unknown
program does to the file on its way counts as mended.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.kept_objects import CLUSTER, KeptObject, asked_for, kept_objects, put_back
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB951", "kept-with-version", Severity.WARNING)

PROGRAMS = CLUSTER


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each file that is kept so and put back, at the place where it is kept."""
    kept = {path: one for path, one in kept_objects(context).items() if one.whole}
    if not kept:
        return
    for placed, path in put_back(context, "replace", "apply"):
        one = kept.get(path)
        if one is None or _is_tried_otherwise(placed.call) or _is_deleted(context, one, path):
            continue
        del kept[path]
        yield _report(one, placed)


def _is_tried_otherwise(call: Call) -> bool:
    return call.has("force") or bool(call.tested)


def _is_deleted(context: Context, kept: KeptObject, path: str) -> bool:
    """Whether the plan deletes the object, so that it is made anew."""
    for program in CLUSTER:
        for _, placed in context.acting.get(program, ()):
            if placed.call.operands[:1] != ("delete",):
                continue
            if path in map(placed.filled, (placed.call.value("filename", "f") or "",)):
                return True
            kinds, names = asked_for(placed)
            if kinds & kept.kinds and not set(names).isdisjoint(kept.names):
                return True
    return False


def _report(kept: KeptObject, placed: PlacedCall) -> Diagnostic:
    verb = f"{placed.call.program} {placed.call.operands[0]}"
    get = PlacedCall(kept.get, kept.file.place)
    return CODE.at(
        get.span,
        f"`{kept.shown}` is kept with its resourceVersion: once the change has touched it, "
        f"`{verb}` is refused with a conflict",
        labels=[Label(placed.span, "put back here")],
        hint="keep it with `-o json | jq 'del(.metadata.resourceVersion, .metadata.uid, .status)'`",
    )
