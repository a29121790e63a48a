"""Several commands for another shell, which goes on where one of them fails.

## Why

The shell of a step ends at its first failure. One that is given a text, on a host, in a container
or by `bash -c`, does not: its status is that of the last command. `cd /srv/shop; git checkout
v3.1.4; systemctl restart shop` restarts the service and succeeds, also where nothing was checked
out.

## Bad

```rbplan
phase back "Back" {
  budget 3m
  step swap "Swap" {
    run    `ssh -o BatchMode=yes web1 'cd /srv/shop; git checkout v3.1.4; systemctl restart shop'`
    expect `ssh -o BatchMode=yes web1 systemctl is-active shop`
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 3m
  step swap "Swap" {
    run ```
      ssh -o BatchMode=yes web1 <<'EOF'
      set -e
      cd /srv/shop
      git checkout -q v3.1.4
      systemctl restart shop
      EOF
    ```
    expect `ssh -o BatchMode=yes web1 systemctl is-active shop`
  }
}
```

`a && b && c` ends at the first failure, too.

## How it can be fooled

Sure where a text acts and has neither `set -e` nor `&&` before its last command. Commands that
only look (`ls`, `df`, `date`) count for nothing, and a folder that may not be there (`cd`) is the
business of RB860. A program that fails on purpose is better marked
by `||`, and one that is asked (`ready && break`) is left alone, and so is one whose status is kept
for later (`rc=$?`), and what cleans up before an `exit 1`. Where the output is compared,
only what changes something counts. PowerShell, which has another way with errors, is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall
from rbdsl.rules.silence.answers import leaves, matched
from rbdsl.rules.silence.changes import changes

CODE = Code("RB844", "text-goes-on", Severity.WARNING)

_HARMLESS = frozenset(
    """
    cd
    echo printf date sleep ls df du ps free uptime whoami hostname id uname env set export true : rm
    kill pkill killall mkdir exit return trap logger cat head tail wc wait read source . local test
    [ if break continue declare shopt umask unset pwd clear tput
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_WINDOWS = r"[A-Z][a-z]+-[A-Z]\w+\Z|[A-Z]:\w|(?i:\w+\.exe)\Z"
"""`Stop-Service`, `D:\\Share` without its backslashes: PowerShell has them run."""


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such text: at its first command that is passed over."""
    for place in context.places:
        yield from _in(place)


def _in(place: Place) -> Iterator[Diagnostic]:
    reported: set[int] = set()
    compared = matched(place)  # what a command should have said is missed there
    for placed in place.calls:
        call = placed.call
        strictness = call.strictness
        if strictness.errexit or strictness.last or strictness.of < 0:
            continue
        if strictness.kept or strictness.doomed:
            continue
        text = strictness.of
        if text in reported or call.substituted or not _counts(call):
            continue
        if (compared and not changes(call)) or (call.tested == "&&" and leaves(placed)):
            continue
        reported.add(text)
        yield _report(placed)


def _counts(call: Call) -> bool:
    """Whether a failure of the call would be one that has to end the text."""
    if call.otherwise or call.tested in ("if", "while", "!", "||") or call.background:
        return False
    if call.stage + 1 < len(call.pipe):
        return False  # RB843
    if any(re.match(_WINDOWS, text) for text in (call.program, *call.operands)):
        return False
    return changes(call) or bool(call.program and call.program not in _HARMLESS)


def _report(placed: PlacedCall) -> Diagnostic:
    program = placed.call.program
    where = placed.call.where
    there = f"the shell of `{where[-1]}`" if where else "this shell"
    return CODE.at(
        placed.span,
        f"a failure of `{program}` goes unnoticed: {there} goes on, and ends with the status of "
        "its last command",
        hint="begin the text with `set -e`, or join its commands by `&&`",
    )
