"""`pkill -f` also meets the shell that runs it, as its pattern stands in that shell's command line.

## Why

What `ssh host '…'` and `sh -c '…'` run is an argument of a shell there, and `-f` compares whole
command lines. The shell is killed before it comes to the next command: the old process is gone,
the new one never started, and ssh says nothing but that the session has ended. A `pgrep -f` finds
that shell for the same reason, and so finds something always.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step swap "Swap" {
    timeout 1m
    run `ssh -n -o BatchMode=yes -o ConnectTimeout=5 web1 'pkill -f shop; /srv/start shop'`
    expect `./served.sh 3.1`
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step swap "Swap" {
    timeout 1m
    run `ssh -n -o BatchMode=yes -o ConnectTimeout=5 web1 'pkill -x shop; /srv/start shop'`
    expect `./served.sh 3.1`
  }
}
```

`pkill -x NAME` compares the name of the program alone, and `kill "$(cat shop.pid)"` nothing at all.
`pkill -f '[s]hop'` helps only where the name does not stand elsewhere in the text. A script by way
of a here-document does not stand in a command line.

## How it can be fooled

By shells that replace themselves by the last command, for which it is right where that is the
`pkill`: a text that is this one command is spared. With `-u`, `-P`, `-x` or `--ignore-ancestors`
the shell is most likely not met.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import near, shown
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall, Role

CODE = Code("RB972", "own-shell-killed", Severity.ERROR)

_NARROWED = ("u", "U", "euid", "uid", "P", "parent", "g", "pgroup", "x", "exact", "t", "terminal")
_SHELL = "bash -c "
_LONGEST = 2_000
"""Characters of a pattern that is tried; nobody writes as many."""
PROGRAMS = ("pkill", "pgrep")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call."""
    for program in PROGRAMS:
        for placed in context.calls_by_program.get(program, ()):
            if placed.place.role is Role.QUERY or not _compares_all(placed.call):
                continue
            text = _text_around(placed)
            if text and _meets(placed, text):
                yield _report(placed)


def _compares_all(call: Call) -> bool:
    texts = [word.text for word in call.words[1:]]
    letters = [t for t in texts if re.match(r"-(?:\d+)?[a-z]+\Z", t)]
    if "--full" not in texts and not any("f" in t for t in letters):
        return False
    if "-A" in texts or "--ignore-ancestors" in texts or any("x" in t for t in letters):
        return False
    return not any(name in _NARROWED for name, _ in call.options) and not any(
        "u" in t for t in letters
    )


def _text_around(placed: PlacedCall) -> str:
    """The text of a shell that a call stands in, with more in it than this; else nothing."""
    call = placed.call
    if not call.where and not call.wrappers:
        return ""
    for other in near(placed):
        for word in other.call.words[1:]:
            if other.call.start < call.start and word.start < call.start and call.end <= word.end:
                return word.text if word.quoted and _is_more(word.text, call) else ""
    for words in reversed(call.wrappers):
        for word in words[1:]:
            if word.quoted and word.start < call.start and call.end <= word.end:
                return word.text if _is_more(word.text, call) else ""
    return ""


def _is_more(text: str, call: Call) -> bool:
    """Whether the shell stays there while the call runs."""
    return re.search(r"[;&|\n$(]", text.strip().rstrip(";").replace(call.text, "")) is not None


def _meets(placed: PlacedCall, text: str) -> bool:
    """Whether the pattern meets the command line of the shell around it."""
    operands = placed.call.operands
    pattern = operands[-1] if operands else ""
    if not pattern or len(pattern) > _LONGEST:
        return False
    if "$" in pattern.rstrip("$"):
        return pattern in text  # whatever the value, it is the same in both places
    try:
        return re.search(pattern, _SHELL + text) is not None
    except re.error:
        return False


def _report(placed: PlacedCall) -> Diagnostic:
    call = placed.call
    pattern = call.operands[-1]
    where = f" of `{call.where[-1]}`" if call.where else ""
    kills = call.program == "pkill" or "xargs" in call.pipe or call.holder == "word"
    fact = "kills" if call.program == "pkill" else "finds"
    return CODE.at(
        placed.span,
        f"{shown(call.text)} {fact} its own shell{where} too: `{pattern}` stands in the command "
        "line of that shell",
        hint="`pkill -x NAME` compares the program's name alone; or kill by the number in a file",
        severity=CODE.severity if kills else Severity.WARNING,
    )
