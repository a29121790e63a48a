"""`--record` of kubectl is deprecated.

## Why

Since Kubernetes 1.22 the flag is announced to go, and one day the command refuses it. What it
wrote is only the command line, as an annotation that the next rollout copies.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step image "Image" {
    run `kubectl -n shop set image deployment/shop shop=shop:3.1.4 --record`
    expect `./served.sh 3.1`
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step image "Image" {
    run ```
      kubectl -n shop set image deployment/shop shop=shop:3.1.4
      kubectl -n shop annotate deployment/shop kubernetes.io/change-cause='to 3.1.4' --overwrite
    ```
    expect `./served.sh 3.1`
  }
}
```

## How it can be fooled

It can't be: the flag does one thing. Old clusters take it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Edit, Fix, Severity
from rbdsl.rules.acting import acting
from rbdsl.rules.context import Context

CODE = Code("RB884", "deprecated-record", Severity.INFO)
DESTROYS = False  # it is a flag that goes away

PROGRAMS = ("kubectl", "oc")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such flag."""
    for placed in acting(context, *PROGRAMS):
        for word in placed.call.words[1:]:
            if word.text in ("--record", "--record=true"):
                blank = placed.place.shell.text[word.start - 1 : word.start] == " "
                edit = Edit(placed.place.span(word.start - int(blank), word.end), "")
                yield CODE.at(
                    placed.span_of(word),
                    "`--record` is deprecated, and going to be refused",
                    hint="leave it out; the reason may be an annotation, "
                    "`kubernetes.io/change-cause`",
                    fix=Fix("leave `--record` out", (edit,), safe=False),
                )
