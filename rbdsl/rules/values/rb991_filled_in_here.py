"""What asks for the host itself is filled in here, before the host has got to see it.

## Why

In double quotes, and in a here-document whose end is not quoted, the shell that runs the rollback
fills in `$(hostname)` and `$HOME` itself: every host gets the name, the folder and the process
number of the runner. The file that is meant for it is not found, or the wrong process is killed.

## Bad

```rbplan
phase files "Files" {
  budget 3m
  step file "Its own file" {
    timeout 30s
    run ```
      ssh -o BatchMode=yes -o ConnectTimeout=5 res-1 bash -s <<REMOTE
      set -euo pipefail
      cp "/srv/share/before/$(hostname -s).conf" /etc/unbound/unbound.conf
      REMOTE
    ```
    expect `./check.sh`
  }
}
```

## Good

```rbplan
phase files "Files" {
  budget 3m
  step file "Its own file" {
    timeout 30s
    run ```
      ssh -o BatchMode=yes -o ConnectTimeout=5 res-1 bash -s <<'REMOTE'
      set -euo pipefail
      cp "/srv/share/before/$(hostname -s).conf" /etc/unbound/unbound.conf
      REMOTE
    ```
    expect `./check.sh`
  }
}
```

A backslash before the dollar (`\\$(hostname -s)`) leaves it to the host, where other values are to
be filled in here.

## How it can be fooled

Known are commands and variables whose answer is another one on each machine: `hostname`, `uname`,
`pidof`, `docker ps`, what is read from `/run` and `/proc`, `$HOME`, `$HOSTNAME`, `$USER`. Those
that are only said (`echo`, `logger`) are left alone. A runner that has the same user and folders as
the host gets away with it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from rbdsl.analysis.call_walk import in_characters
from rbdsl.analysis.calls import Call
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.acting import shown
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall, Role

CODE = Code("RB991", "filled-in-here", Severity.WARNING)

_OWN = frozenset(["hostname", "uname", "whoami", "nproc", "pidof", "pgrep", "hostnamectl", "id"])
_CONTAINERS = ("docker", "podman", "crictl")
_OWN_FILES = lazy_pattern(r"/(?:var/)?run/|/proc/|/sys/|/etc/(?:hostname|machine-id|os-release)")
_NAMES = frozenset([b"HOME", b"HOSTNAME", b"USER", b"LOGNAME"])
_WORTH = lazy_pattern(r"\$\(|`|\$\{?(?:HOME|HOSTNAME|USER|LOGNAME)\b")
_NEAR = 100
_SAYING = frozenset(["echo", "printf", "logger", "wall", "log"])


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such substitution or variable."""
    for place in context.places:
        if place.role is Role.QUERY or not _WORTH.search(place.shell.text):
            continue
        there = sorted((p for p in place.calls if p.call.where), key=lambda p: p.call.start)
        if there:
            yield from _substitutions(place, there)
            yield from _variables(place, there)


def _substitutions(place: Place, there: list[PlacedCall]) -> Iterator[Diagnostic]:
    """Commands that run here although they stand in the text for a host."""
    meant = {placed.call.start for placed in there}
    for placed in place.calls:
        call = placed.call
        if call.where or not call.substituted or call.start not in meant or not _asks_itself(call):
            continue
        if not _is_only_said(call.start, there):
            yield _report(placed, f"$({call.text})")


def _asks_itself(call: Call) -> bool:
    """Whether its answer is another one on each machine."""
    if call.program in _OWN:
        return True
    if call.program in _CONTAINERS:
        return "ps" in call.operands[:2]
    return call.program == "cat" and any(_OWN_FILES.match(word) for word in call.operands)


def _variables(place: Place, there: list[PlacedCall]) -> Iterator[Diagnostic]:
    """Variables of the runner in the text for a host."""
    from rbdsl.analysis.shell import parsed
    from rbdsl.analysis.shell_grammar import walk

    text = place.shell.text
    if not any(name.decode() in text for name in _NAMES):
        return
    characters = in_characters(text)
    for node in walk(parsed(text)):
        if node.type != "variable_name" or node.text not in _NAMES:
            continue
        if node.parent is None or node.parent.type not in ("simple_expansion", "expansion"):
            continue
        start = characters(node.parent.start_byte)
        around = _around(start, there)
        if around and not _is_only_said(start, there):
            yield CODE.at(
                place.span(start, characters(node.parent.end_byte)),
                f"`${(node.text or b'').decode()}` is filled in here, with that of the runner: "
                f"{shown(around[-1].call.where[-1])} does not get to see it",
                hint="write a backslash before the dollar, or quote the end of the here-document",
            )


def _is_only_said(start: int, there: list[PlacedCall]) -> bool:
    """Whether it is part of a message, where that of the runner may be meant."""
    return any(p.call.program in _SAYING and p.call.start < start for p in _around(start, there))


def _around(start: int, there: list[PlacedCall]) -> list[PlacedCall]:
    """The calls on hosts that a place lies in: of the last ones that begin before it."""
    at = bisect_right(there, start, key=lambda placed: placed.call.start)
    return [p for p in there[max(0, at - _NEAR) : at] if start < p.call.end]


def _report(placed: PlacedCall, text: str) -> Diagnostic:
    return CODE.at(
        placed.span,
        f"{shown(text)} is filled in here, with the answer of the runner, and not on the host",
        hint="write a backslash before the dollar, or quote the end of the here-document",
    )
