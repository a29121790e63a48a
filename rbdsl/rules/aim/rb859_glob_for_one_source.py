"""A pattern stands where a command takes one name.

## Why

The shell makes several words of `logs-*.txt`, and `aws s3 cp` takes one source: two files, and it
stops with a message about its options. With one file it works, as it did in the test. In quotes
(`"logs-*.txt"`) it never works: the AWS CLI looks for a file of that name.

## Bad

```rbplan
phase logs "Logs" {
  budget 2m
  step keep "Keep" { run `aws s3 cp rollback-logs-*.txt s3://audit/op-1/`; expect `./kept.sh` }
}
```

## Good

```rbplan
phase logs "Logs" {
  budget 2m
  step keep "Keep" {
    run `aws s3 cp . s3://audit/op-1/ --recursive --exclude '*' --include 'rollback-logs-*.txt'`
    expect `./kept.sh`
  }
}
```

## How it can be fooled

By a pattern that always meets one file, which then is better named. A pattern in an address
(`s3://bucket/*.txt`) is no pattern for the AWS CLI, and is found as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.analysis.calls import Word
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import acting, shown
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB859", "glob-for-one-source", Severity.WARNING)

_PATTERN = r"[*?]|\[[^]]+\]"
_VERBS = {
    # program → the words before a source of which there is one
    "aws": ("s3",),
    "kubectl": ("cp",),
    "oc": ("cp",),
    "docker": ("cp",),
    "podman": ("cp",),
}
PROGRAMS = frozenset(_VERBS)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such source."""
    for placed in acting(context, *PROGRAMS):
        call = placed.call
        if call.operands[:1] != _VERBS[call.program]:
            continue
        if call.program == "aws" and call.operands[1:2] not in (("cp",), ("mv",)):
            continue
        word = next((w for w in call.words[2:] if _is_pattern(placed, w)), None)
        kept = next((w for w in call.words[2:] if _is_kept(placed, w)), None)
        if word:
            why = f"`{word.text}` may be several files, and {shown(_command(placed))} takes one"
            yield CODE.at(placed.span_of(word), why, hint=_hint(placed, word))
        elif kept:
            why = f"`{kept.text}` is looked for by that name: in quotes nobody makes files of it"
            yield CODE.at(placed.span_of(kept), why, hint=_hint(placed, kept))


def _is_pattern(placed: PlacedCall, word: Word) -> bool:
    if not re.search(_PATTERN, word.text) or word.text.startswith("-"):
        return False
    if word.text not in placed.call.operands[-2:]:
        return False
    return not word.quoted or word.text.startswith("s3://")


def _is_kept(placed: PlacedCall, word: Word) -> bool:
    """Whether it is a local source in quotes with a `*`, which no name of a file has."""
    raw = placed.place.shell.text[word.start : word.end]
    return (
        placed.call.program == "aws"
        and placed.call.operands[2:3] == (word.text,)
        and "*" in word.text
        and not word.text.startswith("s3://")
        and raw[:1] in ("'", '"')
        and raw == f"{raw[0]}{raw[1:-1].replace(raw[0], '')}{raw[0]}"
    )


def _command(placed: PlacedCall) -> str:
    count = 2 if placed.call.program == "aws" else 1
    return " ".join((placed.call.program, *placed.call.operands[:count]))


def _hint(placed: PlacedCall, word: Word) -> str:
    if placed.call.program != "aws":
        return "pack them first: `tar -cf logs.tar …`, and copy that"
    folder, slash, pattern = word.text.rpartition("/")
    return (
        f"`aws s3 cp {folder + slash if slash else '.'} {placed.call.operands[-1]} --recursive "
        f"--exclude '*' --include '{pattern}'`"
    )
