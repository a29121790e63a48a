"""A `cd` may fail, and what comes then is done where the shell happens to stand.

## Why

A step stops where `cd` fails. The text of `ssh host '…'` or `sh -c '…'` does not: its shell goes
on in the home folder, and removes, unpacks or checks out there.

## Bad

```rbplan
phase files "Files" {
  budget 1m
  step remove "Remove" {
    run `ssh -o BatchMode=yes -o ConnectTimeout=5 web1 'cd /srv/shop/next; rm -rf ./cache'`
    expect `./served.sh 3.1`
  }
}
```

## Good

```rbplan
phase files "Files" {
  budget 1m
  step remove "Remove" {
    run `ssh -o BatchMode=yes -o ConnectTimeout=5 web1 'cd /srv/shop/next && rm -rf ./cache'`
    expect `./served.sh 3.1`
  }
}
```

## How it can be fooled

`set -e` in the text, or `-e` of its shell, is enough. Only commands that change files, and what
runs Git or Compose, are looked for behind the `cd`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.analysis.wrappers import SHELLS
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import acting, near, shown
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB860", "unchecked-cd", Severity.WARNING)

_CHANGING = frozenset(
    """
    chmod chown cp docker docker-compose find git install ln make mv npm npx podman rm rsync sed tar
    tee terraform touch truncate unlink unzip
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_STOPS = frozenset(["exit", "return", "false", "die", "fail", "abort", "kill"])
_EXITING = r"-[a-z]*e[a-z]*|errexit"
PROGRAMS = ("cd", "pushd")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such `cd`."""
    for placed in acting(context, *PROGRAMS):
        if not _goes_on(placed):
            continue
        call = placed.call
        then = next((o for o in near(placed) if _is_behind(o.call, call)), None)
        if then:
            yield CODE.at(
                placed.span,
                f"where {shown(call.text)} fails, {shown(then.call.text)} is done elsewhere",
                hint=f"{shown(call.text + ' && …')}, or `set -e` first",
            )


def _goes_on(placed: PlacedCall) -> bool:
    """Whether the shell goes on where a `cd` fails."""
    call = placed.call
    if call.tested == "&&" or len(call.words) < 2:
        return False
    if call.tested == "||":
        return not (call.otherwise and call.otherwise[0].rpartition("/")[2] in _STOPS)
    if call.tested or not _is_nested(call):
        return False
    if any(re.fullmatch(_EXITING, word.text) for wrapper in call.wrappers for word in wrapper[1:]):
        return False
    return not any(
        other.call.program == "set"
        and any(re.fullmatch(_EXITING, word.text) for word in other.call.words[1:])
        and other.call.where == call.where
        and other.call.start < call.start
        for other in near(placed)
    )


def _is_nested(call: Call) -> bool:
    """Whether it stands in a text of another shell, where a failure does not end the step."""
    return bool(call.where) or any(w[0].text.rpartition("/")[2] in SHELLS for w in call.wrappers)


def _is_behind(other: Call, call: Call) -> bool:
    return (
        other.start > call.start
        and other.where == call.where
        and len(other.wrappers) >= len(call.wrappers)
        and (other.program in _CHANGING or other.words[0].text.startswith("./"))
        and not (other.words[1:] and all(w.text.startswith(("/", "-")) for w in other.words[1:]))
    )
